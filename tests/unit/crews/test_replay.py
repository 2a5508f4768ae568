"""A decision can be made again from its record alone, bit for bit, and explained in one screen."""

from __future__ import annotations

import asyncio
import copy
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agents.models import ChatModel, ChatRequest, Reply, Stage
from agents.offline import OfflineModel
from agents.scripted import ScriptedModel, hostile, says
from config.loader import load_desk
from crews.audit.replay import replay, why
from crews.desk import Desk
from crews.record.version import code_version
from crews.running.opening import open_models
from crews.seating import setup_of
from crews.setup import DeskSetup
from desk.domain.errors import DataError, ModelError, PrerequisiteError
from desk.domain.intents import Action
from memory.audit import AuditLog, AuditRow
from memory.rows import Kind
from tests.unit.crews.fakes import FakeGuard, FakeMarket, FakeNews, FixedClock
from tools.tool import Look, PictureReading, PictureTrend

ROOT = Path(__file__).resolve().parents[3]
Models = Mapping[str, ChatModel]


class Picture:
    """A vision model that sees the same thing every time."""

    label = "picture"

    def look(self, question: str, png: bytes) -> Look:
        reading = PictureReading(trend=PictureTrend.DOWN, score=-40, confidence=0.7)
        return Look(reading=reading, text=reading.model_dump_json(), prompt_tokens=900, completion_tokens=30)


class Blind:
    """A vision model that is down."""

    label = "blind"

    def look(self, question: str, png: bytes) -> Look:
        raise ModelError("no eyes")


def nonsense() -> ScriptedModel:
    return ScriptedModel(lambda request: says(request, "I think we should buy."), label="nonsense")


def wrong_tools() -> ScriptedModel:
    """Asks for a tool it does not have and misspells an argument, then reports what the offline rules would."""
    honest = OfflineModel()

    def script(request: ChatRequest) -> Reply:
        reply = honest.complete(request)
        if request.stage is not Stage.WORK or not reply.tool_calls:
            return reply
        first = reply.tool_calls[0]
        strange = (
            replace(first, id="x1", name="propose_order", arguments='{"intent": "{}"}'),
            replace(first, id="x2", arguments='{"interval": "15m", "interval": "1h"}'),
            replace(first, id="x3", arguments='{"qty": NaN}'),
        )
        return replace(reply, tool_calls=(*reply.tool_calls, *strange))

    return ScriptedModel(script, label="wrong tools")


