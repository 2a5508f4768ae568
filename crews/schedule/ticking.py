"""One look at the clock: end what has ended, claim what is due, begin it. No thread and no sleep is in here.

The claim is durable before the run begins and the end is written after it ended. Between the two a kill leaves a run
whose end nobody wrote: the next schedule calls it interrupted and never runs its slot again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from config.schedule import Work
from crews.schedule.jobs import Job
from crews.schedule.store import Outcome, Run, ScheduleStore
from desk.ports import Clock

KILLED = "the schedule ended while it ran"


class Working(Protocol):
    """A run at work."""

    def ended(self) -> tuple[Outcome, str] | None:
        """How it ended and a note, or None while it is at work."""
        ...

    def stop(self) -> None:
        """Ask it to end."""
        ...


class Workers(Protocol):
    """Begins runs, and knows those that outlived the schedule that began them."""

    def begin(self, job: Job, run: Run) -> Working:
        """Begin a run. Raises DeskError or OSError when it cannot begin."""
        ...

    def orphan(self, run: Run) -> Working | None:
        """The run as it still works without its schedule, or None when it is gone."""
        ...


Told = Callable[[Run], None]


class Schedule:
    """The jobs of one profile over one store. Open it once, then `tick` it at least every second."""

    def __init__(
        self,
        jobs: Mapping[str, Job],
        store: ScheduleStore,
        workers: Workers,
        clock: Clock,
        *,
        crew_pauses: Callable[[], bool] = lambda: False,
        told: Told = lambda run: None,
    ) -> None:
        """Take up the jobs, and what an earlier schedule left at work. `told` hears of every run as it ends."""
        self._jobs, self._store, self._workers, self._clock = jobs, store, workers, clock
        self._crew_pauses, self._told = crew_pauses, told
        self._at_work: dict[str, tuple[Run, Working]] = {}
        now = clock.now()
        for job in jobs.values():
            store.know(job.name, job.timetable, now)
        for run in store.running():
            left = workers.orphan(run)
            if left is None:
                self._end(run, Outcome.INTERRUPTED, KILLED)
            else:
                self._at_work[run.job] = (run, left)

    @property
    def at_work(self) -> tuple[str, ...]:
        """The jobs at work now."""
        return tuple(sorted(self._at_work))

    def tick(self) -> None:
        """Look once."""
        self.reap()
        for job in self._jobs.values():
            self._look(job, self._clock.now())

    def reap(self) -> None:
        """Write down what has ended."""
        for name, (run, working) in list(self._at_work.items()):
            ended = working.ended()
            if ended is not None:
                del self._at_work[name]
                self._end(run, *ended)

    def stop(self) -> None:
        """Ask everything at work to end; `reap` until `at_work` is empty."""
        for _, working in self._at_work.values():
            working.stop()

    def _look(self, job: Job, now: datetime) -> None:
        standing = self._store.standing(job.name)
        if standing is None or standing.paused is not None:
            return
        slot = job.newest(standing.frontier, now)
        if slot is None or job.moment(slot) > now:
            return
        before = job.missed(standing.frontier, slot)
        note = f"{before} slot{'' if before == 1 else 's'} before it missed" if before else ""
        if job.settings.work is Work.KICKOFF and self._crew_pauses():
            self._store.miss(job.name, slot, now, "the crew pauses")
        elif job.is_late(slot, now):
            self._miss(job, slot, now, note)
        elif not self._is_taken(job):
            self._begin(job, slot, now, note)

    def _miss(self, job: Job, slot: datetime, now: datetime, note: str) -> None:
        late = f"{(now - job.moment(slot)).total_seconds():.0f} s late"
        missed = self._store.miss(job.name, slot, now, "; ".join(part for part in (late, note) if part))
        if missed is not None:
            self._told(missed)

    def _begin(self, job: Job, slot: datetime, now: datetime, note: str) -> None:
        run = self._store.claim(job.name, slot, now, note)
        if run is None:
            return
        try:
            self._at_work[job.name] = (run, self._workers.begin(job, run))
        except Exception as error:
            # Whatever it is, the slot is claimed and stays so; the other jobs go on.
            self._end(run, Outcome.FAILED, f"it did not begin: {error}")

    def _is_taken(self, job: Job) -> bool:
        lanes = {self._jobs[name].lane if name in self._jobs else name for name in self._at_work}
        return job.lane in lanes

    def _end(self, run: Run, outcome: Outcome, note: str) -> None:
        self._store.end(run, outcome, self._clock.now(), note)
        found = next((one for one in self._store.history(job=run.job) if one.number == run.number), None)
        if found is not None:
            self._told(found)
