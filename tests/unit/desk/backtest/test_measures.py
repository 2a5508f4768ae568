"""Measures of a curve whose answers can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.backtest.measures import YEAR_MS, drawdown, measure, sharpe, sortino
from desk.backtest.outcome import TRADE_COLUMNS, Outcome
from desk.domain.rates import wilson

DAY_MS = 86_400_000


def outcome_of(equity: list[float], trades: list[dict[str, float]]) -> Outcome:
    rows = [[trade.get(name, 0.0) for name in TRADE_COLUMNS] for trade in trades]
    return Outcome(
        symbols=("BTCUSDT",),
        open_time=np.arange(len(equity), dtype=np.int64) * DAY_MS,
        deposit=100.0,
        equity=np.array(equity),
        trades=np.array(rows).reshape(len(rows), len(TRADE_COLUMNS)),
    )


def test_the_deepest_fall_is_from_a_peak_and_the_deposit_is_one() -> None:
    assert drawdown(np.array([90.0, 95.0, 120.0, 60.0, 80.0]), 100.0) == (0.5, 2)


@given(equity=st.lists(st.sampled_from([80.0, 90.0, 100.0, 110.0, 120.0]), min_size=1, max_size=40))
def test_the_longest_stretch_under_water_is_the_one_a_person_would_count(equity: list[float]) -> None:
    peak, run, longest = 100.0, 0, 0
    for value in equity:
        peak = max(peak, value)
        run = run + 1 if value < peak else 0
        longest = max(longest, run)
    assert drawdown(np.array(equity), 100.0)[1] == longest


def test_a_year_that_doubles_returns_a_hundred_per_cent_a_year() -> None:
    told = measure(outcome_of([100.0] * 364 + [200.0], []), DAY_MS)
    assert told.total_return == pytest.approx(1.0)
    assert told.yearly_return == pytest.approx(1.0)


def test_sharpe_is_scaled_by_days_of_a_market_that_never_closes() -> None:
    returns = np.array([0.02, 0.0] * 100)
    assert sharpe(returns, DAY_MS) == pytest.approx(0.01 / returns.std(ddof=1) * math.sqrt(365))
    assert sharpe(np.zeros(10), DAY_MS) is None
    assert YEAR_MS == 365 * DAY_MS


def test_sortino_counts_losses_alone() -> None:
    returns = np.array([0.02, -0.01])
    assert sortino(returns, DAY_MS) == pytest.approx(0.005 / math.sqrt(0.0001 / 2) * math.sqrt(365))
    assert sortino(np.array([0.01, 0.02]), DAY_MS) is None


def test_trades_are_counted_with_what_they_earned() -> None:
    trades = [
        {"net": 30.0, "reason": 2, "entry_row": 0, "exit_row": 0, "fees": 1.0},
        {"net": -10.0, "reason": 1, "entry_row": 2, "exit_row": 2, "fees": 1.0},
        {"net": 10.0, "reason": 0, "entry_row": 3, "exit_row": 3},
    ]
    told = measure(outcome_of([110.0, 110.0, 120.0, 130.0], trades), DAY_MS)
    assert (told.trades, told.stops, told.targets, told.liquidations) == (3, 1, 1, 0)
    assert told.win_rate == pytest.approx(2 / 3)
    assert told.profit_factor == pytest.approx(4.0)
    assert told.exposure == pytest.approx(0.75)
    assert told.fees == 2.0


def test_no_trades_measure_as_nothing_rather_than_as_zero() -> None:
    told = measure(outcome_of([100.0, 100.0], []), DAY_MS)
    assert (told.win_rate, told.profit_factor, told.sharpe) == (None, None, None)


def test_wilsons_interval_is_the_one_in_the_tables() -> None:
    low, high = wilson(8, 10)
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
    assert wilson(0, 5)[0] == 0.0
