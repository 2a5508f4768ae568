"""Returns by UTC day: bars cling together, days less so, and luck is judged by days."""

from __future__ import annotations

import numpy as np

from desk.backtest.doubt import Interval, bootstrap
from desk.indicators.columns import Column, Times

DAY_MS = 86_400_000
DAYS_A_YEAR = 365.0
DRAWS = 1_000


def daily_returns(open_time: Times, equity: Column, deposit: float) -> Column:
    """The change of equity over each UTC day that has a bar, the first against the deposit."""
    if not len(equity):
        return np.zeros(0)
    day = open_time // DAY_MS
    last = np.flatnonzero(np.concatenate((day[1:] != day[:-1], [True])))
    closes = equity[last]
    before = np.concatenate(([deposit], closes[:-1]))
    return np.where(before > 0, closes / np.where(before > 0, before, 1.0) - 1.0, 0.0)


def yearly(returns: Column) -> float:
    """Mean daily return, a year."""
    return float(returns.mean()) * DAYS_A_YEAR


def ratio(returns: Column) -> float:
    """Sharpe ratio a year of daily returns, against doing nothing; 0 where they do not vary."""
    spread = float(returns.std(ddof=1)) if len(returns) > 1 else 0.0
    return float(returns.mean()) / spread * DAYS_A_YEAR**0.5 if spread > 0 else 0.0


def block_of(days: int) -> int:
    """Length of a bootstrap block: grows with the cube root of the sample, never below a week.

    Source: the rate of Politis and White, Econometric Reviews 23 (2004).
    """
    return max(7, round(2 * days ** (1 / 3)))


def yearly_interval(returns: Column, *, seed: int = 0) -> Interval:
    """The yearly mean with its 95 % interval. Raises DataError for fewer than two days."""
    return bootstrap(returns, yearly, block=block_of(len(returns)), draws=DRAWS, seed=seed)


def ratio_interval(returns: Column, *, seed: int = 0) -> Interval:
    """The Sharpe ratio with its 95 % interval. Raises DataError for fewer than two days."""
    return bootstrap(returns, ratio, block=block_of(len(returns)), draws=DRAWS, seed=seed)
