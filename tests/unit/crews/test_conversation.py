"""One agent at one task, without any framework: what a model may do, and what it may not."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from agents.models import ChatModel, ChatRequest, RawCall, Reply, Stage, facts_line
from agents.offline import OfflineModel
from agents.regime import RegimeReport
from agents.scripted import ScriptedModel, babbling, failing, says
from crews.record.record import AbstentionReason
from crews.record.recorder import Recorder
from crews.setup import Budget, DeskSetup
from crews.spending.budget import Purse
from crews.work.conversation import ABSTAINED, Conversation, Job
from crews.work.floor import reason_of
from crews.work.progress import Announcer, silent
from desk.domain.errors import BudgetSpentError, ModelMalformedError, ModelTimeoutError
from tests.unit.crews.conftest import Look
from tests.unit.crews.fakes import ListedAudit
from tools.catalogue import tools_named
from tools.tool import ToolContext

OPENING = [{"role": "user", "content": facts_line({"symbol": "BTCUSDT"})}]
PLENTY = Budget(requests=12, seats=12, prompt_tokens=25_000, reserve_prompt_tokens=6_000, completion_tokens=12_000)
GOOD_CALLS = (
    RawCall(id="a", name="get_regime", arguments="{}"),
    RawCall(id="b", name="get_weighted_signal", arguments="{}"),
)


class Table:
    """A conversation and what it wrote."""

    def __init__(
        self, model: ChatModel, look: Look, setup: DeskSetup, *, seconds: float = 5.0, budget: Any = PLENTY
    ) -> None:
        self.audit = ListedAudit()
        self.recorder = Recorder(self.audit, "d1")
        self.purse = Purse(budget)
        snapshot = look()
        job = Job(
            agent="regime",
            stage=Stage.WORK,
            kind=RegimeReport,
            tools=tools_named(("get_regime", "get_weighted_signal"), owner="regime"),
            context=ToolContext(snapshot=snapshot, settings=setup.tools_for(snapshot.symbol)),
            ends=time.monotonic() + seconds,
        )
        announcer = Announcer(silent, decision_id="d1", symbol="BTCUSDT")
        self.talk = Conversation(job, model, purse=self.purse, recorder=self.recorder, announcer=announcer)

    def rows(self, kind: str) -> list[dict[str, Any]]:
        self.recorder.flush()
        return self.audit.of(kind)

    def both_turns(self) -> str | tuple[str, ...]:
        tokens = self.talk.turn(OPENING)
        for token in tokens if not isinstance(tokens, str) else ():
            self.talk.run_call(token)
        return tokens if isinstance(tokens, str) else self.talk.turn(OPENING)


def asks(*calls: RawCall, then: str = "{}") -> ScriptedModel:
    """A model that asks for these calls, then answers."""

    def script(request: ChatRequest) -> Reply:
        if request.tools:
            return Reply(text=None, tool_calls=calls, prompt_tokens=10, completion_tokens=5)
        return says(request, then)

    return ScriptedModel(script)


def test_tools_then_answer_each_step_recorded(look: Look, demo_setup: DeskSetup) -> None:
    table = Table(OfflineModel(), look, demo_setup)
    answer = table.both_turns()
    assert answer == table.talk.answer
    assert table.talk.failure is None
    assert [row["tools"] for row in table.rows("prompt")] == [["get_regime", "get_weighted_signal"], []]
    assert [row["tool"] for row in table.rows("tool_call")] == ["get_regime", "get_weighted_signal"]
    assert [row["text"] for row in table.rows("reply")] == [None, answer]
    assert table.talk.last_call == table.rows("reply")[-1]["call"]
    assert len({row["call"] for row in table.rows("prompt")}) == 2


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (RawCall(id="x", name="get_regimes", arguments="{}"), "unknown_tool"),
        (RawCall(id="x", name="Get_Regime", arguments="{}"), "unknown_tool"),
        (RawCall(id="x", name="propose_order", arguments='{"intent":"{}"}'), "unknown_tool"),
        (RawCall(id="x", name="get_limits", arguments="{}"), "unknown_tool"),
        (RawCall(id="x", name="get_regime", arguments="{"), "not_json"),
        (RawCall(id="x", name="get_regime", arguments='{"depth": 1}'), "bad_arguments"),
        (RawCall(id="x", name="get_regime", arguments="{}{}"), "not_json"),
    ],
)
def test_a_misused_tool_is_refused_with_a_code_the_model_can_read(
    call: RawCall, code: str, look: Look, demo_setup: DeskSetup
) -> None:
    seen: list[ChatRequest] = []

    def script(request: ChatRequest) -> Reply:
        seen.append(request)
        return asks(call).complete(request)

    table = Table(ScriptedModel(script), look, demo_setup)
    table.both_turns()
    (row,) = table.rows("tool_call")
    assert (row["ok"], json.loads(row["result"])["refused"], row["arguments"]) == (False, code, call.arguments)
    told = seen[1].messages[-1]
    assert json.loads(told["content"])["refused"] == code


def test_the_model_sees_its_own_words_again_not_our_tokens(look: Look, demo_setup: DeskSetup) -> None:
    seen: list[ChatRequest] = []

    def script(request: ChatRequest) -> Reply:
        seen.append(request)
        return asks(*GOOD_CALLS).complete(request)

    Table(ScriptedModel(script), look, demo_setup).both_turns()
    asked = seen[1].messages[-3]["tool_calls"]
    assert [call["function"] for call in asked] == [
        {"name": call.name, "arguments": call.arguments} for call in GOOD_CALLS
    ]


def test_a_call_is_made_once_whatever_the_framework_repeats(look: Look, demo_setup: DeskSetup) -> None:
    table = Table(asks(*GOOD_CALLS), look, demo_setup)
    tokens = table.talk.turn(OPENING)
    assert not isinstance(tokens, str)
    first = table.talk.run_call(tokens[0])
    assert "refused" not in json.loads(first)
    assert json.loads(table.talk.run_call(tokens[0]))["refused"] == "no_such_call"
    assert json.loads(table.talk.run_call("call-99"))["refused"] == "no_such_call"
    assert len(table.rows("tool_call")) == 1


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (babbling(), AbstentionReason.MALFORMED),
        (asks(), AbstentionReason.MALFORMED),
        (asks(*(GOOD_CALLS * 5)), AbstentionReason.MALFORMED),
        (asks(*GOOD_CALLS, then="   "), AbstentionReason.MALFORMED),
        (failing("rate limit exceeded: 429"), AbstentionReason.MODEL_ERROR),
    ],
)
def test_trouble_is_kept_and_never_raised_into_the_framework(
    model: ChatModel, reason: AbstentionReason, look: Look, demo_setup: DeskSetup
) -> None:
    table = Table(model, look, demo_setup)
    assert table.both_turns() == ABSTAINED
    assert table.talk.failure is not None
    assert reason_of(table.talk.failure) is reason


def test_a_defect_in_a_model_client_costs_one_report(look: Look, demo_setup: DeskSetup) -> None:
    def script(request: ChatRequest) -> Reply:
        raise ZeroDivisionError

    table = Table(ScriptedModel(script), look, demo_setup)
    assert table.both_turns() == ABSTAINED
    assert "ZeroDivisionError" in str(table.talk.failure)


def test_tool_calls_when_an_answer_is_due_are_no_answer(look: Look, demo_setup: DeskSetup) -> None:
    always = ScriptedModel(lambda request: Reply(text="x", tool_calls=GOOD_CALLS, prompt_tokens=1, completion_tokens=1))
    table = Table(always, look, demo_setup)
    assert table.both_turns() == ABSTAINED
    assert isinstance(table.talk.failure, ModelMalformedError)


def test_a_late_thread_is_not_heard(look: Look, demo_setup: DeskSetup) -> None:
    asked, answer = threading.Event(), threading.Event()

    def script(request: ChatRequest) -> Reply:
        asked.set()
        assert answer.wait(5)
        return Reply(text=None, tool_calls=GOOD_CALLS, prompt_tokens=1, completion_tokens=1)

    table = Table(ScriptedModel(script), look, demo_setup)
    thread = threading.Thread(target=table.talk.turn, args=(OPENING,), daemon=True)
    thread.start()
    assert asked.wait(5)
    table.talk.close()
    answer.set()
    thread.join(5)
    assert table.talk.answer is None
    assert table.rows("reply") == []
    assert json.loads(table.talk.run_call("call-0"))["refused"] == "no_such_call"


def test_no_request_is_sent_when_no_time_is_left(look: Look, demo_setup: DeskSetup) -> None:
    table = Table(OfflineModel(), look, demo_setup, seconds=-1.0)
    assert table.both_turns() == ABSTAINED
    assert isinstance(table.talk.failure, ModelTimeoutError)
    assert table.purse.requests == 0


@pytest.mark.parametrize(
    "budget",
    [replace(PLENTY, requests=1), replace(PLENTY, prompt_tokens=6_010), replace(PLENTY, completion_tokens=0)],
)
def test_what_is_not_in_the_budget_is_not_asked(budget: Budget, look: Look, demo_setup: DeskSetup) -> None:
    table = Table(OfflineModel(), look, demo_setup, budget=budget)
    assert table.both_turns() == ABSTAINED
    assert isinstance(table.talk.failure, BudgetSpentError)
    assert (table.purse.requests, table.rows("prompt")) == (0, [])


def test_a_result_that_is_too_large_is_refused(look: Look, demo_setup: DeskSetup) -> None:
    tight = replace(demo_setup, tools={}, default_tools=replace(demo_setup.default_tools, result_chars=50))
    table = Table(asks(*GOOD_CALLS), look, tight)
    table.both_turns()
    assert {json.loads(row["result"])["refused"] for row in table.rows("tool_call")} == {"result_too_large"}


def test_the_purse_counts_what_the_provider_says() -> None:
    purse = Purse(PLENTY)
    request = ChatRequest(agent="a", stage=Stage.PLAN, messages=(OPENING[0],), tools=(), answer_schema={}, deadline=1.0)
    estimate = purse.pay(request)
    purse.settle(estimate, Reply(text="x", tool_calls=(), prompt_tokens=777, completion_tokens=33))
    assert (purse.requests, purse.prompt_tokens, purse.completion_tokens) == (1, 777, 33)


def test_the_last_request_is_kept_for_the_decision() -> None:
    purse = Purse(replace(PLENTY, requests=2))
    work = ChatRequest(agent="a", stage=Stage.WORK, messages=(), tools=(), answer_schema={}, deadline=1.0)
    purse.pay(work)
    with pytest.raises(BudgetSpentError):
        purse.pay(work)
    purse.pay(replace(work, stage=Stage.DECIDE))
    assert purse.requests == 2


def test_a_picture_is_only_paid_from_what_a_decision_does_not_need() -> None:
    with pytest.raises(BudgetSpentError):
        Purse(PLENTY).pay_picture("chart")
    wide = Purse(replace(PLENTY, requests=13))
    wide.pay_picture("chart")
    with pytest.raises(BudgetSpentError):
        wide.pay_picture("chart")
