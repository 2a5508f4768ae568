"""Over the wire: the news agent's model reads each headline alone, and nothing it does there can raise an exposure."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from agents.models import Reply
from config import load_desk
from crews.audit.replay import replay
from crews.record.record import DecisionRecord
from crews.running.opening import open_desk
from crews.running.services import Folder
from crews.spending.costs import open_costs
from crews.work import runner
from crews.work.progress import silent
from memory.audit import AuditLog
from tests.integration.model_server import Behaviour, ModelServer, completion, serving, thinking
from tests.unit.crews.fakes import FakeGuard, FakeMarket, FakeNews, FixedClock

QUIET = "Quarterly letter on bitcoin"
TITLES = (QUIET, "Bitcoin conference opens its doors")


@dataclass
class Reader:
    """An honest model of the desk that also reads headlines: as it is told to, or in some broken way."""

    say: Behaviour
    titles: list[str] = field(default_factory=list[str])

    async def __call__(self, question: dict[str, Any]) -> web.StreamResponse:
        if not question["messages"][0]["content"].startswith("You rate one headline"):
            return await thinking(0.0)(question)
        shown = question["messages"][1]
        assert set(json.loads(shown["content"])) == {"headline"}
        assert all(tool["function"]["name"] == "give_answer" for tool in question.get("tools", ()))
        self.titles.append(json.loads(shown["content"])["headline"])
        return await self.say(question)


def says(told: object) -> Behaviour:
    async def behave(question: dict[str, Any]) -> web.StreamResponse:
        text = told if isinstance(told, str) else json.dumps(told)
        return web.json_response(
            completion(Reply(text=text, tool_calls=(), prompt_tokens=170, completion_tokens=22), question)
        )

    return behave


def rates(score: float) -> Behaviour:
    return says({"score": score, "confidence": 1.0, "topic": "PRICE"})


async def down(question: dict[str, Any]) -> web.StreamResponse:
    return web.json_response({"error": {"message": "busy"}}, status=503)


async def stares(question: dict[str, Any]) -> web.StreamResponse:
    await asyncio.sleep(20)
    return await rates(1.0)(question)


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """Libraries that take seconds to load do so here, and not inside the first decision's deadlines."""
    runner.load()
    importlib.import_module("openai.resources.chat.completions")


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with serving(thinking(0.0)) as running:
        yield running


@dataclass
class Desk:
    """A profile's folder whose agents all sit at this endpoint; each decision is of a desk that has just opened."""

    server: ModelServer
    root: Path
    clock: FixedClock = field(default_factory=FixedClock)
    runs: int = 0

    def decide(self, *, drift: float = 0.003, titles: tuple[str, ...] = TITLES, **changes: str) -> DecisionRecord:
        how = {"structured": "json_schema", "sentiment": "true", "timeout_seconds": "20", **changes}
        words = ", ".join(f"{key}: {value}" for key, value in how.items())
        model = f"{{kind: openai, model: eye, base_url: '{self.server.url}', {words}}}"
        config = load_desk("demo", environ={}, overrides={"desk.models.eye": model, "desk.default_model": "eye"})
        self.runs += 1
        folder = Folder(self.root)
        with ExitStack() as closing:
            audit = AuditLog(folder.audit, self.clock)
            closing.callback(audit.close)
            desk = open_desk(
                config,
                market=FakeMarket(self.clock, drift=drift),
                news=FakeNews(*titles, clock=self.clock),
                guard=FakeGuard(self.clock),
                audit=audit,
                clock=self.clock,
                progress=silent,
                closing=closing,
                costs=open_costs(config, folder, closing),
            )
            closing.callback(desk.close)
            record = asyncio.run(desk.decide("BTCUSDT", f"run-{self.runs}"))
            report = replay(audit, record.decision_id)
            assert report.equal, report.difference
            return record


@pytest.mark.parametrize("structured", ["json_schema", "tools", "text"])
def test_each_headline_is_asked_about_once_a_day_and_the_report_says_what_the_model_said(
    server: ModelServer, tmp_path: Path, structured: str
) -> None:
    server.behaviour = reader = Reader(rates(-0.8))
    desk = Desk(server, tmp_path / "demo")
    first = desk.decide(structured=structured)
    assert sorted(reader.titles) == sorted(TITLES)
    assert first.requests == len(server.asked) == 14
    assert first.abstentions == ()
    assert (first.reports["news"]["mood"], first.reports["news"]["score"]) == ("NEGATIVE", -0.8)
    again = desk.decide(structured=structured)
    assert (len(reader.titles), again.requests) == (2, 0)
    assert again.reports == first.reports
    desk.clock.at += timedelta(hours=24)
    desk.decide(structured=structured)
    assert len(reader.titles) == 4


@pytest.mark.parametrize(
    ("say", "timeout"),
    [
        (down, "20"),
        (stares, "4"),
        (says("bitcoin will soar"), "20"),
        (says({"score": 9, "confidence": 1, "topic": "BUY"}), "20"),
    ],
    ids=["down", "slow", "babbling", "of another shape"],
)
def test_a_reader_that_fails_leaves_the_lexicons_reading_and_every_other_report(
    server: ModelServer, tmp_path: Path, say: Behaviour, timeout: str
) -> None:
    without = Desk(server, tmp_path / "without").decide(sentiment="false")
    server.behaviour = reader = Reader(say)
    failed = Desk(server, tmp_path / "failed").decide(timeout_seconds=timeout)
    assert len(reader.titles) == 2
    assert (failed.reports, failed.abstentions) == (without.reports, ())
    assert (failed.action, failed.conviction, failed.verdict) == (without.action, without.conviction, without.verdict)


@pytest.mark.parametrize("drift", [0.004, -0.004], ids=["rising", "falling"])
@pytest.mark.parametrize("score", [1.0, -1.0])
def test_a_reader_that_lies_can_cost_a_trade_and_not_make_or_enlarge_one(
    server: ModelServer, tmp_path: Path, drift: float, score: float
) -> None:
    without = Desk(server, tmp_path / "without").decide(drift=drift, sentiment="false")
    server.behaviour = Reader(rates(score))
    lied = Desk(server, tmp_path / "lied").decide(drift=drift)
    if lied.action.opens:
        assert lied.action is without.action
        assert lied.conviction <= without.conviction
    assert {name: lied.reports[name] for name in ("regime", "chart", "risk")} == {
        name: without.reports[name] for name in ("regime", "chart", "risk")
    }
