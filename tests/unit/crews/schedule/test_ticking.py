"""The schedule begins what is due, once, within its misfire rule, and never two of one lane at a time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from crews.schedule.store import Outcome
from tests.unit.crews.schedule.desks import NOON, Bench, settings

QUARTER = {"every_minutes": 15}


def test_a_job_begins_at_each_of_its_slots_and_owes_nothing_from_before_it_was_known(tmp_path: Path) -> None:
    bench = Bench(tmp_path, settings(desk=QUARTER))
    bench.schedule.tick()
    assert bench.workers.begun == []
    for _ in range(4):
        bench.tick_until(900)
        bench.workers.finish()
    assert [slot for _, slot in bench.workers.slots] == [NOON + timedelta(minutes=15 * n) for n in (1, 2, 3, 4)]


def test_a_run_is_written_before_it_begins_and_after_it_ends(tmp_path: Path) -> None:
    bench = Bench(tmp_path, settings(desk=QUARTER))
    bench.tick_until(900)
    [run] = bench.store.history()
    assert (run.outcome, run.ended) == (Outcome.RUNNING, None)
    bench.clock.step(42)
    bench.workers.finish()
    bench.schedule.tick()
    [run] = bench.store.history()
    assert (run.outcome, run.seconds) == (Outcome.DONE, 42.0)
    assert [one.outcome for one in bench.told] == [Outcome.DONE]


def test_a_slot_whose_run_could_not_begin_stays_claimed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, settings(desk=QUARTER))
    bench.workers.refuse = True
    bench.tick_until(900)
    bench.workers.refuse = False
    bench.schedule.tick()
    [run] = bench.store.history()
    assert (run.outcome, run.note) == (Outcome.FAILED, "it did not begin: no room")
    assert bench.workers.begun == []


@pytest.mark.parametrize(
    ("misfire", "late", "runs"),
    [
        ("skip", 5, True),
        ("skip", 20, False),
        ("within_grace", 250, True),
        ("within_grace", 320, False),
        ("once", 320, True),
        ("once", 90_000, True),
    ],
)
def test_a_late_slot_is_worth_what_its_misfire_rule_says(tmp_path: Path, misfire: str, late: float, runs: bool) -> None:
    bench = Bench(tmp_path, settings(report={**QUARTER, "work": "report", "misfire": misfire, "grace_seconds": 300}))
    bench.clock.step(900 + late)
    bench.schedule.tick()
    assert bool(bench.workers.begun) is runs
    assert bench.store.history()[0].outcome is (Outcome.RUNNING if runs else Outcome.MISSED)


def test_after_a_long_sleep_the_newest_slot_runs_once_and_tells_how_many_were_missed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, settings(report={**QUARTER, "work": "report", "misfire": "once"}))
    bench.clock.step(3 * 86_400)
    bench.schedule.tick()
    [run] = bench.store.history()
    assert run.slot == bench.clock.now()
    assert run.note == "287 slots before it missed"


def test_a_run_that_is_at_work_is_not_begun_again_and_its_next_slot_waits_within_grace(tmp_path: Path) -> None:
    bench = Bench(tmp_path, settings(desk={**QUARTER, "grace_seconds": 300}))
    bench.tick_until(1_860)
    assert len(bench.workers.begun) == 1
    bench.workers.finish()
    bench.schedule.tick()
    assert [slot for _, slot in bench.workers.slots] == [NOON + timedelta(minutes=15), NOON + timedelta(minutes=30)]


def test_kickoffs_of_one_profile_wait_for_each_other_and_other_work_does_not(tmp_path: Path) -> None:
    charts = {**QUARTER, "work": "charts"}
    bench = Bench(tmp_path, settings(desk={**QUARTER, "each_symbol": True}, charts=charts))
    bench.tick_until(900)
    assert [job for job, _ in bench.workers.slots] == ["desk@BTCUSDT", "charts"]
    bench.workers.finish()
    bench.schedule.tick()
    assert [job for job, _ in bench.workers.slots] == ["desk@BTCUSDT", "charts", "desk@ETHUSDT"]


def test_a_paused_job_runs_nothing_and_makes_up_for_nothing_even_after_a_restart(tmp_path: Path) -> None:
    bench = Bench(tmp_path, settings(desk={**QUARTER, "misfire": "once"}))
    assert bench.store.pause("desk", "rate decision", bench.clock.now())
    bench.tick_until(1_800)
    bench.restart()
    bench.tick_until(1_800)
    assert bench.workers.begun == []
    assert bench.store.resume("desk", bench.clock.now())
    bench.schedule.tick()
    assert bench.workers.begun == []
    bench.tick_until(900)
    assert len(bench.workers.begun) == 1


def test_while_the_crew_pauses_no_kickoff_begins_and_charts_are_read_all_the_same(tmp_path: Path) -> None:
    bench = Bench(tmp_path, settings(desk=QUARTER, charts={**QUARTER, "work": "charts"}))
    bench.crew_pauses = True
    bench.tick_until(900)
    assert [job for job, _ in bench.workers.slots] == ["charts"]
    assert [run.note for run in bench.store.history(job="desk")] == ["the crew pauses"]


def test_a_run_whose_schedule_was_killed_is_called_interrupted_and_its_slot_never_runs_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path, settings(desk={**QUARTER, "misfire": "once"}))
    bench.tick_until(900)
    bench.workers.finish()  # its process died with the schedule, and nobody wrote its end
    bench.restart()
    bench.schedule.tick()
    assert [run.outcome for run in bench.store.history()] == [Outcome.INTERRUPTED]
    assert len(bench.workers.begun) == 1


def test_a_run_that_outlives_its_schedule_keeps_its_lane(tmp_path: Path) -> None:
    bench = Bench(tmp_path, settings(desk={**QUARTER, "misfire": "once"}, other={**QUARTER, "misfire": "once"}))
    bench.tick_until(900)
    bench.restart()
    bench.tick_until(900)
    assert len(bench.workers.begun) == 1
    bench.workers.finish()
    bench.schedule.tick()
    assert len(bench.workers.begun) == 2


def test_asked_to_stop_it_stops_what_is_at_work(tmp_path: Path) -> None:
    bench = Bench(tmp_path, settings(desk=QUARTER))
    bench.tick_until(900)
    bench.schedule.stop()
    bench.schedule.reap()
    assert bench.schedule.at_work == ()
    assert bench.store.history()[0].outcome is Outcome.STOPPED
