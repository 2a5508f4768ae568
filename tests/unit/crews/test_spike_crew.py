"""The spike crew: triage, three reports, one decision, through the same gate, on the same record, bit-equal again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from agents.guardian import TriageVerdict
from agents.models import ChatModel
from agents.offline import OfflineModel
from agents.scripted import failing
from config.loader import DeskConfig, load_desk
from crews.audit.counterfactual import otherwise
from crews.audit.replay import replay
from crews.desk import Desk
from crews.record.record import DecisionRecord, VerdictKind
from crews.seating import setup_of
from crews.setup import SPIKE, DeskSetup
from desk.domain.errors import ConfigError
from desk.domain.intents import Action
from desk.market.snapshot import AlarmBrief
from desk.spikes.values import Severity, SpikeDirection, SpikeType
from memory.audit import AuditLog
from memory.rows import Kind
from tests.unit.crews.fakes import NOW, FakeGuard, FakeMarket, FakeNews, FixedClock

UP = 0.004
NO_OTHERS: Mapping[str, ChatModel] = MappingProxyType({})


def alarm(**changes: Any) -> AlarmBrief:
    told: dict[str, Any] = {
        "at": NOW - timedelta(seconds=1),
        "type": SpikeType.PRICE.value,
        "direction": SpikeDirection.UP.value,
        "severity": Severity.EXTREME.value,
        "sigma": 17.5,
        "percent": 2.1,
        "market": 2.0,
        "score": 1.0,
        "market_wide": True,
        "volume_behind": True,
        "book_agrees": None,
        "headline": None,
    }
    return AlarmBrief(**(told | changes))


NOISE = alarm(severity=Severity.NOTABLE.value, score=0.0, market_wide=False, volume_behind=False)


@pytest.fixture(scope="module")
def config() -> DeskConfig:
    return load_desk("demo", environ={})


class Room:
    """A spike crew over fakes."""

    def __init__(self, config: DeskConfig, audit: AuditLog, models: Mapping[str, ChatModel] = NO_OTHERS) -> None:
        self.setup: DeskSetup = setup_of(config, SPIKE)
        self.clock, self.audit = FixedClock(), audit
        self.guard = FakeGuard(self.clock)
        market = FakeMarket(self.clock, drift=UP)
        self.desk = Desk(
            market=market,
            news=FakeNews("Bitcoin funds record inflows", clock=self.clock),
            guard=self.guard,
            audit=audit,
            setup=self.setup,
            models=dict.fromkeys(config.agents, OfflineModel()) | dict(models),
            clock=self.clock,
            crowd=market,
            flows=market,
        )

    def decide(self, *alarms: AlarmBrief) -> DecisionRecord:
        try:
            return asyncio.run(self.desk.decide("BTCUSDT", "run-1-spike", alarms))
        finally:
            self.desk.close()


@contextmanager
def log(tmp_path: Path) -> Iterator[AuditLog]:
    audit = AuditLog(tmp_path / "audit.sqlite", FixedClock())
    try:
        yield audit
    finally:
        audit.close()


def test_a_genuine_move_is_gone_with_in_eight_requests_through_the_same_guard(
    config: DeskConfig, tmp_path: Path
) -> None:
    with log(tmp_path) as audit:
        room = Room(config, audit)
        record = room.decide(alarm())
        assert (record.action, record.verdict) == (Action.OPEN_LONG, VerdictKind.APPROVED)
        assert set(record.reports) == {"scanner", "context", "risk"}
        assert record.requests == 8
        assert [intent.strategy_id for intent in room.guard.asked] == ["spike"]
        (run,) = audit.rows(record.decision_id, kind=Kind.RUN)
        assert run.payload["crew"] == SPIKE


def test_the_record_of_a_spike_decision_replays_bit_equal(config: DeskConfig, tmp_path: Path) -> None:
    with log(tmp_path) as audit:
        record = Room(config, audit).decide(alarm(), alarm(type=SpikeType.VOLUME.value, market=None))
        report = replay(audit, record.decision_id)
        assert report.difference == ""
        assert report.compared > 20


def test_an_alarm_with_nothing_behind_it_costs_one_request_and_does_nothing(config: DeskConfig, tmp_path: Path) -> None:
    with log(tmp_path) as audit:
        room = Room(config, audit)
        record = room.decide(NOISE)
        assert (record.action, record.verdict, record.rule) == (Action.HOLD, VerdictKind.NOT_ASKED, "stood_down")
        assert (record.requests, record.reports, room.guard.asked) == (1, {}, [])
        assert replay(audit, record.decision_id).equal


def test_a_guardian_that_stands_down_leaves_a_losing_position_to_the_desk(config: DeskConfig, tmp_path: Path) -> None:
    with log(tmp_path) as audit:
        room = Room(config, audit)
        room.guard.position, room.guard.unrealized = room.guard.position + 1, room.guard.unrealized - 50
        record = room.decide(NOISE)
        assert (record.action, record.rule) == (Action.HOLD, "stood_down")


def test_a_move_against_a_position_closes_it(config: DeskConfig, tmp_path: Path) -> None:
    with log(tmp_path) as audit:
        room = Room(config, audit)
        room.guard.position = room.guard.position + 1
        down = {"direction": SpikeDirection.DOWN.value, "sigma": -17.5, "percent": -2.1, "market": -2.0}
        assert room.decide(alarm(**down)).action is Action.CLOSE


def test_a_guardian_without_an_answer_is_replaced_by_the_whole_crew(config: DeskConfig, tmp_path: Path) -> None:
    with log(tmp_path) as audit:
        record = Room(config, audit, {"guardian": failing()}).decide(NOISE)
        assert set(record.reports) == {"scanner", "context", "risk"}
        assert [one.agent for one in record.abstentions] == ["guardian"]
        assert replay(audit, record.decision_id).equal


@pytest.mark.parametrize("gone", ["risk", "scanner", "executor"])
def test_without_any_of_its_people_nothing_opens(config: DeskConfig, tmp_path: Path, gone: str) -> None:
    with log(tmp_path) as audit:
        room = Room(config, audit, {gone: failing()})
        record = room.decide(alarm())
        assert not record.action.opens
        assert room.guard.asked == []
        assert replay(audit, record.decision_id).equal


def test_the_credit_of_an_agent_is_asked_of_its_own_crew(config: DeskConfig, tmp_path: Path) -> None:
    with log(tmp_path) as audit:
        record = Room(config, audit).decide(alarm())
        without = otherwise(audit, record.decision_id, without=("scanner",))
        untouched = otherwise(audit, record.decision_id, without=("news",))
        assert without is not None
        assert untouched is not None
        assert (without.otherwise, without.recomputed) == ("HOLD", True)
        assert not untouched.changed


def test_every_prompt_is_told_of_the_alarm_in_enums_and_numbers(config: DeskConfig, tmp_path: Path) -> None:
    with log(tmp_path) as audit:
        record = Room(config, audit).decide(alarm())
        first = {row.agent: row for row in reversed(audit.rows(record.decision_id, kind=Kind.PROMPT))}
        for agent in ("guardian", "scanner", "executor"):
            said = str(first[agent].payload["messages"])
            assert '"seconds_ago":1' in said
            assert '"severity":"EXTREME"' in said
        assert TriageVerdict.ACT.value in str(first["guardian"].payload["messages"])


def test_a_desk_without_a_spike_crew_says_how_to_seat_one(config: DeskConfig) -> None:
    alone = replace(config, agents={name: a for name, a in config.agents.items() if name != "executor"})
    with pytest.raises(ConfigError, match="no spike crew is seated: executor missing"):
        setup_of(alone, SPIKE)
