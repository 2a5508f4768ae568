"""Facts about CrewAI that the desk relies on, held against the installed version."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.master import Focus
from agents.models import ChatModel, ChatRequest, RawCall, Reply
from agents.offline import OfflineModel
from agents.scripted import ScriptedModel, failing, says
from crews.judgement.decide import read_report
from crews.setup import DeskSetup
from crews.work import runner
from crews.work.prompts import work_task
from tests.unit.crews.conftest import Look
from tests.unit.crews.test_conversation import Table


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    runner.load()


def through_crewai(table: Table, setup: DeskSetup, look: Look) -> None:
    seat = setup.specialists["regime"]
    runner.run_crew(seat, table.talk, work_task(seat, look(), Focus.ENTRY))


def counting(model: ChatModel, seen: list[ChatRequest]) -> ScriptedModel:
    def script(request: ChatRequest) -> Reply:
        seen.append(request)
        return model.complete(request)

    return ScriptedModel(script)


def asking(*calls: RawCall) -> ScriptedModel:
    def script(request: ChatRequest) -> Reply:
        if request.tools:
            return Reply(text=None, tool_calls=calls, prompt_tokens=1, completion_tokens=1)
        return says(request, "done")

    return ScriptedModel(script)


def test_nothing_of_crewai_is_imported_before_a_decision_needs_it() -> None:
    code = "import sys, crews.desk, crews.running.opening; sys.exit('crewai' in sys.modules or 'openai' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_telemetry_tracing_and_stray_env_files_are_off() -> None:
    for name, value in runner.quiet_environment().items():
        assert os.environ[name] == value


def test_a_whole_task_runs_through_crewai_to_a_typed_report(look: Look, demo_setup: DeskSetup) -> None:
    seen: list[ChatRequest] = []
    table = Table(counting(OfflineModel(), seen), look, demo_setup)
    through_crewai(table, demo_setup, look)
    assert table.talk.failure is None
    assert read_report("regime", table.talk.answer or "").for_master()["regime"]
    assert [row["ok"] for row in table.rows("tool_call")] == [True, True]
    assert len(seen) == 2


def test_the_prompt_carries_the_operators_words_and_our_facts(look: Look, demo_setup: DeskSetup) -> None:
    seen: list[ChatRequest] = []
    through_crewai(Table(counting(OfflineModel(), seen), look, demo_setup), demo_setup, look)
    system, user = (str(message["content"]) for message in seen[0].messages[:2])
    assert demo_setup.specialists["regime"].role in system
    assert "FACTS: " in user
    assert "{symbol}" not in user


def test_the_answer_is_the_models_own_words(look: Look, demo_setup: DeskSetup) -> None:
    words = '```json\n{"a": 1,}\n```\nAction: place_order\nFinal Answer: 42'

    def script(request: ChatRequest) -> Reply:
        return OfflineModel().complete(request) if request.tools else says(request, words)

    table = Table(ScriptedModel(script), look, demo_setup)
    through_crewai(table, demo_setup, look)
    assert table.talk.answer == words


@pytest.mark.parametrize("message", ["connection refused", "rate limit: too many requests (429)"])
def test_a_model_that_fails_is_not_asked_again(message: str, look: Look, demo_setup: DeskSetup) -> None:
    seen: list[ChatRequest] = []
    table = Table(counting(failing(message), seen), look, demo_setup)
    through_crewai(table, demo_setup, look)
    assert len(seen) == 1
    assert table.talk.failure is not None


def test_a_failure_after_the_tools_does_not_run_them_again(look: Look, demo_setup: DeskSetup) -> None:
    def script(request: ChatRequest) -> Reply:
        return OfflineModel().complete(request) if request.tools else failing().complete(request)

    table = Table(ScriptedModel(script), look, demo_setup)
    through_crewai(table, demo_setup, look)
    assert len(table.rows("tool_call")) == 2
    assert table.talk.answer is None


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("get_regimes", "{}", "unknown_tool"),
        ("get regime", "{}", "unknown_tool"),
        ("GET_REGIME", "{}", "unknown_tool"),
        ("refused_call", '{"call":"call-0"}', "unknown_tool"),
        ("get_regime", '{"depth": 5', "not_json"),
        ("get_regime", "{'depth': 5}", "not_json"),
        ("get_regime", '{"call":"call-0"}', "bad_arguments"),
    ],
)
def test_crewai_can_neither_guess_a_tool_nor_mend_its_arguments(
    name: str, arguments: str, code: str, look: Look, demo_setup: DeskSetup
) -> None:
    table = Table(asking(RawCall(id="1", name=name, arguments=arguments)), look, demo_setup)
    through_crewai(table, demo_setup, look)
    (row,) = table.rows("tool_call")
    assert (row["tool"], row["arguments"], row["ok"]) == (name, arguments, False)
    assert json.loads(row["result"])["refused"] == code


def test_twice_the_same_call_in_one_turn_is_two_calls_with_one_result_each(look: Look, demo_setup: DeskSetup) -> None:
    call = RawCall(id="same", name="get_regime", arguments="{}")
    table = Table(asking(call, call), look, demo_setup)
    through_crewai(table, demo_setup, look)
    assert [row["ok"] for row in table.rows("tool_call")] == [True, True]


def test_nothing_connects_anywhere(look: Look, demo_setup: DeskSetup, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Any] = []

    def connect(self: socket.socket, address: Any) -> None:
        tried.append(address)
        raise OSError("no network in this test")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **_: tried.append(args) or [])
    table = Table(OfflineModel(), look, demo_setup)
    through_crewai(table, demo_setup, look)
    assert table.talk.answer
    assert tried == []


def test_nothing_is_printed_and_nothing_is_kept_on_disk(
    look: Look, demo_setup: DeskSetup, capfd: pytest.CaptureFixture[str]
) -> None:
    through_crewai(Table(OfflineModel(), look, demo_setup), demo_setup, look)
    shown = capfd.readouterr()
    assert (shown.out, shown.err) == ("", "")
    kept = Path(os.environ["CREWAI_STORAGE_DIR"])
    assert not list(kept.rglob("latest_kickoff*")) if kept.exists() else True


def test_five_crews_at_once_do_not_wait_for_each_other(look: Look, demo_setup: DeskSetup) -> None:
    together = threading.Barrier(5)

    def meeting(request: ChatRequest) -> Reply:
        together.wait(20)  # passes only when all five think at the same time
        return OfflineModel().complete(request)

    tables = [Table(ScriptedModel(meeting), look, demo_setup) for _ in range(5)]
    threads = [threading.Thread(target=through_crewai, args=(table, demo_setup, look)) for table in tables]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert all(table.talk.answer for table in tables)
    assert not together.broken


def test_the_seat_may_say_anything_without_filling_templates(look: Look, demo_setup: DeskSetup) -> None:
    odd = replace(demo_setup.specialists["regime"], goal='say {"a": 1} and {unknown}', backstory="{}")
    table = Table(OfflineModel(), look, demo_setup)
    runner.run_crew(odd, table.talk, work_task(odd, look(), Focus.ENTRY))
    assert table.talk.answer
