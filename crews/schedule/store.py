"""What the schedule remembers: how far each job was dealt with, every run before it began and after it ended, pauses.

A slot is claimed in one durable step that also moves the job's frontier past it; at or before its frontier nothing is
ever claimed. So a schedule that was killed at any moment starts no slot a second time, nor do two on one file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from desk.domain.moments import from_ms, to_ms
from desk.drawer import Drawer

_TABLES = """
CREATE TABLE IF NOT EXISTS jobs (
    name TEXT PRIMARY KEY, timetable TEXT NOT NULL, frontier INTEGER NOT NULL,
    paused INTEGER, reason TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY, job TEXT NOT NULL, slot INTEGER NOT NULL, began INTEGER NOT NULL, ended INTEGER,
    outcome TEXT NOT NULL, note TEXT NOT NULL DEFAULT '', UNIQUE (job, slot)) STRICT;
CREATE INDEX IF NOT EXISTS runs_by_time ON runs (began);
"""
_RUN = "id, job, slot, began, ended, outcome, note"


class Outcome(StrEnum):
    """How a run ended. `missed` never began; of `interrupted` nobody knows how it would have."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    MISSED = "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One slot of one job, claimed. Times aware UTC by the schedule's clock."""

    number: int
    job: str
    slot: datetime
    began: datetime
    ended: datetime | None
    outcome: Outcome
    note: str

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs."""
        return None if self.ended is None else (self.ended - self.began).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A job as the store knows it: dealt with up to `frontier`; since when and why it pauses, if it does."""

    name: str
    frontier: datetime
    paused: datetime | None
    reason: str


class ScheduleStore:
    """The file, opened. Raises PrerequisiteError, UnwritableError or JournalError; close it after use."""

    def __init__(self, path: Path) -> None:
        self._drawer = Drawer(path, _TABLES)

    def close(self) -> None:
        """Close the file."""
        self._drawer.close()

    def know(self, job: str, timetable: str, now: datetime) -> None:
        """Take up a job; a new one, or one with another timetable, owes nothing from before now."""
        with self._drawer.writing() as step:
            found = step.execute("SELECT timetable FROM jobs WHERE name = ?", (job,)).fetchone()
            if found is None:
                step.execute("INSERT INTO jobs VALUES (?, ?, ?, NULL, '')", (job, timetable, to_ms(now)))
            elif found[0] != timetable:
                step.execute(
                    "UPDATE jobs SET timetable = ?, frontier = max(frontier, ?) WHERE name = ?",
                    (timetable, to_ms(now), job),
                )

    def standing(self, job: str) -> Standing | None:
        """How a job stands, or None for one that was never known."""
        found = self._drawer.row("SELECT name, frontier, paused, reason FROM jobs WHERE name = ?", job)
        return None if found is None else _standing(found)

    def standings(self) -> tuple[Standing, ...]:
        """Every job that was ever known, by name."""
        rows = self._drawer.rows("SELECT name, frontier, paused, reason FROM jobs ORDER BY name")
        return tuple(_standing(row) for row in rows)

    def claim(self, job: str, slot: datetime, now: datetime, note: str = "") -> Run | None:
        """Claim a slot for a run that begins now; None when it was dealt with, or the job pauses."""
        return self._settle(job, slot, now, Outcome.RUNNING, note)

    def miss(self, job: str, slot: datetime, now: datetime, note: str) -> Run | None:
        """Write down that a slot will not run; None when it was dealt with."""
        return self._settle(job, slot, now, Outcome.MISSED, note)

    def end(self, run: Run, outcome: Outcome, now: datetime, note: str = "") -> None:
        """Write down how a run ended; one whose end is known stays as it is."""
        told = "; ".join(part for part in (run.note, note) if part)
        with self._drawer.writing() as step:
            step.execute(
                "UPDATE runs SET ended = ?, outcome = ?, note = ? WHERE id = ? AND outcome = ?",
                (to_ms(now), outcome.value, told, run.number, Outcome.RUNNING.value),
            )

    def running(self) -> tuple[Run, ...]:
        """Runs that began and whose end nobody has written, oldest first."""
        return self._runs("WHERE outcome = ? ORDER BY id", Outcome.RUNNING.value)

    def history(self, *, job: str = "", limit: int = 50) -> tuple[Run, ...]:
        """The newest runs, newest first; of a job and of its symbols, if one is named."""
        return self._runs(
            "WHERE ? = '' OR job = ? OR job LIKE ? || '@%' ORDER BY id DESC LIMIT ?", job, job, job, limit
        )

    def pause(self, job: str, reason: str, now: datetime) -> bool:
        """Let a job pause; False when it does already, or is not known."""
        with self._drawer.writing() as step:
            done = step.execute(
                "UPDATE jobs SET paused = ?, reason = ? WHERE name = ? AND paused IS NULL", (to_ms(now), reason, job)
            )
            return bool(done.rowcount)

    def resume(self, job: str, now: datetime) -> bool:
        """Let a job go on; what passed meanwhile is not made up for. False when it did not pause."""
        with self._drawer.writing() as step:
            done = step.execute(
                "UPDATE jobs SET paused = NULL, reason = '', frontier = max(frontier, ?) "
                "WHERE name = ? AND paused IS NOT NULL",
                (to_ms(now), job),
            )
            return bool(done.rowcount)

    def _settle(self, job: str, slot: datetime, now: datetime, outcome: Outcome, note: str) -> Run | None:
        with self._drawer.writing() as step:
            moved = step.execute(
                "UPDATE jobs SET frontier = ? WHERE name = ? AND frontier < ? AND paused IS NULL",
                (to_ms(slot), job, to_ms(slot)),
            )
            if not moved.rowcount:
                return None
            ended = None if outcome is Outcome.RUNNING else to_ms(now)
            made = step.execute(
                "INSERT INTO runs (job, slot, began, ended, outcome, note) VALUES (?, ?, ?, ?, ?, ?)",
                (job, to_ms(slot), to_ms(now), ended, outcome.value, note),
            )
            number = int(made.lastrowid or 0)
        return _run((number, job, to_ms(slot), to_ms(now), ended, outcome.value, note))

    def _runs(self, where: str, *values: object) -> tuple[Run, ...]:
        return tuple(_run(row) for row in self._drawer.rows(f"SELECT {_RUN} FROM runs {where}", *values))  # noqa: S608


def _run(row: Sequence[Any]) -> Run:
    number, job, slot, began, ended, outcome, note = row
    return Run(
        number=number,
        job=job,
        slot=from_ms(slot),
        began=from_ms(began),
        ended=None if ended is None else from_ms(ended),
        outcome=Outcome(outcome),
        note=note,
    )


def _standing(row: Sequence[Any]) -> Standing:
    name, frontier, paused, reason = row
    return Standing(
        name=name, frontier=from_ms(frontier), paused=None if paused is None else from_ms(paused), reason=reason
    )
