"""Runs as processes: how each ends is told, what outlives its schedule is found, and kill -9 runs nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from crews.running.services import RUN_VARIABLE, Folder
from crews.running.turn import holding
from crews.schedule.jobs import Job, jobs_of
from crews.schedule.store import Outcome, Run, ScheduleStore
from crews.schedule.working import Command, Commands
from desk.domain.errors import PrerequisiteError
from desk.guard.secrets.veil import Veil
from tests.unit.crews.schedule.desks import NOON, settings

ROOT = Path(__file__).resolve().parents[4]
SECONDS = 60.0


def until(true: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def job(**told: object) -> Job:
    return jobs_of(settings(one={"every_minutes": 15, "work": "charts", **told}), "demo", ())["one"]


def run() -> Run:
    return Run(number=1, job="one", slot=NOON, began=NOON, ended=None, outcome=Outcome.RUNNING, note="")


def workers(folder: Path, script: str, heard: list[Mapping[str, object]] | None = None) -> Commands:
    command = Command(words=("/bin/sh", "-c", script), profile="demo")
    hear = None if heard is None else lambda _, told: heard.append(told)
    environ = {"PATH": os.environ["PATH"]}
    return Commands(command, folder / "logs", environ=environ, veil=Veil("a-secret-of-ours"), heard=hear)


def test_a_jobs_log_that_has_grown_is_set_aside_and_not_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crews.schedule.working._MOST_LOG", 10)
    log = tmp_path / "logs" / "job-one.log"
    log.parent.mkdir()
    log.write_text("crew: the night before went wrong\n")
    working = workers(tmp_path, "echo 'crew: today too' >&2; exit 1").begin(job(), run())
    until(lambda: working.ended() is not None)
    assert working.ended() == (Outcome.FAILED, "exit 1: today too")
    assert log.with_name("job-one.log.1").read_text() == "crew: the night before went wrong\n"


@pytest.mark.parametrize(
    ("script", "outcome", "note"),
    [
        ("exit 0", Outcome.DONE, ""),
        ("echo 'crew: the crew is paused' >&2; exit 4", Outcome.REFUSED, "exit 4: the crew is paused"),
        (
            "echo 'crew: the venue is gone' >&2; echo 'hint: wait' >&2; exit 5",
            Outcome.FAILED,
            "exit 5: the venue is gone",
        ),
        ("echo 'crew: bad a-secret-of-ours' >&2; exit 1", Outcome.FAILED, "exit 1: bad [hidden]"),
        (
            f"echo 'crew: {'x' * 280} a-secret-of-ours' >&2; exit 1",
            Outcome.FAILED,
            f"exit 1: {'x' * 280} [hidden]",
        ),
        ("exit 130", Outcome.STOPPED, "exit 130"),
    ],
)
def test_how_a_run_ends_is_read_off_its_exit_code_and_its_own_words(
    tmp_path: Path, script: str, outcome: Outcome, note: str
) -> None:
    working = workers(tmp_path, script).begin(job(), run())
    until(lambda: working.ended() is not None)
    assert working.ended() == (outcome, note)


def test_one_past_its_deadline_is_ended(tmp_path: Path) -> None:
    working = workers(tmp_path, "exec sleep 60").begin(job(deadline_seconds=1.0), run())
    until(lambda: working.ended() is not None)
    ended = working.ended()
    assert ended is not None
    assert ended[0] is Outcome.TIMED_OUT


def test_one_that_is_asked_to_stop_stops(tmp_path: Path) -> None:
    working = workers(tmp_path, "exec sleep 60").begin(job(), run())
    working.stop()
    until(lambda: working.ended() is not None)
    ended = working.ended()
    assert ended is not None
    assert ended[0] is Outcome.STOPPED


def test_what_a_run_prints_as_json_is_heard_and_kept_in_its_log(tmp_path: Path) -> None:
    heard: list[Mapping[str, object]] = []
    working = workers(tmp_path, """echo '{"kind": "alert"}'; echo words""", heard).begin(job(), run())
    until(lambda: working.ended() is not None and bool(heard))
    assert heard == [{"kind": "alert"}]
    until(lambda: "words" in (tmp_path / "logs" / "job-one.log").read_text())


def test_a_run_that_outlived_its_schedule_is_found_until_it_is_gone(tmp_path: Path) -> None:
    one = workers(tmp_path, "exec sleep 60")
    working = one.begin(job(), run())
    orphan = workers(tmp_path, "exit 0").orphan(run())
    assert orphan is not None
    assert orphan.ended() is None
    orphan.stop()
    until(lambda: working.ended() is not None)
    assert orphan.ended() == (Outcome.INTERRUPTED, "the schedule ended while it ran")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"work": "kickoff"}, "kickoff --cycles 1"),
        ({"work": "kickoff", "crew": "both", "cycles": 3}, "kickoff --cycles 3 --crew both"),
        ({"work": "kickoff", "symbols": ("BTCUSDT",)}, "kickoff BTCUSDT --cycles 1"),
        ({"work": "spikes", "seconds": 60.0}, "spikes watch --seconds 60"),
        ({"work": "charts"}, "chart"),
        (
            {"work": "train", "symbols": ("BTCUSDT", "ETHUSDT")},
            "policy train --interval 1h --symbol BTCUSDT --symbol ETHUSDT",
        ),
        ({"work": "report"}, "report"),
    ],
)
def test_every_work_is_a_crew_command(told: dict[str, object], words: str) -> None:
    line = Command(words=("crew",), profile="demo").line(job(**told))
    assert " ".join(line) == f"crew {words} --profile demo --json"


def test_two_schedules_on_one_profile_are_one(tmp_path: Path) -> None:
    with (
        holding(tmp_path / "demo", "schedule", "hint"),
        pytest.raises(PrerequisiteError, match="schedule of profile demo runs already"),
        holding(tmp_path / "demo", "schedule", "hint"),
    ):
        pass


@pytest.mark.campaign
def test_a_schedule_that_is_killed_again_and_again_runs_no_slot_twice(tmp_path: Path) -> None:
    script = tmp_path / "work.py"
    script.write_text(
        f"import os, sys\nwith open(sys.argv[1], 'a') as file: file.write(os.environ['{RUN_VARIABLE}'] + chr(10))\n"
    )
    ran, base = tmp_path / "ran", time.time()
    count = lambda: len(ran.read_text().splitlines()) if ran.exists() else 0  # noqa: E731
    for _ in range(2):
        before = count()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.schedule_process", str(tmp_path), str(base), str(script)],
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
        )
        try:
            until(lambda before=before: count() >= before + 2)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
    folder = Folder(tmp_path / "demo")
    store = ScheduleStore(folder.schedule)
    runs = store.history(limit=10_000)
    store.close()
    begun = [line.rpartition("#")[2] for line in ran.read_text().splitlines()]
    assert [number for number, times in Counter(begun).items() if times > 1] == []
    assert [slot for slot, times in Counter((one.job, one.slot) for one in runs).items() if times > 1] == []
    assert {int(number) for number in begun} <= {one.number for one in runs if one.outcome is not Outcome.MISSED}
