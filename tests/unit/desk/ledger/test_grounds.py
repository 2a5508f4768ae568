"""A closed trade and what was said before it was opened meet by their decision; what was not kept is not known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from desk.ledger import UNCERTIFIED, ForecastRow, Ground, Ledger, Said, TradeRow

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
OPEN = TradeRow(
    intent_id="i1",
    decision_id="d1",
    symbol="BTCUSDT",
    quantity=Decimal("-0.1"),
    opened_at=AT,
    entry_price=Decimal(60_000),
    strategy="crew",
    certificate=UNCERTIFIED,
)
CLOSED = replace(OPEN, closed_at=AT + timedelta(hours=1), pnl=Decimal("3.25"), fees=Decimal(1), funding=Decimal(0))
REPORT = ForecastRow(
    decision_id="d1",
    agent="chart",
    at=AT,
    until=AT + timedelta(hours=1),
    symbol="BTCUSDT",
    model="",
    regime="BEAR",
    event="up",
    probability=Decimal("0.39"),
    called=1,
    mark=Decimal(60_000),
    distance=Decimal(0),
)


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    opened = Ledger(url)
    yield opened
    opened.close()


def test_a_closed_trade_is_told_with_its_regime_and_each_report(ledger: Ledger) -> None:
    danger = replace(REPORT, agent="risk", event="stop", probability=Decimal("0.5001"), called=0)
    for row in (CLOSED, REPORT, danger, replace(REPORT, decision_id="of another")):
        ledger.record(row)
    said = (
        Said(agent="chart", event="up", likely=False, called=True),
        Said(agent="risk", event="stop", likely=True, called=False),
    )
    told = Ground(
        pnl=CLOSED.pnl or Decimal(), long=False, strategy="crew", certificate="uncertified", regime="BEAR", said=said
    )
    assert ledger.grounds() == (told,)


def test_half_a_chance_is_not_more_than_half(ledger: Ledger) -> None:
    ledger.record(CLOSED)
    ledger.record(replace(REPORT, probability=Decimal("0.5")))
    [told] = ledger.grounds()
    assert [one.likely for one in told.said] == [False]


def test_without_reports_and_names_it_is_not_known(ledger: Ledger) -> None:
    ledger.record(replace(CLOSED, decision_id="", strategy=None, certificate=None))
    [told] = ledger.grounds()
    assert (told.strategy, told.certificate, told.regime, told.said) == (None, None, None, ())


def test_a_regime_that_no_agent_named_is_not_known(ledger: Ledger) -> None:
    ledger.record(CLOSED)
    ledger.record(replace(REPORT, regime=""))
    assert [(one.regime, len(one.said)) for one in ledger.grounds()] == [(None, 1)]


def test_open_trades_wait_and_older_ones_may_be_left_out(ledger: Ledger) -> None:
    ledger.record(CLOSED)
    ledger.record(replace(OPEN, intent_id="i2"))
    ledger.record(replace(CLOSED, intent_id="i3", closed_at=AT + timedelta(hours=5), pnl=Decimal(-1)))
    assert (ledger.closed(), len(ledger.grounds())) == (2, 2)
    assert [one.pnl for one in ledger.grounds(since=AT + timedelta(hours=5))] == [-1]
