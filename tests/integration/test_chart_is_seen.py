"""A chart model with vision is sent the chart as a picture; one that is blind costs the picture and nothing else."""

from __future__ import annotations

import asyncio
import base64
import importlib
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from aiohttp import web
from PIL import Image

from agents.roster import ROSTER
from config import load_desk
from crews.audit.chart_of import chart_of
from crews.audit.replay import replay, why
from crews.record.record import DecisionRecord
from crews.running.opening import open_desk, open_eyes
from crews.running.services import Folder
from crews.spending.costs import open_costs
from crews.work import runner
from crews.work.progress import silent
from desk.domain.errors import PrerequisiteError
from desk.market.chart_palette import DOWN, UP
from memory.audit import AuditLog
from memory.rows import Kind
from tests.integration.model_server import Behaviour, ModelServer, serving, thinking
from tests.unit.crews.fakes import FakeGuard, FakeMarket, FakeNews, FixedClock
from tools.vision import VisionReader

PNG = b"\x89PNG\r\n\x1a\n"
SEEN: Mapping[str, Any] = MappingProxyType({"trend": "DOWN", "score": -40, "confidence": 0.7})


@dataclass
class Eye:
    """An honest model that also looks at pictures: well, or in some broken way."""

    look: Behaviour
    pictures: list[bytes] = field(default_factory=list[bytes])

    async def __call__(self, question: dict[str, Any]) -> web.StreamResponse:
        picture = _picture(question)
        if picture is None:
            return await thinking(0.0)(question)
        self.pictures.append(picture)
        return await self.look(question)


def _picture(question: dict[str, Any]) -> bytes | None:
    content = question["messages"][0]["content"]
    if not isinstance(content, list):
        return None
    [shown] = [part["image_url"]["url"] for part in content if part["type"] == "image_url"]
    head, _, data = shown.partition(",")
    assert head == "data:image/png;base64"
    return base64.b64decode(data, validate=True)


async def _sees(question: dict[str, Any], seen: Mapping[str, Any] = SEEN) -> web.StreamResponse:
    """As the endpoint was asked: a message of JSON, or a call of the one function."""
    message: dict[str, Any] = {"role": "assistant", "content": json.dumps(dict(seen)), "refusal": None}
    if question.get("tools"):
        function = {"name": question["tools"][0]["function"]["name"], "arguments": json.dumps(dict(seen))}
        message = {"role": "assistant", "content": None}
        message["tool_calls"] = [{"id": "c", "type": "function", "function": function}]
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    head = {"id": "c", "object": "chat.completion", "created": 1, "model": "eye"}
    usage = {"prompt_tokens": 1_105, "completion_tokens": 25, "total_tokens": 1_130}
    return web.json_response({**head, "choices": [choice], "usage": usage})


async def _down(question: dict[str, Any]) -> web.StreamResponse:
    return web.json_response({"error": {"message": "no eyes"}}, status=500)


async def _babbles(question: dict[str, Any]) -> web.StreamResponse:
    message = {"role": "assistant", "content": "a fine chart, buy it", "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    head = {"id": "c", "object": "chat.completion", "created": 1, "model": "eye"}
    return web.json_response({**head, "choices": [choice]})


async def _lies(question: dict[str, Any]) -> web.StreamResponse:
    return await _sees(question, {"trend": "UP", "score": 100, "confidence": 1.0})


async def _lies_down(question: dict[str, Any]) -> web.StreamResponse:
    return await _sees(question, {"trend": "DOWN", "score": -100, "confidence": 1.0})


async def _reads_the_ink(question: dict[str, Any]) -> web.StreamResponse:
    """Answers by what it sees: the share of candle pixels in the rising and in the falling colour."""
    picture = _picture(question)
    assert picture is not None
    ink = np.asarray(Image.open(BytesIO(picture)).convert("RGB"))
    up, down = (int((ink == _rgb(colour)).all(axis=2).sum()) for colour in (UP, DOWN))
    score = round(100 * (up - down) / max(1, up + down))
    trend = "UP" if score > 0 else "DOWN"
    return await _sees(question, {"trend": trend, "score": score, "confidence": 0.9})


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))


