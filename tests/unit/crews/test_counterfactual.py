"""What would have been is made from the record: nothing changes without a change, and known credit is exact."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

import pytest

from config.loader import load_desk
from crews.audit.counterfactual import credit, otherwise
from crews.desk import Desk
from crews.learning.outcomes import Outcomes
from crews.record.record import DecisionRecord
from crews.running.opening import open_models
from crews.seating import setup_of
from desk.domain.errors import ConfigError, PrerequisiteError
from desk.domain.intents import Action, Intent, Outcome
from desk.guard.door.wire import GuardAnswer, intent_to_json
from desk.guard.record.otherwise import Heard, hearings
from memory.audit import AuditLog
from tests.unit.crews.fakes import FakeGuard, FakeMarket, FakeNews, FixedClock, decide_to_open
from tests.unit.crews.test_remembering import ended
from tests.unit.desk.guard.bench import Bench

CONFIG = load_desk("demo", environ={})


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuditLog]:
    opened = AuditLog(tmp_path_factory.mktemp("audit") / "audit.sqlite", FixedClock())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def record(audit: AuditLog) -> DecisionRecord:
    made = decide_to_open(CONFIG, CONFIG, audit)
    Outcomes(audit).follow(ended(made, "-80"))
    return made


def test_without_a_change_every_decision_is_what_it_was(audit: AuditLog, record: DecisionRecord) -> None:
    same = otherwise(audit, record.decision_id)
    assert same is not None
    assert not same.changed
    assert (same.credit, same.profit, same.recomputed) == ("0", "-80", True)


def test_without_the_risk_report_nothing_would_have_opened_and_the_whole_loss_is_owed_to_it(
    audit: AuditLog, record: DecisionRecord
) -> None:
    told = otherwise(audit, record.decision_id, without=["risk"])
    assert told is not None
    assert (told.action, told.otherwise, told.credit) == ("OPEN_LONG", "HOLD", "-80")


def test_at_less_conviction_a_loss_would_have_been_smaller_by_that_share(
    audit: AuditLog, record: DecisionRecord
) -> None:
    half = record.conviction / 2
    told = otherwise(audit, record.decision_id, changes={"desk.decision.max_conviction": format(half, "f")})
    assert told is not None
    assert (told.otherwise, told.caps[-1]) == ("OPEN_LONG", "max_conviction")
    share = Decimal(told.otherwise_conviction) / record.conviction
    assert Decimal(told.credit or 0) == -80 * (1 - share)


def test_a_stricter_rule_keeps_the_desk_out(audit: AuditLog, record: DecisionRecord) -> None:
    told = otherwise(audit, record.decision_id, changes={"desk.decision.min_strength": "20"})
    assert told is not None
    assert (told.otherwise, told.caps) == ("HOLD", ("signal_does_not_agree",))


def test_a_trade_that_would_have_been_made_has_no_profit_to_tell(tmp_path: Path) -> None:
    """A desk that needs more strength than there is holds; with less asked for, it would have opened."""
    strict = load_desk("demo", environ={}, overrides={"desk.decision.min_strength": "20"})
    clock, log = FixedClock(), AuditLog(tmp_path / "audit.sqlite", FixedClock())
    with ExitStack() as closing:
        desk = Desk(
            market=FakeMarket(clock, drift=0.004),
            news=FakeNews("Bitcoin funds record inflows", clock=clock),
            guard=FakeGuard(clock),
            audit=log,
            setup=setup_of(strict),
            models=open_models(strict, closing),
            clock=clock,
        )
        held = asyncio.run(desk.decide("BTCUSDT", "run-1"))
        desk.close()
    assert held.action is Action.HOLD
    told = otherwise(log, held.decision_id, changes={"desk.decision.min_strength": "1"})
    log.close()
    assert told is not None
    assert (told.otherwise, told.credit) == ("OPEN_LONG", None)
    assert credit([told]).unknown == 1


def test_a_decision_that_holds_either_way_is_no_other_decision_however_sure(audit: AuditLog) -> None:
    strict = load_desk("demo", environ={}, overrides={"desk.decision.min_strength": "20"})
    clock = FixedClock()
    with ExitStack() as closing:
        desk = Desk(
            market=FakeMarket(clock, drift=0.004),
            news=FakeNews("Bitcoin funds record inflows", clock=clock),
            guard=FakeGuard(clock),
            audit=audit,
            setup=setup_of(strict),
            models=open_models(strict, closing),
            clock=clock,
        )
        held = asyncio.run(desk.decide("BTCUSDT", "run-flat"))
        desk.close()
    assert held.action is Action.HOLD
    told = otherwise(audit, held.decision_id, without=["chart", "news"])
    assert told is not None
    assert (told.otherwise, told.changed, told.credit) == ("HOLD", False, "0")


def test_a_sum_adds_what_is_known(audit: AuditLog, record: DecisionRecord) -> None:
    one, two = otherwise(audit, record.decision_id), otherwise(audit, record.decision_id, without=["risk"])
    assert one is not None
    assert two is not None
    total = credit([one, two])
    assert (total.decisions, total.changed, total.unknown, total.kept) == (2, 1, 0, 0)
    assert (total.profit, total.credit) == (Decimal(-160), Decimal(-80))


@pytest.mark.parametrize("changes", [{"desk.decision.min_strenth": "4"}, {"desk.decision.min_strength": "99"}])
def test_a_setting_that_is_none_is_refused(audit: AuditLog, record: DecisionRecord, changes: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        otherwise(audit, record.decision_id, changes=changes)


def test_an_agent_nobody_knows_and_a_decision_nobody_made_are_named(audit: AuditLog, record: DecisionRecord) -> None:
    with pytest.raises(PrerequisiteError, match="nobody who reports is called newz"):
        otherwise(audit, record.decision_id, without=["newz"])
    with pytest.raises(PrerequisiteError, match="no decision"):
        otherwise(audit, "dnone")


class BenchGuard(FakeGuard):
    """The real guard over a venue in memory, at the market's own price and time."""

    def __init__(self, clock: FixedClock, market: FakeMarket) -> None:
        super().__init__(clock)
        self.bench = Bench(boot=False)
        self.bench.clock.advance((clock.now() - self.bench.clock.now()).total_seconds())
        self.bench.venue.move("BTCUSDT", market.marks(["BTCUSDT"])["BTCUSDT"].price)
        self.bench.start()

    def propose(self, intent: Intent) -> GuardAnswer:
        return self.bench.guard.propose(intent_to_json(intent))


