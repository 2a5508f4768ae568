"""Where alerts are kept from the moment they are posted until every channel has had them, over kills and restarts.

Posting is one durable step of a local file, and nobody waits for a network. A delivery is written down after it
happened, so a kill in between sends an alert twice rather than never.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from desk.alerts.values import TRAFFIC, Alert, Delivery, Kind, Level, Posted, Way
from desk.domain.moments import from_ms, to_ms
from desk.drawer import Drawer
from desk.ports import Clock

_TABLES = """
CREATE TABLE IF NOT EXISTS alerts (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, level TEXT NOT NULL,
    title TEXT NOT NULL, text TEXT NOT NULL, count INTEGER NOT NULL DEFAULT 1, last INTEGER NOT NULL,
    acked INTEGER, by TEXT NOT NULL DEFAULT '', acted TEXT NOT NULL DEFAULT '',
    spread INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX IF NOT EXISTS alerts_new ON alerts (id) WHERE spread = 0;
CREATE INDEX IF NOT EXISTS alerts_alike ON alerts (kind, key, level, last);
CREATE TABLE IF NOT EXISTS deliveries (
    alert INTEGER NOT NULL, channel TEXT NOT NULL, way TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
    due INTEGER NOT NULL, sent INTEGER, trouble TEXT NOT NULL DEFAULT '', PRIMARY KEY (alert, channel)) STRICT;
CREATE TABLE IF NOT EXISTS facts (alert INTEGER PRIMARY KEY, told TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (channel, way, due);
"""
_ALERT = "a.id, a.at, a.kind, a.key, a.level, a.title, a.text, a.count, a.last, a.acked, a.by, a.acted, f.told"
_DELIVERY = f"{_ALERT}, d.channel, d.way, d.tries, d.due, d.sent, d.trouble"
_WAITS = "a.level = 'CRITICAL' AND a.acked IS NULL"
_TOLD = "alerts a LEFT JOIN facts f ON f.alert = a.id"
_JOINED = f"{_TOLD} JOIN deliveries d ON d.alert = a.id"
_TITLE_CHARS, _TEXT_CHARS, _TROUBLE_CHARS = 200, 3000, 300


class Outbox:
    """The file, opened. Thread-safe, and safe beside other processes; close it after use."""

    def __init__(
        self, path: Path, clock: Clock, *, repeat: timedelta = timedelta(minutes=10), cover: Callable[[str], str] = str
    ) -> None:
        """Open or make it. `cover` hides secrets in every text. Raises PrerequisiteError when it cannot be kept."""
        self._drawer, self._clock, self._repeat = Drawer(path, _TABLES), clock, repeat
        self._cover = cover

    def close(self) -> None:
        """Close the file."""
        self._drawer.close()

    def post(self, alert: Alert) -> int:
        """Keep an alert and return its number; a repetition is counted with the first. Raises UnwritableError."""
        if alert.once and (known := self._known(alert)) is not None:
            return known
        now = to_ms(self._clock.now())
        title, text = self._cover(alert.title)[:_TITLE_CHARS], self._cover(alert.text)[:_TEXT_CHARS]
        with self._drawer.writing() as step:
            # Counted from the first time: what goes on and on is told again, once in each span of so long. And what is
            # critical is no repetition of one that somebody has seen: it waits for somebody anew.
            alike = step.execute(
                "SELECT id FROM alerts WHERE kind = ? AND key = ? AND level = ? AND at > ? "
                "AND (level <> 'CRITICAL' OR acked IS NULL) ORDER BY id DESC LIMIT 1",
                (alert.kind.value, alert.key, alert.level.value, now - self._repeat // timedelta(milliseconds=1)),
            ).fetchone()
            if alike is not None and alert.key:
                step.execute("UPDATE alerts SET count = count + 1, last = ? WHERE id = ?", (now, alike[0]))
                return int(alike[0])
            made = step.execute(
                "INSERT INTO alerts (at, kind, key, level, title, text, last) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (now, alert.kind.value, alert.key, alert.level.value, title, text, now),
            )
            number = int(made.lastrowid or 0)
            if alert.data:
                told = self._cover(json.dumps(dict(alert.data), ensure_ascii=False))
                step.execute("INSERT INTO facts (alert, told) VALUES (?, ?)", (number, told))
            return number

    def mark(self, name: str) -> int | None:
        """How far a reader of another record has come, or None before it began."""
        found = self._drawer.row("SELECT value FROM marks WHERE name = ?", name)
        return None if found is None else int(found[0])

    def set_mark(self, name: str, value: int) -> None:
        """Remember how far a reader has come. Raises UnwritableError."""
        with self._drawer.writing() as step:
            step.execute("INSERT OR REPLACE INTO marks VALUES (?, ?)", (name, value))

    def spread(self, channels: Mapping[str, tuple[Level, frozenset[Kind]]]) -> int:
        """Queue every new alert on each channel that carries it; how many alerts were new."""
        # Looked at several times a second: what is read alone waits for no writer and syncs nothing.
        if self._drawer.row("SELECT 1 FROM alerts WHERE spread = 0") is None:
            return 0
        now = to_ms(self._clock.now())
        with self._drawer.writing() as step:
            fresh = step.execute("SELECT id, kind, level FROM alerts WHERE spread = 0 ORDER BY id").fetchall()
            for number, kind, level in fresh:
                for name, (least, kinds) in channels.items():
                    if Level(level).rank >= least.rank and _among(Kind(kind), kinds):
                        _queue(step, number, name, now)
                step.execute("UPDATE alerts SET spread = 1 WHERE id = ?", (number,))
        return len(fresh)

    def next(self, channel: str) -> Delivery | None:
        """What is due on this channel now: the loudest first, then the oldest."""
        loud = "CASE a.level WHEN 'CRITICAL' THEN 0 WHEN 'WARNING' THEN 1 ELSE 2 END"
        found = self._deliveries(
            f"d.channel = ? AND d.way = 'queued' AND d.due <= ? ORDER BY {loud}, a.id LIMIT 1",
            channel,
            to_ms(self._clock.now()),
        )
        return next(iter(found), None)

    def held(self, channel: str) -> tuple[Delivery, ...]:
        """What waits for this channel's digest, oldest first."""
        return self._deliveries("d.channel = ? AND d.way = 'held' ORDER BY a.id", channel)

    def deliveries(self, number: int) -> tuple[Delivery, ...]:
        """How far an alert has come on each of its channels."""
        return self._deliveries("a.id = ? ORDER BY d.channel", number)

    def sent_since(self, channel: str, since: datetime) -> int:
        """How many messages went along a channel since then, each digest counted once."""
        query = "SELECT count(DISTINCT CASE way WHEN 'digested' THEN -sent ELSE alert END) FROM deliveries"
        found = self._drawer.row(f"{query} WHERE channel = ? AND sent > ?", channel, to_ms(since))
        return int(found[0]) if found else 0

    def last_digest(self, channel: str) -> datetime | None:
        """When this channel's last digest was sent, or None."""
        found = self._drawer.row("SELECT max(sent) FROM deliveries WHERE channel = ? AND way = 'digested'", channel)
        return from_ms(found[0]) if found and found[0] is not None else None

    def settle(self, delivery: Delivery, way: Way, *, due: datetime | None = None, trouble: str = "") -> None:
        """Write down what became of a delivery; a `due` moment and a `trouble` are those of a failed try."""
        now = self._clock.now()
        gone = to_ms(now) if way in (Way.SENT, Way.DIGESTED) else None
        with self._drawer.writing() as step:
            step.execute(
                "UPDATE deliveries SET way = ?, tries = tries + ?, due = ?, sent = ?, trouble = ? "
                "WHERE alert = ? AND channel = ?",
                (
                    way.value,
                    int(way is not Way.HELD),
                    to_ms(due or delivery.due),
                    gone,
                    self._cover(trouble)[:_TROUBLE_CHARS],
                    delivery.posted.number,
                    delivery.channel,
                ),
            )

    def alerts(
        self,
        *,
        limit: int = 50,
        offset: int = 0,
        waiting: bool = False,
        level: Level | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[Posted, ...]:
        """The newest alerts, newest first, `since` included and `until` not; only those that wait, if asked."""
        return self._alerts(
            f"({_WAITS} OR NOT ?) AND a.level = coalesce(?, a.level) AND a.at >= coalesce(?, a.at) "
            "AND (? IS NULL OR a.at < ?) ORDER BY a.id DESC LIMIT ? OFFSET ?",
            waiting,
            None if level is None else level.value,
            None if since is None else to_ms(since),
            *(2 * (None if until is None else to_ms(until),)),
            limit,
            offset,
        )

    def ways(self, numbers: Sequence[int]) -> Mapping[int, Mapping[str, Way]]:
        """How far each of these alerts has come, by channel."""
        found: dict[int, dict[str, Way]] = {number: {} for number in numbers}
        query = "SELECT alert, channel, way FROM deliveries WHERE alert BETWEEN ? AND ? ORDER BY alert, channel"
        for number, channel, way in self._drawer.rows(query, min(numbers, default=0), max(numbers, default=0)):
            if number in found:
                found[number][channel] = Way(way)
        return found

    def acknowledge(self, number: int | None, by: str) -> int:
        """Say that somebody has seen an alert, or all that wait; how many were not yet acknowledged."""
        with self._drawer.writing() as step:
            found = step.execute(
                "UPDATE alerts SET acked = ?, by = ? WHERE acked IS NULL AND (id = ? OR (? AND level = 'CRITICAL'))",
                (to_ms(self._clock.now()), by[:80], number, number is None),
            )
            return found.rowcount

    def unread(self, after: timedelta) -> tuple[Posted, ...]:
        """Critical alerts that nobody acknowledged in this time and nobody acted on, oldest first."""
        before = to_ms(self._clock.now() - after)
        return self._alerts(f"{_WAITS} AND a.acted = '' AND a.at <= ? ORDER BY a.id", before)

    def acted(self, number: int, what: str) -> None:
        """Write down what was done because nobody acknowledged an alert."""
        with self._drawer.writing() as step:
            step.execute("UPDATE alerts SET acted = ? WHERE id = ?", (self._cover(what)[:_TROUBLE_CHARS], number))

    def troubles(self) -> Mapping[str, tuple[int, int, str]]:
        """By channel: how many wait, how many were given up, and what went wrong last."""
        rows = self._drawer.rows(
            "SELECT channel, sum(way IN ('queued', 'held')), sum(way = 'dead'), "
            "coalesce((SELECT trouble FROM deliveries t WHERE t.channel = d.channel AND t.trouble <> '' "
            "ORDER BY t.alert DESC LIMIT 1), '') FROM deliveries d GROUP BY channel"
        )
        return {str(name): (int(waiting), int(dead), str(trouble)) for name, waiting, dead, trouble in rows}

    def _known(self, alert: Alert) -> int | None:
        found = self._drawer.row("SELECT id FROM alerts WHERE kind = ? AND key = ?", alert.kind.value, alert.key)
        return None if found is None else int(found[0])

    def _alerts(self, where: str, *values: object) -> tuple[Posted, ...]:
        rows = self._drawer.rows(f"SELECT {_ALERT} FROM {_TOLD} WHERE {where}", *values)  # noqa: S608  our own words
        return tuple(_posted(row) for row in rows)

    def _deliveries(self, where: str, *values: object) -> tuple[Delivery, ...]:
        rows = self._drawer.rows(f"SELECT {_DELIVERY} FROM {_JOINED} WHERE {where}", *values)  # noqa: S608  our own
        return tuple(_delivery(row) for row in rows)


def _among(kind: Kind, kinds: frozenset[Kind]) -> bool:
    """Whether a channel of these kinds carries this one; none means all but the traffic."""
    return kind in kinds if kinds else kind not in TRAFFIC


def _queue(step: sqlite3.Connection, number: int, channel: str, now: int) -> None:
    step.execute(
        "INSERT OR IGNORE INTO deliveries (alert, channel, way, due) VALUES (?, ?, 'queued', ?)", (number, channel, now)
    )


def _posted(row: Sequence[Any]) -> Posted:
    number, at, kind, key, level, title, text, count, last, acked, by, acted, told = row[:13]
    return Posted(
        number=number,
        at=from_ms(at),
        alert=Alert(
            kind=Kind(kind), level=Level(level), title=title, text=text, key=key, data=json.loads(told or "{}")
        ),
        count=count,
        last=from_ms(last),
        acknowledged=None if acked is None else from_ms(acked),
        by=by,
        acted=acted,
    )


def _delivery(row: Sequence[Any]) -> Delivery:
    channel, way, tries, due, sent, trouble = row[13:]
    return Delivery(
        posted=_posted(row),
        channel=channel,
        way=Way(way),
        tries=tries,
        due=from_ms(due),
        sent=None if sent is None else from_ms(sent),
        trouble=trouble,
    )