@dataclass
class Fussy:
    """An endpoint that does not know `response_format`, as older servers do not, and knows functions."""

    status: int = 400
    refused: int = 0

    async def __call__(self, question: dict[str, Any]) -> web.StreamResponse:
        if "response_format" in question:
            self.refused += 1
            return web.json_response({"error": {"message": "response_format is not supported"}}, status=self.status)
        return await _sees(question)


async def _stares(question: dict[str, Any]) -> web.StreamResponse:
    await asyncio.sleep(30)
    return await _sees(question)


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """Libraries that take seconds to load do so here, and not inside the first decision's deadlines."""
    runner.load()
    for name in ("langchain_openai", "desk.market.chart_canvas"):
        importlib.import_module(name)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with serving(thinking(0.0)) as running:
        yield running


def decide(server: ModelServer, tmp_path: Path, *, drift: float = 0.003, **changes: str) -> DecisionRecord:
    """One decision as a kickoff would make it, with every agent at this endpoint; it replays bit-equal."""
    how = {"structured": "json_schema", "vision": "true", "timeout_seconds": "20", **changes}
    model = f"{{kind: openai, model: eye, base_url: '{server.url}', {', '.join(f'{k}: {v}' for k, v in how.items())}}}"
    config = load_desk("demo", environ={}, overrides={"desk.models.eye": model, "desk.default_model": "eye"})
    clock = FixedClock()
    with ExitStack() as closings:
        folder = Folder(tmp_path / f"desk-{len(list(tmp_path.iterdir()))}")
        audit = AuditLog(folder.audit, clock)
        closings.callback(audit.close)
        desk = open_desk(
            config,
            market=FakeMarket(clock, drift=drift),
            news=FakeNews("Bitcoin funds record inflows", clock=clock),
            guard=FakeGuard(clock),
            audit=audit,
            clock=clock,
            progress=silent,
            closing=closings,
            costs=open_costs(config, folder, closings),
        )
        closings.callback(desk.close)
        record = asyncio.run(desk.decide("BTCUSDT", "run-1"))
        report = replay(audit, record.decision_id)
        assert report.equal, report.difference
        told = why(audit, record.decision_id)
        assert (told.prompt_tokens, told.completion_tokens) == (record.prompt_tokens, record.completion_tokens)
        return record


def drawn_again(tmp_path: Path, record: DecisionRecord) -> bytes:
    """The chart as `crew audit chart` draws it from the record."""
    [path] = tmp_path.glob("*/audit.sqlite")
    with closing(AuditLog(path, FixedClock(), create=False)) as log:
        return chart_of(log, record.decision_id)


def read_chart_of(tmp_path: Path, record: DecisionRecord) -> dict[str, Any]:
    """What the chart tool told in this decision, as the log has it: both readings, side by side."""
    [path] = tmp_path.glob("*/audit.sqlite")
    with closing(AuditLog(path, FixedClock(), create=False)) as log:
        rows = log.rows(record.decision_id, kind=Kind.TOOL_CALL)
    [told] = [row.payload["result"] for row in rows if row.payload["tool"] == "read_chart"]
    return json.loads(told)


@pytest.mark.parametrize("structured", ["json_schema", "json_object", "tools"])
def test_the_chart_model_is_sent_the_picture_and_its_report_says_so(
    server: ModelServer, tmp_path: Path, structured: str
) -> None:
    server.behaviour = eye = Eye(_sees)
    record = decide(server, tmp_path, structured=structured)
    [picture] = eye.pictures
    assert picture.startswith(PNG)
    assert picture.rstrip(b"\0").endswith(b"IEND\xaeB`\x82")
    assert len(picture) > 5_000
    assert drawn_again(tmp_path, record) == picture, "what is shown to people later is what was shown to the model"
    assert record.reports["chart"]["read_by"] == "VISION"
    assert (record.requests, len(server.asked)) == (13, 13)
    assert record.abstentions == ()


@pytest.mark.parametrize("drift", [0.003, -0.003], ids=["rising", "falling"])
def test_what_the_model_says_follows_from_the_pixels_it_was_sent(
    server: ModelServer, tmp_path: Path, drift: float
) -> None:
    server.behaviour = eye = Eye(_reads_the_ink)
    record = decide(server, tmp_path, drift=drift)
    assert len(eye.pictures) == 1
    assert record.reports["chart"]["read_by"] == "VISION"
    result = read_chart_of(tmp_path, record)
    assert result["picture_trend"] == ("UP" if drift > 0 else "DOWN") == result["trend"]
    assert result["picture_score"] * drift > 0
    assert (result["same_trend"], result["apart"]) == (True, result["picture_score"] - result["score"])


