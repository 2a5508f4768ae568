"""What loads beside an opening is waited for, and its failure is the command's own: one line, and nothing left open."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from config import load_desk
from crews.running.kickoff import Kickoff, Wish
from crews.running.services import Services, folder_of
from crews.work import runner
from crews.work.threads import Ahead
from desk.domain.errors import ConfigError, PrerequisiteError


def test_work_begun_ahead_is_waited_for() -> None:
    gate, done = threading.Event(), threading.Event()

    def work() -> None:
        gate.wait(5)
        done.set()

    ahead = Ahead(work, name="work")
    assert not done.is_set()
    gate.set()
    ahead.wait()
    assert done.is_set()


def test_a_failure_ahead_is_kept_for_whoever_needs_the_work(capfd: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        raise PrerequisiteError("no such thing")

    ahead = Ahead(work, name="work")
    for _ in range(2):
        with pytest.raises(PrerequisiteError, match="no such thing"):
            ahead.wait()
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def no_crewai(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ImportError("libsomething.so: cannot open shared object file")

    monkeypatch.setattr(runner, "_rehearsed", threading.Event())
    monkeypatch.setattr(runner, "run_crew", broken)


@pytest.mark.usefixtures("no_crewai")
def test_a_crewai_that_does_not_load_is_one_line_with_a_hint() -> None:
    for _ in range(2):
        with pytest.raises(PrerequisiteError, match=r"CrewAI does not load: ImportError: libsomething") as caught:
            runner.load()
        assert "crew doctor" in caught.value.hint


@pytest.mark.usefixtures("no_crewai")
def test_a_kickoff_without_crewai_ends_what_it_opened_and_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    steps: list[str] = []
    monkeypatch.setattr(Services, "open", lambda self: steps.append("open"))
    monkeypatch.setattr(Services, "close", lambda self: steps.append("close"))
    monkeypatch.setattr(Kickoff, "_connect", lambda self: steps.append("connect"))
    kickoff = Kickoff(load_desk("demo", environ={}), folder_of("demo", home=tmp_path), Wish())
    with pytest.raises(PrerequisiteError, match="CrewAI does not load"), kickoff:
        pytest.fail("a desk without CrewAI was opened")
    assert steps == ["open", "connect", "close"]
    assert "Traceback" not in "".join(capfd.readouterr())


def test_warming_up_happens_once(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []
    monkeypatch.setattr(runner, "_rehearsed", threading.Event())
    monkeypatch.setattr(runner, "run_crew", lambda seat, talk, task: runs.append(talk.turn(())))
    threads = [threading.Thread(target=runner.load) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert runs == ["ready"]


def test_an_opening_that_fails_leaves_no_loading_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    gate, ended = threading.Event(), threading.Event()

    def slow(*_: object) -> None:
        gate.wait(5)
        ended.set()

    def fails(self: Services) -> None:
        gate.set()
        raise PrerequisiteError("the guard did not answer")

    monkeypatch.setattr(runner, "_rehearsed", threading.Event())
    monkeypatch.setattr(runner, "run_crew", slow)
    monkeypatch.setattr(Services, "open", fails)
    kickoff = Kickoff(load_desk("demo", environ={}), folder_of("demo", home=tmp_path), Wish())
    with pytest.raises(PrerequisiteError, match="did not answer"), kickoff:
        pytest.fail("a desk without a guard was opened")
    assert ended.is_set()


def test_real_money_that_is_not_armed_is_refused_before_anything_loads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(runner, "load", lambda: loaded.append("crewai"))
    kickoff = Kickoff(load_desk("live", environ={}), folder_of("live", home=tmp_path), Wish())
    with pytest.raises(ConfigError, match="three opt-ins"), kickoff:
        pytest.fail("a live desk was opened")
    assert loaded == []
    assert list(tmp_path.iterdir()) == []
