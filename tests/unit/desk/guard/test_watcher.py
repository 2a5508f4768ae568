"""A silent guard is replaced by one that only flattens; a living one and a strange one are left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desk.domain.intents import Action, Outcome
from desk.guard.process.runfile import RunFile, read_run_file, write_run_file
from desk.guard.process.watcher import Next, Watch, end_guard, is_guard, silence_of
from tests.unit.desk.guard.bench import Bench

MINE, OTHER = RunFile(pid=7, url="http://127.0.0.1:1"), RunFile(pid=8, url="http://127.0.0.1:2")


def sleeping(*words: str) -> subprocess.Popen[bytes]:
    """A process with these words in its command line, that waits until it is ended."""
    code = "import sys; print('up', flush=True); sys.stdin.read()"
    process = subprocess.Popen([sys.executable, "-c", code, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    return process


def watch() -> Watch:
    return Watch(pid=7, silent_seconds=10, heard_at=0)


@pytest.mark.parametrize(("after", "step"), [(9.9, Next.WAIT), (10, Next.REPLACE), (10.1, Next.REPLACE)])
@pytest.mark.parametrize(("found", "silent"), [(MINE, None), (MINE, 10.0), (MINE, 99.0), (None, None), (OTHER, None)])
def test_dead_hung_and_gone_look_the_same(
    found: RunFile | None, silent: float | None, after: float, step: Next
) -> None:
    assert watch().judge(found, silent, after) is step


def test_a_guard_whose_loop_comes_round_is_left_alone() -> None:
    one = watch()
    for second in range(0, 600, 5):
        assert one.judge(MINE, 9.9, second) is Next.WAIT
    assert one.judge(MINE, None, 604) is Next.WAIT
    assert one.judge(MINE, None, 605) is Next.REPLACE


def test_another_guard_in_its_place_has_a_watcher_of_its_own() -> None:
    assert watch().judge(OTHER, 0.1, 3) is Next.LEAVE


def test_only_the_guard_of_these_settings_is_ended(tmp_path: Path) -> None:
    sleeper = sleeping("desk.guard")
    try:
        assert not is_guard(sleeper.pid, tmp_path / "settings.json")
        end_guard(sleeper.pid, tmp_path / "settings.json")
        assert sleeper.poll() is None
        assert is_guard(sleeper.pid, Path("desk.guard"))
    finally:
        sleeper.kill()
        sleeper.communicate()
    assert not is_guard(sleeper.pid, Path("desk.guard"))


def test_a_stopped_guard_is_ended_too(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    hung = sleeping("desk.guard", str(file))
    os.kill(hung.pid, signal.SIGSTOP)
    end_guard(hung.pid, file)
    hung.communicate()
    assert hung.returncode == -signal.SIGKILL


def test_nobody_at_the_door_is_silence() -> None:
    assert silence_of("http://127.0.0.1:9") is None
    assert silence_of("nonsense") is None


def test_a_run_file_tells_pid_and_address_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "run" / "guard.json"
    write_run_file(path, "http://127.0.0.1:5")
    assert read_run_file(path) == RunFile(pid=os.getpid(), url="http://127.0.0.1:5")
    path.write_text("{")
    assert read_run_file(path) is None


def test_a_guard_that_only_flattens_closes_everything_and_opens_nothing() -> None:
    bench = Bench()
    bench.open()
    bench.open("ETHUSDT", Action.OPEN_SHORT)
    bench.start(flatten_only=True)
    bench.look(times=4)
    assert (bench.flat, bench.venue.resting(), bench.mode) == (True, [], "NORMAL")
    assert bench.propose().verdict.rule == "mode.flatten_only"
    assert bench.guard.state.latch is None


def test_an_ordinary_guard_goes_on_where_a_human_started_it() -> None:
    bench = Bench()
    bench.open()
    bench.start(flatten_only=True)
    bench.look(times=4)
    bench.start()
    assert bench.propose().verdict.outcome is Outcome.APPROVED
