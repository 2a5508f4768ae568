"""What happens while nobody looks: the jobs of the schedule, and the alerts that wait for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from crews.running.services import Folder
from crews.schedule.store import Run, ScheduleStore, Standing
from desk.alerts import Outbox, Posted
from desk.guard.process.clock import SystemClock

_NEWEST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSeen:
    """A job: how it stands, and its newest run, if it has any."""

    standing: Standing
    newest: Run | None


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
        if not self._folder.alerts.exists():
            return ()
        with closing(Outbox(self._folder.alerts, SystemClock())) as outbox:
            waiting = outbox.alerts(limit=_NEWEST, waiting=True)
            others = [one for one in outbox.alerts(limit=_NEWEST) if not one.waits]
            return (*waiting, *others)[:_NEWEST]