@pytest.fixture(scope="module")
def guarded(audit: AuditLog) -> tuple[DecisionRecord, dict[str, Heard]]:
    """A decision that the real guard let through, and what its journal holds."""
    clock = FixedClock()
    market = FakeMarket(clock, drift=0.004)
    guard = BenchGuard(clock, market)
    with ExitStack() as closing:
        desk = Desk(
            market=market,
            news=FakeNews("Bitcoin funds record inflows", clock=clock),
            guard=guard,
            audit=audit,
            setup=setup_of(CONFIG),
            models=open_models(CONFIG, closing),
            clock=clock,
        )
        made = asyncio.run(desk.decide("BTCUSDT", "run-guarded"))
        desk.close()
    assert made.verdict is not Outcome.REFUSED, made.rule
    Outcomes(audit).follow(ended(made, "-80"))
    return made, hearings(guard.bench.journal.rows())


def test_a_limit_of_the_guards_is_tried_at_its_own_gate(
    audit: AuditLog, guarded: tuple[DecisionRecord, dict[str, Heard]]
) -> None:
    made, heard = guarded
    assert made.intent_id
    risk = heard[made.intent_id].rules.limits.risk_per_trade
    told = otherwise(
        audit, made.decision_id, changes={"desk.limits.risk_per_trade": format(risk / 2, "f")}, heard=heard
    )
    assert told is not None
    assert (told.action, told.otherwise, told.changed) == ("OPEN_LONG", "OPEN_LONG", True)
    was, would = (Decimal(text.split()[1]) for text in (told.answer, told.otherwise_answer))
    assert 0 < would < was, "half the risk is not half the size where a cap was what bound it"
    assert Decimal(told.credit or 0) == -80 * (1 - would / was)


def test_a_limit_that_leaves_no_room_owes_the_whole_loss_and_one_that_binds_nothing_owes_none(
    audit: AuditLog, guarded: tuple[DecisionRecord, dict[str, Heard]]
) -> None:
    made, heard = guarded
    shut = otherwise(audit, made.decision_id, changes={"desk.limits.max_position": "0.0001"}, heard=heard)
    same = otherwise(audit, made.decision_id, changes={"desk.limits.max_correlated": "0.9"}, heard=heard)
    assert shut is not None
    assert same is not None
    assert (shut.otherwise_answer.split()[:2], shut.credit) == (["refused", "0"], "-80")
    assert (same.changed, same.credit) == (False, "0")


def test_a_limit_cannot_be_tried_without_the_guards_journal(audit: AuditLog, record: DecisionRecord) -> None:
    with pytest.raises(PrerequisiteError, match="journal is not there"):
        otherwise(audit, record.decision_id, changes={"desk.limits.max_position": "0.1"})
