"""A schedule in a test: a clock that a test moves, workers that only note what they began, jobs in one line."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config.schedule import JobSettings, ScheduleSettings
from crews.schedule.jobs import Job, jobs_of
from crews.schedule.store import Outcome, Run, ScheduleStore
from crews.schedule.ticking import Schedule

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class StepClock:
    """A clock that a test moves."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - NOON).total_seconds()

    def step(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Noted:
    """A run at work until a test says that it ended."""

    run: Run
    outcome: Outcome | None = None
    stopped: bool = False

    def ended(self) -> tuple[Outcome, str] | None:
        return None if self.outcome is None else (self.outcome, "")

    def stop(self) -> None:
        self.stopped = True
        self.outcome = Outcome.STOPPED


@dataclass
class NotingWorkers:
    """Workers that note what they began. Runs outlive a schedule that is dropped, as processes do."""

    begun: list[Noted] = field(default_factory=list[Noted])
    refuse: bool = False

    def begin(self, job: Job, run: Run) -> Noted:
        if self.refuse:
            raise OSError("no room")
        self.begun.append(Noted(run))
        return self.begun[-1]

    def orphan(self, run: Run) -> Noted | None:
        return next((one for one in self.at_work if one.run.number == run.number), None)

    @property
    def at_work(self) -> list[Noted]:
        return [one for one in self.begun if one.outcome is None]

    def finish(self, outcome: Outcome = Outcome.DONE) -> None:
        for one in self.at_work:
            one.outcome = outcome

    @property
    def slots(self) -> list[tuple[str, datetime]]:
        return [(one.run.job, one.run.slot) for one in self.begun]


def settings(**jobs: dict[str, object]) -> ScheduleSettings:
    """A timetable; what a job does not say is a kickoff of the demo profile."""
    made = {
        name: JobSettings.model_validate({"work": "kickoff", "profiles": ("demo",), **job}, strict=False)
        for name, job in jobs.items()
    }
    return ScheduleSettings(jobs=made)


@dataclass
class Bench:
    """One store, its clock and workers; `open` begins a schedule as a new process would."""

    folder: Path
    timetable: ScheduleSettings
    clock: StepClock = field(default_factory=StepClock)
    workers: NotingWorkers = field(default_factory=NotingWorkers)
    told: list[Run] = field(default_factory=list[Run])
    crew_pauses: bool = False

    def __post_init__(self) -> None:
        self.store = ScheduleStore(self.folder / "schedule.sqlite")
        self.schedule = self.open()

    def open(self) -> Schedule:
        jobs = jobs_of(self.timetable, "demo", ("BTCUSDT", "ETHUSDT"))
        return Schedule(
            jobs,
            self.store,
            self.workers,
            self.clock,
            crew_pauses=lambda: self.crew_pauses,
            told=self.told.append,
        )

    def restart(self) -> None:
        """As after kill -9: nothing of the old schedule is asked anything."""
        self.schedule = self.open()

    def tick_until(self, seconds: float, *, every: float = 30.0) -> None:
        for _ in range(int(seconds / every)):
            self.clock.step(every)
            self.schedule.tick()
