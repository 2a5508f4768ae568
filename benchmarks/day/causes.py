"""When what alerts tell of happened, seen from outside: rows as they appear in the records, kills and requests as made.

A row is taken to have appeared when it was last known not to be there, so that no wait is told shorter than it was.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.day.watching import Came

GLANCE_SECONDS = 0.1
# What a kill or a request causes is told within so long, or it is about something else.
LONGEST_SECONDS = 30.0
ROW, KILL, REQUEST, POSTING = "its row in the record", "the kill", "the request", "its posting"
_KILLED = {
    "the schedule has stopped": "schedule",
    "the schedule ended": "schedule",
    "the exchange ended": "exchange",
    "the console ended": "console",
    "the guard cannot see the venue": "exchange",
}
# Which row of the audit log each kind of alert tells of.
_ROWS = {"refused": ("verdict",), "model": ("abstention", "error")}
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Something that happened at `at` (monotonic): `key` is what the alert about it can be known by."""

    at: float
    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """How long an alert took, and from what on it was measured."""

    kind: str
    since: str
    seconds: float
    title: str


class Causes:
    """Notes causes until it is closed: those it is told, and those it sees in the desk's own records."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the profile's."""
        self._audit = folder / "audit.sqlite"
        self._runs = folder.with_name(f".{folder.name}.schedule.sqlite")
        self.noted: list[Cause] = []
        self._over = threading.Event()
        self._seen: set[tuple[str, ...]] = set()
        self._row = 0
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join(timeout=10)

    def note(self, *key: str) -> None:
        """Something is done now."""
        self.noted.append(Cause(at=time.monotonic(), key=key))

    def _look(self) -> None:
        looked = dict.fromkeys((self._rows, self._ends), time.monotonic())
        while not self._over.is_set():
            for look, before in looked.items():
                now = time.monotonic()
                seen = look()
                if seen is not None:
                    self.noted += [Cause(at=before, key=key) for key in seen]
                    looked[look] = now
            self._over.wait(GLANCE_SECONDS)

    def _rows(self) -> list[Key] | None:
        query = "SELECT seq, decision_id, kind, agent FROM rows WHERE seq > ? ORDER BY seq"
        rows = _asked(self._audit, query, self._row)
        if not rows:
            return rows
        self._row = int(rows[-1][0])
        return [row_key(str(decision_id), str(kind), str(agent)) for _, decision_id, kind, agent in rows]

    def _ends(self) -> list[Key] | None:
        ended = _asked(self._runs, "SELECT job, slot, outcome FROM runs WHERE outcome <> 'running'")
        if ended is None:
            return None
        fresh = [one for one in ended if one not in self._seen]
        self._seen.update(fresh)
        return [run_key(str(job), int(slot)) for job, slot, _ in fresh]


def row_key(decision_id: str, kind: str, agent: str = "") -> Key:
    """What a row of the audit log is known by; of abstentions, a decision may have one of each agent."""
    return ("row", decision_id, kind, agent if kind == "abstention" else "")


def run_key(job: str, slot: int) -> Key:
    """What a run of the timetable is known by: its job and the time of its slot, as alerts name them."""
    hour, minute = divmod(slot // 60_000 % 1440, 60)
    return ("run", f"{job} of {hour:02d}:{minute:02d} UTC")


def waits(causes: Sequence[Cause], came: Sequence[Came]) -> list[Waited]:
    """Every alert with the time since what it tells of; where only the desk saw that, the time since it was posted."""
    known: dict[Key, list[float]] = defaultdict(list)
    for cause in sorted(causes, key=lambda one: one.at):
        known[cause.key].append(cause.at)
    return [_waited(alert, known) for alert in sorted(came, key=lambda one: one.at)]


def _waited(alert: Came, known: dict[Key, list[float]]) -> Waited:
    since, keys = _cause_of(alert)
    for key in keys:
        times = [at for at in known[key] if at <= alert.at]
        if times and since == ROW:
            # One row is told once: the next alert of the same decision tells of its next row.
            known[key].remove(times[0])
            return Waited(kind=alert.kind, since=since, seconds=alert.at - times[0], title=alert.title)
        if times and alert.at - times[-1] <= LONGEST_SECONDS:
            return Waited(kind=alert.kind, since=since, seconds=alert.at - times[-1], title=alert.title)
    return Waited(kind=alert.kind, since=POSTING, seconds=alert.waited, title=alert.title)


def _cause_of(alert: Came) -> tuple[str, list[Key]]:
    """From what on an alert is measured, and the keys its cause may have."""
    if alert.kind in ("signal", "order", "trade"):
        return ROW, [row_key(str(alert.data["decision_id"]), str(alert.data["event"]))]
    if alert.kind in _ROWS:
        decision_id, agent = alert.text.rpartition("\n")[2], alert.title.partition(" abstained")[0]
        return ROW, [row_key(decision_id, kind, agent) for kind in _ROWS[alert.kind]]
    if alert.kind == "trip" and "tripped: manual" in alert.title:
        return REQUEST, [("halt",)]
    for words, name in _KILLED.items():
        if words in alert.title:
            return KILL, [("killed", name)]
    if alert.kind == "schedule" and " UTC " in alert.title:
        return ROW, [("run", alert.title.partition(": ")[2].rpartition(" UTC ")[0] + " UTC")]
    return POSTING, []


def _asked(file: Path, query: str, *values: object) -> list[tuple[Any, ...]] | None:
    """Rows of a database that another process writes; None while it is not there or busy."""
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=0.2)) as connection:
            return connection.execute(query, values).fetchall()
    except sqlite3.Error:
        return None
