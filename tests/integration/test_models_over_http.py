"""A desk whose models sit behind an OpenAI-compatible endpoint: what a decision costs, and what a broken one does."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from agents.models import ChatRequest, Stage, facts_line
from agents.openai_chat import MAX_REPLY_BYTES, Endpoint, OpenAIChat
from agents.roster import ROSTER
from config.loader import load_desk
from crews.audit.replay import replay
from crews.desk import Desk
from crews.record.record import AbstentionReason, DecisionRecord
from crews.seating import setup_of
from crews.setup import DeskSetup
from crews.work import runner
from desk.domain.errors import ModelError, ModelMalformedError, ModelTimeoutError
from desk.domain.intents import Action
from memory.audit import AuditLog
from tests.integration.model_server import Behaviour, ModelServer, as_request, at_the_same_time, serving, thinking
from tests.unit.crews.fakes import FakeGuard, FakeMarket, FakeNews, FixedClock, ListedAudit, hurried
from tools.tool import PictureTrend
from tools.vision import VisionEndpoint, VisionReader

AGENTS = ("master", *ROSTER)


@pytest.fixture(scope="module")
def setup() -> DeskSetup:
    runner.load()
    return setup_of(load_desk("demo", environ={}))


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with serving(thinking(0.0)) as running:
        yield running


def chat(url: str, **changes: Any) -> OpenAIChat:
    values: dict[str, Any] = {
        "model": "local",
        "base_url": url,
        "api_key": "",
        "timeout": 5.0,
        "structured": "json_schema",
        "temperature": 0.0,
        "max_completion_tokens": 800,
    }
    return OpenAIChat(Endpoint(**(values | changes)))


def decide(
    url: str, setup: DeskSetup, guard: FakeGuard | None = None, audit: Any = None, **changes: Any
) -> tuple[DecisionRecord, FakeGuard, float]:
    """One decision with every agent at this endpoint, in a rising market; and how long it took."""
    clock = FixedClock()
    guard = guard or FakeGuard(clock)
    model = chat(url, **changes)
    desk = Desk(
        market=FakeMarket(clock, drift=0.003),
        news=FakeNews("Bitcoin funds record inflows", clock=clock),
        guard=guard,
        audit=audit if audit is not None else ListedAudit(),
        setup=setup,
        models=dict.fromkeys(AGENTS, model),
        clock=clock,
    )
    began = time.monotonic()
    try:
        record = asyncio.run(desk.decide("BTCUSDT", "run-1"))
        return record, guard, time.monotonic() - began
    finally:
        desk.close()
        model.close()


def losing() -> FakeGuard:
    guard = FakeGuard(FixedClock())
    guard.position, guard.unrealized = Decimal("0.1"), Decimal(-5)
    return guard


def test_a_decision_costs_twelve_requests_and_four_answers_one_after_the_other(
    server: ModelServer, setup: DeskSetup, tmp_path: Path
) -> None:
    """At a second an answer that is four seconds; benchmarks/costs.py measures what the desk adds to them."""
    server.behaviour = at_the_same_time(5)
    audit = AuditLog(tmp_path / "audit.sqlite", FixedClock())
    try:
        record, guard, _ = decide(server.url, setup, audit=audit)
        asked = Counter(as_request(question).agent for question in server.asked)
        assert asked["master"] + max(asked[name] for name in ROSTER) == 4
        assert record.requests == len(server.asked) == 12
        assert record.prompt_tokens <= 25_000
        assert sum(len(json.dumps(question)) for question in server.asked) / 4 <= 25_000
        assert set(record.reports) == set(ROSTER)
        assert record.action is Action.OPEN_LONG
        assert len(guard.asked) == 1
        assert replay(audit, record.decision_id).difference == ""
    finally:
        audit.close()


@pytest.mark.parametrize("structured", ["json_schema", "json_object", "tools", "text"])
def test_every_way_of_asking_for_json_gives_the_same_decision(
    structured: str, server: ModelServer, setup: DeskSetup
) -> None:
    record, _, _ = decide(server.url, setup, structured=structured)
    assert (record.action, record.abstentions) == (Action.OPEN_LONG, ())
    last = server.asked[-1]
    shape = {
        "json_schema": "json_schema" in last.get("response_format", {}),
        "json_object": last.get("response_format") == {"type": "json_object"},
        "tools": [tool["function"]["name"] for tool in last.get("tools", ())] == ["give_answer"],
        "text": "response_format" not in last and "tools" not in last,
    }
    assert [name for name, found in shape.items() if found] == [structured]
    said = '"conviction"' in json.dumps(last["messages"][-1]["content"]).replace("\\", "")
    assert said == (structured in ("json_object", "text"))
    rounds = [question.get("tool_choice") for question in server.asked if len(question["messages"]) == 2]
    assert rounds.count("required") == 5


async def _down(question: dict[str, Any]) -> web.StreamResponse:
    return web.json_response({"error": {"message": "rate limit"}}, status=429)


async def _broken(question: dict[str, Any]) -> web.StreamResponse:
    return web.Response(status=500, text="<html>oops</html>")


async def _nonsense(question: dict[str, Any]) -> web.StreamResponse:
    message = {"role": "assistant", "content": "BUY BUY BUY {'action': OPEN_LONG"}
    return web.json_response({"choices": [{"message": message}]})


async def _not_json(question: dict[str, Any]) -> web.StreamResponse:
    return web.Response(text="<html>login</html>", content_type="text/html")


async def _sends_elsewhere(question: dict[str, Any]) -> web.StreamResponse:
    raise web.HTTPFound("http://127.0.0.1:9/v1/chat/completions")


@pytest.mark.parametrize("behaviour", [_down, _broken, _nonsense, _not_json, _sends_elsewhere])
def test_a_broken_endpoint_is_asked_once_each_and_nothing_opens(
    behaviour: Behaviour, server: ModelServer, setup: DeskSetup
) -> None:
    server.behaviour = behaviour
    record, guard, _ = decide(server.url, setup)
    assert record.action is Action.HOLD
    assert guard.asked == []
    assert {item.agent for item in record.abstentions} == {"master", *setup.mandatory}
    assert len(server.asked) == 1 + len(setup.mandatory)


def test_a_dead_endpoint_still_lets_a_losing_position_be_closed(setup: DeskSetup) -> None:
    record, guard, _ = decide("http://127.0.0.1:9/v1", setup, guard=losing())
    assert record.action is Action.CLOSE
    assert [intent.action for intent in guard.asked] == [Action.CLOSE]


def test_a_slow_endpoint_costs_its_deadline_and_nothing_opens(server: ModelServer, setup: DeskSetup) -> None:
    server.behaviour = thinking(60.0)
    record, guard, seconds = decide(server.url, hurried(setup, 0.6))
    assert {item.reason for item in record.abstentions} == {AbstentionReason.TIMEOUT}
    assert guard.asked == []
    assert seconds < 30.0


def test_one_slow_specialist_does_not_hold_the_others(server: ModelServer, setup: DeskSetup) -> None:
    honest, late = thinking(0.0), thinking(60.0)

    async def behave(question: dict[str, Any]) -> web.StreamResponse:
        chart = "read_chart" in json.dumps(question.get("tools", []))
        return await (late if chart else honest)(question)

    server.behaviour = behave
    record, _, seconds = decide(server.url, hurried(setup, 3.0))
    assert [(item.agent, item.reason) for item in record.abstentions] == [("chart", AbstentionReason.TIMEOUT)]
    assert set(record.reports) == set(ROSTER) - {"chart"}
    assert seconds < 30.0


def ask(model: OpenAIChat, *, deadline: float = 5.0) -> None:
    opening = {"role": "user", "content": facts_line({})}
    try:
        model.complete(
            ChatRequest(
                agent="master",
                stage=Stage.PLAN,
                messages=(opening,),
                tools=(),
                answer_schema={"type": "object"},
                deadline=deadline,
            )
        )
    finally:
        model.close()


def test_an_endless_answer_is_cut_off(server: ModelServer) -> None:
    async def behave(question: dict[str, Any]) -> web.StreamResponse:
        return web.Response(text="x" * (MAX_REPLY_BYTES + 1))

    server.behaviour = behave
    with pytest.raises(ModelMalformedError, match="more than"):
        ask(chat(server.url))


def test_a_dripping_answer_does_not_outlive_its_deadline(server: ModelServer) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse()
        await stream.prepare(request)
        for _ in range(1200):
            await stream.write(b" ")
            await asyncio.sleep(0.05)
        return stream

    server.drip = drip
    began = time.monotonic()
    with pytest.raises(ModelTimeoutError):
        ask(chat(server.url), deadline=0.5)
    assert time.monotonic() - began < 30.0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"choices": []},
        {"choices": [{"message": None}]},
        {"choices": [{"message": {"content": 5}}]},
        {"choices": [{"message": {"content": "x", "tool_calls": [{"id": "1"}]}}]},
        {"choices": [{"message": {"content": "x", "tool_calls": "all of them"}}]},
    ],
)
def test_a_reply_that_is_no_completion_is_malformed(body: dict[str, Any], server: ModelServer) -> None:
    async def behave(question: dict[str, Any]) -> web.StreamResponse:
        return web.json_response(body)

    server.behaviour = behave
    with pytest.raises(ModelMalformedError):
        ask(chat(server.url))


def test_a_vision_model_is_shown_the_picture_and_may_fail(server: ModelServer, setup: DeskSetup) -> None:
    async def behave(question: dict[str, Any]) -> web.StreamResponse:
        text = json.dumps({"trend": "DOWN", "score": -40, "confidence": 0.7})
        message = {"role": "assistant", "content": text, "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        head = {"id": "c", "object": "chat.completion", "created": 1, "model": "eye"}
        return web.json_response({**head, "choices": [choice]})

    server.behaviour = behave
    endpoint = VisionEndpoint(model="eye", base_url=server.url, api_key="", timeout=5.0, method="json_schema")
    look = VisionReader(endpoint).look("what do you see?", b"\x89PNG not really")
    assert (look.reading.trend, look.reading.score) == (PictureTrend.DOWN, -40)
    assert look.prompt_tokens > 0
    shown = server.asked[0]["messages"][0]["content"][1]["image_url"]["url"]
    assert shown.startswith("data:image/png;base64,")
    server.behaviour = _nonsense
    with pytest.raises(ModelError):
        VisionReader(endpoint).look("and now?", b"png")
