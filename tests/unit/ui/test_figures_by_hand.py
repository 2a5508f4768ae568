"""The figures of a track record, against the formulas of a textbook on a ledger written for it."""

from __future__ import annotations

import math
import statistics
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest

from desk.ledger import EquityRow, Ledger, TradeRow, sqlite_url
from ui.console.panels import PANELS, Wanted
from ui.server.house import House

BEGIN = datetime(2026, 3, 1, 23, tzinfo=UTC)
TRADES, DAYS = 41, 30


@pytest.fixture
def pnls() -> list[Decimal]:
    rng = Random(7)
    return [Decimal(rng.randint(-900, 1000)) / 100 for _ in range(TRADES)]


@pytest.fixture
def equity() -> list[Decimal]:
    rng, value = Random(11), Decimal(10_000)
    return [value := (value * Decimal(rng.gauss(1.001, 0.01))).quantize(Decimal("0.01")) for _ in range(DAYS + 1)]


@pytest.fixture
def desk(house: House, pnls: list[Decimal], equity: list[Decimal]) -> House:
    house.window.folder.root.mkdir(parents=True)
    with closing(Ledger(sqlite_url(house.window.folder.ledger))) as ledger:
        for index, pnl in enumerate(pnls):
            ledger.record(trade(index, pnl))
        for day, value in enumerate(equity):
            at = BEGIN + timedelta(days=day)
            ledger.record(EquityRow(at=at, equity=value, wallet=value, unrealized=Decimal(0)))
    return house


def trade(index: int, pnl: Decimal) -> TradeRow:
    """A closed trade, one in three on ETH, one in two by its stop."""
    return TradeRow(
        intent_id=f"i{index}",
        decision_id=f"d{index}",
        symbol="BTCUSDT" if index % 3 else "ETHUSDT",
        quantity=Decimal("0.1"),
        opened_at=BEGIN + timedelta(hours=index),
        entry_price=Decimal(50_000),
        closed_at=BEGIN + timedelta(hours=index + 1),
        exit_price=Decimal(50_100),
        fees=Decimal(1),
        funding=Decimal("0.5"),
        pnl=pnl,
        exit_reason="stop" if index % 2 else "target",
    )


def test_the_figures_are_those_of_the_textbook(desk: House, pnls: list[Decimal], equity: list[Decimal]) -> None:
    track, factor = desk.window.track(), desk.window.profit_factor()
    won, lost = [float(one) for one in pnls if one > 0], [-float(one) for one in pnls if one < 0]
    assert track.pnl == sum(pnls)
    assert (track.fees, track.funding) == (TRADES, Decimal(TRADES) / 2)
    assert track.win_rate is not None
    assert track.win_rate.estimate == pytest.approx(len(won) / TRADES)
    rate, z = len(won) / TRADES, 1.959964
    middle = (rate + z * z / (2 * TRADES)) / (1 + z * z / TRADES)
    reach = z / (1 + z * z / TRADES) * math.sqrt(rate * (1 - rate) / TRADES + z * z / (4 * TRADES * TRADES))
    assert (track.win_rate.low, track.win_rate.high) == pytest.approx((middle - reach, middle + reach), abs=1e-6)
    assert factor is not None
    assert factor.estimate == pytest.approx(sum(won) / sum(lost))
    assert factor.low < factor.estimate < factor.high
    daily = [float(after / before) - 1 for before, after in pairwise(equity)]
    assert track.days == len(daily) == DAYS
    assert track.sharpe is not None
    assert track.sharpe.estimate == pytest.approx(statistics.mean(daily) / statistics.stdev(daily) * math.sqrt(365))
    assert track.sharpe.low < track.sharpe.estimate < track.sharpe.high
    deepest = max(1 - float(equity[j]) / float(max(equity[: j + 1])) for j in range(len(equity)))
    assert track.drawdown == pytest.approx(deepest)


def test_the_page_shows_them_with_their_intervals(desk: House, pnls: list[Decimal]) -> None:
    told = PANELS["figures"](desk, Wanted(said={}))
    factor = desk.window.profit_factor()
    assert factor is not None
    assert f"<b>{factor.estimate:.2f}</b><small>{factor.low:.2f} to {factor.high:.2f} at 95 %" in told
    assert told.count("at 95 %") == 3
    tables = PANELS["performance"](desk, Wanted(said={}))
    assert f"{TRADES} closed in all" in tables


def test_by_symbol_and_by_ending_are_sums_of_all_trades(desk: House, pnls: list[Decimal]) -> None:
    endings = desk.window.endings()
    for rows, of in ((endings.by_symbol, 3), (endings.by_reason, 2)):
        assert sum(one.trades for one in rows) == TRADES
        assert sum(one.pnl for one in rows) == sum(pnls)
        smaller = [pnl for index, pnl in enumerate(pnls) if not index % of]
        assert (rows[-1].trades, rows[-1].pnl) in {
            (len(smaller), sum(smaller)),
            (TRADES - len(smaller), sum(pnls) - sum(smaller)),
        }
