"""The machine as a person should hear of it: a disk that fills, a database that is gone, a schedule that stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from desk.alerts import Alert, Kind, Level
from desk.domain.errors import DeskError

_MB = 1_000_000
# A schedule renews its sign of life twice a second.
STOPPED_SECONDS = 3.0


class DiskWatch:
    """Tells each time that free space falls below one of two bounds, in megabytes."""

    def __init__(self, free: Callable[[], int], *, warning_mb: int, critical_mb: int) -> None:
        self._free, self._bounds = free, ((Level.CRITICAL, critical_mb), (Level.WARNING, warning_mb))
        self._told: Level | None = None

    def look(self) -> Iterator[Alert]:
        """What is new since the last look."""
        free = self._free() // _MB
        level = next((level for level, bound in self._bounds if free < bound), None)
        if level is not None and (self._told is None or level.rank > self._told.rank):
            yield Alert(
                kind=Kind.DISK,
                level=level,
                title=f"{free:,} MB are left on the disk",
                text="What cannot be written down is not done: nothing opens once the disk is full.",
                key=level.value,
            )
        self._told = level


class DatabaseWatch:
    """Tells when the ledger cannot be read, and when it can again. `read` raises DeskError when it cannot."""

    def __init__(self, read: Callable[[], object]) -> None:
        self._read, self._down = read, False

    def look(self) -> Iterator[Alert]:
        """What is new since the last look."""
        try:
            self._read()
        except DeskError as error:
            if not self._down:
                title = "the database cannot be read: reports lack what happens now"
                yield Alert(kind=Kind.DATABASE, level=Level.WARNING, title=title, text=error.message, key="down")
            self._down = True
            return
        if self._down:
            yield Alert(kind=Kind.DATABASE, level=Level.INFO, title="the database can be read again", key="up")
        self._down = False


class ScheduleWatch:
    """Tells of a schedule that was killed, at once, and of one whose sign of life grows old.

    One that ended in order takes its sign along: that is no news.
    """

    def __init__(
        self, beat: Callable[[], datetime | None], now: Callable[[], datetime], gone: Callable[[], bool] = lambda: False
    ) -> None:
        """`beat` is the newest sign of life, None without a schedule, both by this machine's clock.

        `gone` says whether the process that gave it is no more.
        """
        self._beat, self._now, self._gone, self._stopped = beat, now, gone, False

    def look(self) -> Iterator[Alert]:
        """What is new since the last look."""
        beat = self._beat()
        old = beat is not None and (self._gone() or (self._now() - beat).total_seconds() > STOPPED_SECONDS)
        if old and not self._stopped:
            yield Alert(
                kind=Kind.SCHEDULE,
                level=Level.WARNING,
                title="the schedule has stopped: nothing begins by itself",
                text=f"its last sign of life was {beat:%H:%M:%S} UTC; crew schedule run, or crew up, starts it again",
                key="stopped",
            )
        elif self._stopped and not old and beat is not None:
            yield Alert(kind=Kind.SCHEDULE, level=Level.INFO, title="the schedule runs again", key="runs")
        self._stopped = old
