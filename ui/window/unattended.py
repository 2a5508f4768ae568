"""What happens while nobody looks: the jobs of the schedule, and the alerts that wait for somebody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from crews.running.services import Folder
from crews.schedule.store import Run, ScheduleStore, Standing
from desk.alerts import Level, Outbox, Posted
from desk.alerts.values import Way
from desk.guard.process.clock import SystemClock
from desk.ledger.pages import Asked

_NEWEST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSeen:
    """A job: how it stands, and its newest run, if it has any."""

    standing: Standing
    newest: Run | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSeen:
    """An alert, and how far it has come on each channel that carries it."""

    posted: Posted
    channels: Mapping[str, Way]


class UnattendedPane:
    """Reads what schedule and alert service keep, where they keep anything yet."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def jobs(self) -> Sequence[JobSeen]:
        """Every job the schedule knows. Raises JournalError when its file cannot be read."""
        if not self._folder.schedule.exists():
            return ()
        with closing(ScheduleStore(self._folder.schedule)) as store:
            return tuple(
                JobSeen(standing=one, newest=next(iter(store.history(job=one.name, limit=1)), None))
                for one in store.standings()
            )

    def alerts(self) -> Sequence[Posted]:
        """Those that wait for somebody, then the newest others. Raises JournalError when they cannot be read."""
        with self._outbox() as outbox:
            if outbox is None:
                return ()
            waiting = outbox.alerts(limit=_NEWEST, waiting=True)
            others = [one for one in outbox.alerts(limit=_NEWEST) if not one.waits]
            return (*waiting, *others)[:_NEWEST]

    def told(self, asked: Asked, *, level: Level | None, waiting: bool) -> Sequence[AlertSeen]:
        """A page of what was told, newest first. Raises JournalError when it cannot be read."""
        with self._outbox() as outbox:
            if outbox is None:
                return ()
            bounds = {"since": asked.since, "until": asked.until}
            found = outbox.alerts(limit=asked.limit, offset=asked.offset, level=level, waiting=waiting, **bounds)
            ways = outbox.ways([one.number for one in found])
            return tuple(AlertSeen(posted=one, channels=ways[one.number]) for one in found)

    @contextmanager
    def _outbox(self) -> Iterator[Outbox | None]:
        if not self._folder.alerts.exists():
            yield None
            return
        with closing(Outbox(self._folder.alerts, SystemClock())) as outbox:
            yield outbox
