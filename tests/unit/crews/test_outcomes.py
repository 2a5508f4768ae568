"""What came of a trade stands beside the decision that opened it, once, whoever reads it how often."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from config.loader import load_desk
from crews.audit.replay import replay, why
from crews.learning.outcomes import Outcomes
from crews.record.record import DecisionRecord
from desk.domain.moments import to_ms
from desk.guard.vocabulary.status import ClosedTrade, GuardStatus
from memory.audit import AuditLog
from memory.rows import Kind
from tests.unit.crews.fakes import NOW, FakeGuard, FixedClock, decide_to_open

AT = to_ms(NOW)


def closed(intent_id: str, pnl: str = "-12.5", reason: str = "stop") -> ClosedTrade:
    """A trade of 0.01 BTC as the guard tells it."""
    return ClosedTrade(
        intent_id=intent_id,
        run_id="run-1",
        strategy_id="crew",
        symbol="BTCUSDT",
        side="BUY",
        quantity=Decimal("0.01"),
        entry_price=Decimal(60000),
        exit_price=Decimal("58810.5"),
        realized=Decimal(pnl) + Decimal("0.6"),
        fees=Decimal("0.59"),
        funding=Decimal("0.01"),
        pnl=Decimal(pnl),
        opened_at=AT,
        closed_at=AT + 3_600_000,
        reason=reason,
    )


def told(*trades: ClosedTrade) -> GuardStatus:
    """A calm guard that tells these trades as over."""
    return FakeGuard(FixedClock()).state().model_copy(update={"closed": trades})


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("audit") / "audit.sqlite"


@pytest.fixture(scope="module")
def log(path: Path) -> Iterator[AuditLog]:
    opened = AuditLog(path, FixedClock())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def record(log: AuditLog) -> DecisionRecord:
    """A decision that opened a position."""
    config = load_desk("demo", environ={})
    return decide_to_open(config, config, log)


def test_an_outcome_is_written_once_beside_its_decision(log: AuditLog, path: Path, record: DecisionRecord) -> None:
    assert record.intent_id
    status = told(closed(record.intent_id))
    first = Outcomes(log)
    assert [first.follow(status) for _ in range(3)] == [1, 0, 0]
    assert Outcomes(log).follow(status) == 0, "the next kickoff finds it in the log"
    again = AuditLog(path, FixedClock())
    assert Outcomes(again).follow(status) == 0, "and so does another process"
    again.close()
    [row] = log.rows(record.decision_id, kind=Kind.OUTCOME)
    assert (row.payload["pnl"], row.payload["reason"]) == ("-12.5", "stop")
    assert row.payload["closed_at"] == "2026-03-02T13:00:30+00:00"
    assert log.verify().ok


def test_the_list_and_why_show_it(log: AuditLog, record: DecisionRecord) -> None:
    assert record.intent_id
    Outcomes(log).follow(told(closed(record.intent_id)))
    [line] = log.decisions(symbol="BTCUSDT")
    assert line.outcome == "-12.5"
    last = list(why(log, record.decision_id).lines())[-1]
    assert last.startswith("outcome: ")
    assert "pnl -12.5" in last
    assert "reason stop" in last


def test_a_decision_with_an_outcome_still_replays_bit_equal(log: AuditLog, record: DecisionRecord) -> None:
    assert record.intent_id
    Outcomes(log).follow(told(closed(record.intent_id)))
    assert replay(log, record.decision_id).equal


def test_a_trade_that_nobody_here_decided_is_left_out(log: AuditLog) -> None:
    before = log.head()
    assert Outcomes(log).follow(told(closed("foreign:BTCUSDT:0"), closed("somebody-elses"))) == 0
    assert log.head() == before


def test_a_guard_of_an_older_build_tells_no_outcomes_and_that_is_no_error(log: AuditLog) -> None:
    status = FakeGuard(FixedClock()).state()
    assert GuardStatus.model_validate({k: v for k, v in status.model_dump().items() if k != "closed"}).closed == ()
    assert Outcomes(log).follow(status) == 0