class Office:
    """Everything to make decisions into one real audit log."""

    def __init__(self, path: Path, setup: DeskSetup) -> None:
        self.clock = FixedClock()
        self.log = AuditLog(path, self.clock)
        self.setup = setup
        self.named: dict[str, str] = {}

    def decide(self, name: str, *, models: Models, drift: float = 0.004, again: bool = False, **how: Any) -> None:
        guard = FakeGuard(self.clock)
        for field in ("position", "unrealized", "gone_when_asked", "mode"):
            if field in how:
                setattr(guard, field, how[field])
        desk = Desk(
            market=FakeMarket(self.clock, drift=drift),
            news=FakeNews("Bitcoin funds record inflows", clock=self.clock, silent="silent" in how),
            guard=guard,
            audit=self.log,
            setup=self.setup,
            models=models,
            clock=self.clock,
            eyes=how.get("eyes"),
        )
        for _ in range(1 + again):
            self.named[name] = asyncio.run(desk.decide("BTCUSDT", f"run-{name.replace(chr(32), chr(45))}")).decision_id
        desk.close()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A day at the desk: good, bad and ugly decisions, made once for all tests here."""
    # Requests to spare, or no picture is ever read.
    config = load_desk("demo", environ={}, overrides={"desk.budget.requests": "30"})
    here = Office(tmp_path_factory.mktemp("audit") / "audit.sqlite", setup_of(config))
    with ExitStack() as closing:
        offline: Models = open_models(config, closing)
        here.decide("opens long", models=offline)
        here.decide("falling", models=offline, drift=-0.004)
        here.decide("no news", models=offline, silent=True)
        here.decide("guard gone", models=offline, gone_when_asked=True)
        leave = dict.fromkeys(offline, hostile(Action.CLOSE))
        here.decide("losing", models=leave, drift=0.0, position=Decimal("0.05"), unrealized=Decimal(-20))
        here.decide("locked", models=offline, mode="LOCKED")
        here.decide("twice", models=offline, again=True)
        here.decide("seen", models=offline, eyes=Picture())
        here.decide("blind", models=offline, eyes=Blind())
        here.decide("hostile", models=dict.fromkeys(offline, hostile()))
        here.decide("nonsense", models=dict.fromkeys(offline, nonsense()))
        here.decide("half nonsense", models={**offline, "news": nonsense(), "risk": nonsense()})
        here.decide("wrong tools", models=dict.fromkeys(offline, wrong_tools()))
    yield here
    here.log.close()


NAMES = [
    "opens long", "falling", "no news", "guard gone", "losing", "locked", "twice", "seen", "blind", "hostile",
    "nonsense", "half nonsense", "wrong tools",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_decision_replays_bit_equal(office: Office, name: str) -> None:
    report = replay(office.log, office.named[name])
    assert report.equal, report.difference
    assert report.difference == ""
    assert report.compared >= 6


def test_the_day_was_worth_replaying(office: Office) -> None:
    """Guards the test above: the decisions really differ in what they exercise."""
    listed = {one.decision_id: one for one in office.log.decisions(100)}
    actions = {listed[office.named[name]].action for name in NAMES}
    assert {"OPEN_LONG", "HOLD", "CLOSE"} <= actions
    kinds = {row.kind for name in NAMES for row in office.log.rows(office.named[name])}
    assert {Kind.ABSTENTION, Kind.VERDICT, Kind.FILL, Kind.ERROR} <= kinds
    refused = [
        row.payload["result"]
        for row in office.log.rows(office.named["wrong tools"])
        if row.kind is Kind.TOOL_CALL and not row.payload["ok"]
    ]
    assert any("unknown_tool" in text for text in refused)
    assert any("not_json" in text for text in refused)
    read_by = {
        json.loads(row.payload["result"]).get("read_by")
        for name in ("seen", "blind", "falling")
        for row in office.log.rows(office.named[name])
        if row.kind is Kind.TOOL_CALL and row.payload["tool"] == "read_chart"
    }
    assert read_by == {"VISION", "NUMBERS_AFTER_VISION_FAILED", "NUMBERS"}


def test_the_log_of_the_day_verifies(office: Office) -> None:
    report = office.log.verify()
    assert report.ok, report


def test_a_replay_needs_no_model_no_market_and_no_crewai(office: Office, tmp_path: Path) -> None:
    code = """
import socket, sys
class Never(socket.socket):
    def connect(self, *_): raise AssertionError("a replay tried to reach something")
