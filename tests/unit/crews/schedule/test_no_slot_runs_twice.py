"""Whatever is killed, restarted, paused or set back, and wherever: no slot runs twice and no lane holds two.

The machine kills the schedule between its steps and inside the two that matter: after a slot is claimed and before its
run begins, and after the run began and before anybody knows.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from crews.schedule.jobs import Job
from crews.schedule.store import Outcome, Run
from crews.schedule.ticking import Schedule
from tests.unit.crews.schedule.desks import Bench, Noted, NotingWorkers, settings

JOBS = {
    "desk": {"every_minutes": 5, "each_symbol": True, "misfire": "once"},
    "charts": {"every_minutes": 5, "work": "charts", "jitter_seconds": 60, "grace_seconds": 400},
    "report": {"cron": "*/10 * * * *", "work": "report", "misfire": "skip"},
}


class Killed(BaseException):
    """The process is gone, as kill -9 leaves it: nothing after this line runs."""


class DyingWorkers(NotingWorkers):
    """Workers under which the schedule can die, before or after a run began."""

    def __init__(self) -> None:
        super().__init__()
        self.dies = ""

    def begin(self, job: Job, run: Run) -> Noted:
        if self.dies == "before":
            raise Killed
        noted = super().begin(job, run)
        if self.dies == "after":
            raise Killed
        return noted


class Schedules(RuleBasedStateMachine):
    """Up to two schedules over one store, under a clock that also goes backwards."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.workers = DyingWorkers()
        self.bench = Bench(self.folder, settings(**JOBS), workers=self.workers)
        self.second: Schedule | None = None
        self.were_two = False

    def teardown(self) -> None:
        self.bench.store.close()
        shutil.rmtree(self.folder)

    @rule(seconds=st.sampled_from([1, 7, 61, 299, 300, 301, 3_600, 90_000]))
    def time_passes(self, seconds: int) -> None:
        self.bench.clock.step(seconds)

    @rule(seconds=st.integers(1, 7_200))
    def the_clock_is_set_back(self, seconds: int) -> None:
        self.bench.clock.step(-seconds)

    @rule()
    def the_schedule_looks(self) -> None:
        self.bench.schedule.tick()

    @rule()
    def another_schedule_that_slipped_past_the_lock_looks(self) -> None:
        self.second, self.were_two = self.second or self.bench.open(), True
        self.second.tick()

    @rule(where=st.sampled_from(["before", "after"]))
    def it_is_killed_while_it_looks(self, where: str) -> None:
        self.workers.dies = where
        with suppress(Killed):
            self.bench.schedule.tick()
        self.workers.dies, self.second = "", None
        self.bench.restart()

    @rule()
    def it_is_killed_between_two_looks(self) -> None:
        self.second = None
        self.bench.restart()

    @rule(outcome=st.sampled_from([Outcome.DONE, Outcome.FAILED]))
    def runs_end(self, outcome: Outcome) -> None:
        self.workers.finish(outcome)

    @rule(job=st.sampled_from(["desk@BTCUSDT", "charts"]))
    def a_job_is_paused(self, job: str) -> None:
        self.bench.store.pause(job, "a test", self.bench.clock.now())

    @rule(job=st.sampled_from(["desk@BTCUSDT", "charts"]))
    def a_job_goes_on(self, job: str) -> None:
        self.bench.store.resume(job, self.bench.clock.now())

    @invariant()
    def no_slot_ran_twice(self) -> None:
        assert [slot for slot, times in Counter(self.workers.slots).items() if times > 1] == []

    @invariant()
    def what_runs_was_claimed_and_slots_of_a_job_run_in_their_order(self) -> None:
        claimed = {(run.job, run.slot) for run in self.bench.store.history(limit=100_000)}
        assert set(self.workers.slots) <= claimed
        newest: dict[str, datetime] = {}
        for job, slot in self.workers.slots:
            assert job not in newest or newest[job] < slot
            newest[job] = slot

    @invariant()
    def one_schedule_holds_one_run_to_a_lane(self) -> None:
        # Two side by side are what the lock of the service forbids; they still share each slot only once.
        jobs = Counter("desk" if one.run.job.startswith("desk") else one.run.job for one in self.workers.at_work)
        assert self.were_two or max(jobs.values(), default=0) <= 1


Schedules.TestCase.settings = examples(max_examples=40, stateful_step_count=30, deadline=None)
TestSchedules = Schedules.TestCase