@pytest.mark.parametrize("status", [400, 422, 501])
def test_an_endpoint_without_structured_output_is_asked_for_a_function_and_remembered(
    server: ModelServer, tmp_path: Path, status: int
) -> None:
    server.behaviour = eye = Eye(Fussy(status=status))
    record = decide(server, tmp_path, structured="json_object")
    assert isinstance(eye.look, Fussy)
    assert (eye.look.refused, len(eye.pictures)) == (1, 2)
    assert record.reports["chart"]["read_by"] == "VISION"
    assert (record.requests, record.abstentions) == (14, ())


@pytest.mark.parametrize(
    ("look", "timeout"), [(_down, "5"), (_babbles, "5"), (_stares, "3")], ids=["down", "babbling", "slow"]
)
def test_a_blind_model_costs_the_picture_and_nothing_else(
    server: ModelServer, tmp_path: Path, look: Behaviour, timeout: str
) -> None:
    server.behaviour = thinking(0.0)
    without = decide(server, tmp_path, vision="false")
    assert without.requests == 12
    assert without.reports["chart"]["read_by"] == "NUMBERS"
    server.behaviour = eye = Eye(look)
    blind = decide(server, tmp_path, timeout_seconds=timeout)
    assert len(eye.pictures) == 1
    assert blind.reports["chart"]["read_by"] == "NUMBERS_AFTER_VISION_FAILED"
    assert set(blind.reports) == set(ROSTER)
    assert (blind.action, blind.conviction, blind.verdict) == (without.action, without.conviction, without.verdict)
    unlike = {"read_by", "note"}
    for agent, report in blind.reports.items():
        other = without.reports[agent]
        assert {k: v for k, v in report.items() if k not in unlike} == {
            k: v for k, v in other.items() if k not in unlike
        }


@pytest.mark.parametrize("drift", [0.003, -0.003], ids=["rising", "falling"])
@pytest.mark.parametrize("look", [_lies, _lies_down], ids=["up", "down"])
def test_a_lying_picture_changes_the_charts_report_alone_and_can_only_cost_a_trade(
    server: ModelServer, tmp_path: Path, look: Behaviour, drift: float
) -> None:
    server.behaviour = thinking(0.0)
    without = decide(server, tmp_path, vision="false", drift=drift)
    server.behaviour = Eye(look)
    lied = decide(server, tmp_path, drift=drift)
    assert lied.reports["chart"]["read_by"] == "VISION"
    assert abs(lied.reports["chart"]["score"]) <= abs(without.reports["chart"]["score"])
    assert {a: r for a, r in lied.reports.items() if a != "chart"} == {
        a: r for a, r in without.reports.items() if a != "chart"
    }
    assert lied.abstentions == ()
    if lied.action.opens:
        assert lied.action is without.action
        assert lied.conviction <= without.conviction


def test_a_slow_picture_leaves_the_report_its_time() -> None:
    model = "{kind: openai, model: eye, base_url: 'http://127.0.0.1:1/v1', vision: true, timeout_seconds: 600}"
    config = load_desk("demo", environ={}, overrides={"desk.models.eye": model, "desk.default_model": "eye"})
    with ExitStack() as closings:
        eyes = open_eyes(config, closings)
        assert isinstance(eyes, VisionReader)
        assert eyes._endpoint.timeout <= config.desk.deadlines.specialist / 2
        client = eyes._http
        assert not client.is_closed
    assert client.is_closed


def test_eyes_without_their_key_are_named_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EYE_KEY", raising=False)
    model = "{kind: openai, model: eye, base_url: 'https://eye.invalid/v1', vision: true, api_key_env: EYE_KEY}"
    config = load_desk("demo", environ={}, overrides={"desk.models.eye": model, "desk.default_model": "eye"})
    with ExitStack() as closings, pytest.raises(PrerequisiteError, match="needs its key in EYE_KEY"):
        open_eyes(config, closings)


def test_no_vision_opens_no_eyes() -> None:
    with ExitStack() as closings:
        assert open_eyes(load_desk("demo", environ={}), closings) is None