socket.socket = Never
from pathlib import Path
from desk.guard.process.clock import SystemClock
from crews.audit.replay import replay
from memory.audit import AuditLog
log = AuditLog(Path(sys.argv[1]), SystemClock(), create=False)
print([replay(log, name).equal for name in sys.argv[2:]])
print(sorted({"crewai", "openai", "langchain_core", "chromadb"} & set(sys.modules)))
"""
    copied = tmp_path / "audit.sqlite"
    copied.write_bytes(Path(office.log._connection.execute("PRAGMA database_list").fetchone()[2]).read_bytes())
    names = [office.named["opens long"], office.named["hostile"]]
    ran = subprocess.run(
        [sys.executable, "-c", code, str(copied), *names], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == ["[True, True]", "[]"]


class Edited:
    """The record of one decision with one row changed, as a forger with the hashes in hand would leave it."""

    def __init__(self, log: AuditLog, kind: Kind, change: Callable[[dict[str, Any]], None], agent: str = "") -> None:
        self._log = log
        self._kind = kind
        self._change = change
        self._agent = agent

    def rows(self, decision_id: str) -> list[AuditRow]:
        return [self._edit(row) for row in self._log.rows(decision_id)]

    def snapshot(self, digest: str) -> bytes:
        return self._log.snapshot(digest)

    def _edit(self, row: AuditRow) -> AuditRow:
        if row.kind is not self._kind or self._agent not in ("", row.agent):
            return row
        payload = copy.deepcopy(dict(row.payload))
        self._change(payload)
        return replace(row, payload=payload)


def put(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(payload: dict[str, Any]) -> None:
        inner: Any = payload
        *outer, last = path.split(".")
        for part in outer:
            inner = inner[part]
        assert inner[last] != value
        inner[last] = value

    return change


def swap(path: str, old: str, new: str) -> Callable[[dict[str, Any]], None]:
    def change(payload: dict[str, Any]) -> None:
        assert old in payload[path], payload[path]
        payload[path] = payload[path].replace(old, new)

    return change


def reword(payload: dict[str, Any]) -> None:
    for message in payload["messages"]:
        message["content"] = str(message["content"]).replace("BTCUSDT", "ETHUSDT")


@pytest.mark.parametrize(
    ("kind", "agent", "change", "says_so"),
    [
        (Kind.RUN, "", put("config_hash", "0" * 64), "configuration hash"),
        (Kind.RUN, "", put("run_id", "another"), "decision id"),
        (Kind.RUN, "", swap("config", '"threshold":3', '"threshold":4'), "configuration hash"),
        (Kind.SNAPSHOT, "", put("source", "elsewhere"), "snapshot"),
        (Kind.PROMPT, "regime", reword, "prompt holds the task of regime"),
        (Kind.PROMPT, "master", reword, "prompt holds the task of master"),
        (Kind.TOOL_CALL, "chart", swap("result", '"score":', '"score":1'), "result of read_chart of chart"),
        (Kind.TOOL_CALL, "news", put("ok", False), "success of read_headlines of news"),
        (Kind.TOOL_CALL, "news", put("arguments", "{ }"), "tool call is the model's"),
        (Kind.PLAN, "", put("plan.added", ["risk"]), "plan"),
        (Kind.REPORT, "risk", put("report.size", 0.123), "report of risk"),
        (Kind.DECISION, "", put("proposed.conviction", 0.99), "the master's decision"),
        (Kind.DECISION, "", put("decision.conviction", "0.9"), "decision"),
        (Kind.DECISION, "", put("caps", ["risk_veto"]), "caps"),
        (Kind.INTENT, "", swap("body", "OPEN_LONG", "OPEN_SHORT"), "intent"),
        (Kind.VERDICT, "", put("intent_id", "i0"), "intent of the verdict"),
    ],
)
def test_a_changed_record_differs_where_it_was_changed(
    office: Office, kind: Kind, agent: str, change: Callable[[dict[str, Any]], None], says_so: str
) -> None:
    report = replay(Edited(office.log, kind, change, agent), office.named["opens long"])
    assert not report.equal
    row = next(
        row for row in office.log.rows(office.named["opens long"]) if row.kind is kind and agent in ("", row.agent)
    )
    assert report.difference.startswith(f"row {row.seq}: {says_so}"), report.difference


@pytest.mark.parametrize(
    ("code", "says"), [("0.0.9+feedbeef0000", "version 0.0.9+feedbeef0000, here "), (None, "version not told, here ")]
)
def test_a_decision_of_other_code_is_told_from_one_that_was_altered(
    office: Office, code: str | None, says: str
) -> None:
    def older(payload: dict[str, Any]) -> None:
        payload.pop("code")
        if code is not None:
            payload["code"] = code

    def set_up_otherwise(payload: dict[str, Any]) -> None:
        older(payload)
        swap("config", '"threshold":3', '"threshold":4')(payload)

    whole = replay(Edited(office.log, Kind.RUN, older), office.named["opens long"])
    assert whole.equal, "what comes out the same needs no excuse"
    report = replay(Edited(office.log, Kind.RUN, set_up_otherwise), office.named["opens long"])
    assert not report.equal
    assert report.difference.startswith(f"decided by other code: {says}"), report.difference
    assert code_version() in report.difference


def test_a_changed_reply_shows_in_what_was_made_of_it(office: Office) -> None:
    def greedier(payload: dict[str, Any]) -> None:
        if payload["text"] and '"conviction"' in payload["text"]:
            payload["text"] = payload["text"].replace('"conviction":0.', '"conviction":0.9')

    report = replay(Edited(office.log, Kind.REPLY, greedier, "master"), office.named["opens long"])
    assert "the master's decision" in report.difference


def test_an_intent_that_vanished_from_the_record_is_missed(office: Office) -> None:
    class Without(Edited):
        def rows(self, decision_id: str) -> list[AuditRow]:
            return [row for row in self._log.rows(decision_id) if row.kind not in (Kind.INTENT, Kind.VERDICT)]

    report = replay(Without(office.log, Kind.INTENT, lambda _: None), office.named["opens long"])
    assert "an intent follows" in report.difference


def test_a_repeated_run_is_replayed_once_for_each_attempt(office: Office) -> None:
    once, twice = (replay(office.log, office.named[name]).compared for name in ("opens long", "twice"))
    assert twice == 2 * once


def test_a_decision_that_ended_early_is_replayed_as_far_as_it_went(office: Office) -> None:
    market = FakeMarket(office.clock)

    def broken(symbol: str, depth: int) -> Any:
        raise DataError("the book is crossed")

    market.book = broken  # type: ignore[method-assign]
    desk = Desk(
        market=market, news=None, guard=FakeGuard(office.clock), audit=office.log, setup=office.setup,
        models=dict.fromkeys(["master"], OfflineModel()), clock=office.clock,
    )  # fmt: skip
    with pytest.raises(DataError):
        asyncio.run(desk.decide("BTCUSDT", "run-early"))
    desk.close()
    newest = office.log.decisions(1)[0].decision_id
    report = replay(office.log, newest)
    assert report.equal, report.difference
    assert report.note == "ended early: the book is crossed"
    told = why(office.log, newest)
    assert told.errors == ("snapshot: the book is crossed",)
    assert list(told.lines())


@pytest.mark.parametrize("ask", [replay, why])
def test_asking_for_a_decision_that_is_not_there_says_what_to_do(office: Office, ask: Callable[..., Any]) -> None:
    with pytest.raises(PrerequisiteError) as caught:
        ask(office.log, "d0")
    assert caught.value.hint == "crew audit list"


def test_why_tells_who_said_what_and_which_rule_decided(office: Office) -> None:
    told = why(office.log, office.named["opens long"])
    assert {voice.agent for voice in told.voices} == {"regime", "chart", "news", "spikes", "risk"}
    assert all(voice.stance and voice.weight and voice.tools for voice in told.voices)
    assert told.decided["action"] == "OPEN_LONG"
    assert (told.verdict, told.rule, told.numbers) == ("approved", "approved", {"equity": "10000"})
    assert sum(vote.contribution for vote in told.votes) == told.score
    assert [one["what"] for one in told.placed] == ["entry", "stop", "fill"]
    assert told.requests == 12
    assert json.loads(json.dumps(told.to_json()))["symbol"] == "BTCUSDT"


def test_why_tells_what_the_tokens_cost_by_the_price_table(tmp_path: Path) -> None:
    config = load_desk("demo", environ={}, overrides={"desk.models.offline.price": "{prompt: 0.4, completion: 1.6}"})
    office = Office(tmp_path / "audit.sqlite", setup_of(config))
    with ExitStack() as closing:
        office.decide("paid", models=open_models(config, closing))
    told = why(office.log, office.named["paid"])
    expected = (Decimal("0.4") * told.prompt_tokens + Decimal("1.6") * told.completion_tokens) / 1_000_000
    assert Decimal(told.usd) == expected > 0
    office.log.close()


def test_why_names_who_was_missing(office: Office) -> None:
    missing = {v.agent: v.absent for v in why(office.log, office.named["half nonsense"]).voices if v.absent}
    assert set(missing) == {"news", "risk"}
    assert all(reason.startswith("malformed: ") for reason in missing.values())
    nobody = why(office.log, office.named["nonsense"])
    assert nobody.wanted == {}
    assert "no_decision" in nobody.caps


def test_why_ends_with_what_came_of_it(office: Office) -> None:
    decision = office.named["falling"]
    intent = office.log.rows(decision, kind="intent")
    if not intent:
        decision = office.named["opens long"]
        intent = office.log.rows(decision, kind="intent")
    closed = {"intent_id": intent[0].payload["intent_id"], "symbol": "BTCUSDT", "pnl": "-12.50", "reason": "stop",
              "closed_at": "2026-03-02T13:00:00+00:00"}  # fmt: skip
    office.log.append(decision, "outcome", closed)
    assert list(why(office.log, decision).lines())[-1] == (
        "outcome: closed_at 2026-03-02T13:00:00+00:00, pnl -12.50, reason stop"
    )
    assert replay(office.log, decision).equal


@pytest.mark.parametrize("name", NAMES)
def test_every_explanation_fits_one_screen(office: Office, name: str) -> None:
    lines = list(why(office.log, office.named[name]).lines())
    assert 9 <= len(lines) <= 24
    assert all("\n" not in line for line in lines)
