"""How much of a result is luck: intervals that respect how returns cling together, and what many tries are worth.

Sources: stationary bootstrap, Politis and Romano, JASA 89 (1994); deflated Sharpe ratio, Bailey and Lopez de Prado,
J. Portfolio Management 40 (2014); probability of backtest overfitting by combinatorially symmetric cross-validation,
Bailey, Borwein, Lopez de Prado and Zhu, J. Computational Finance 20 (2017); profit factor, the delta method.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from desk.domain.errors import DataError
from desk.indicators.columns import Column

_EULER = 0.5772156649015329


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate between `low` and `high` at `level`. `excludes_zero` from below is what a promotion asks for."""

    estimate: float
    low: float
    high: float
    level: float

    @property
    def above_zero(self) -> bool:
        """Whether the whole interval lies above zero."""
        return self.low > 0.0


def bootstrap(
    values: Column,
    statistic: Callable[[Column], float],
    *,
    block: int,
    draws: int = 2_000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """A percentile interval from resampled stretches of `block` values on average, wrapped around the end.

    Raises:
        DataError: for fewer than two values or a block shorter than one.
    """
    if len(values) < 2 or block < 1:
        raise DataError("a bootstrap needs two values or more, in blocks of at least one")
    rng = np.random.default_rng(seed)
    drawn = np.array([statistic(values[_stretches(rng, len(values), block)]) for _ in range(draws)], dtype=np.float64)
    tail = (1.0 - level) / 2
    return Interval(
        estimate=statistic(values),
        low=float(np.quantile(drawn, tail)),
        high=float(np.quantile(drawn, 1.0 - tail)),
        level=level,
    )


def _stretches(rng: np.random.Generator, length: int, block: int) -> NDArray[np.int64]:
    """Positions of one stationary bootstrap sample: each step goes on, or with chance 1/block starts anywhere."""
    anew = rng.random(length) < 1.0 / block
    anew[0] = True
    starts = rng.integers(0, length, size=length)
    steps: NDArray[np.int64] = np.arange(length, dtype=np.int64)
    begun: NDArray[np.int64] = np.maximum.accumulate(np.where(anew, steps, 0))
    return (starts[begun] + steps - begun) % length


def gains_over_losses(values: Column, *, level: float = 0.95) -> Interval | None:
    """The profit factor of trades taken as independent of each other; None where none was won, or none lost.

    The logarithm of a ratio of two sums is about normal, with the variance of the trades' own shares in either sum.
    """
    gains, losses = np.maximum(values, 0.0), np.maximum(-values, 0.0)
    won, lost = float(gains.sum()), float(losses.sum())
    if len(values) < 2 or won <= 0.0 or lost <= 0.0:
        return None
    spread = math.sqrt(len(values) * float((gains / won - losses / lost).var(ddof=1)))
    reach = math.exp(NormalDist().inv_cdf(0.5 + level / 2) * spread)
    return Interval(estimate=won / lost, low=won / lost / reach, high=won / lost * reach, level=level)


def luckiest_sharpe(spread: float, tries: int) -> float:
    """The best Sharpe ratio expected of `tries` strategies without any skill whose ratios scatter with `spread`."""
    if tries < 2:
        return 0.0
    normal = NormalDist()
    first, second = normal.inv_cdf(1 - 1 / tries), normal.inv_cdf(1 - 1 / (tries * math.e))
    return spread * ((1 - _EULER) * first + _EULER * second)


def deflated_sharpe(returns: Column, *, tries: int, spread: float) -> float:
    """The chance that the true Sharpe ratio of these returns is above what luck gives the best of `tries`.

    `spread` is the standard deviation of the tried ratios, per bar like the ratio here, not per year.

    Raises:
        DataError: for fewer than three returns, or returns that do not vary.
    """
    if len(returns) < 3 or not float(returns.std()) > 0:
        raise DataError("a Sharpe ratio needs three returns that vary")
    ratio = float(returns.mean() / returns.std(ddof=1))
    scaled: Column = (returns - returns.mean()) / returns.std()
    skew, tails = float((scaled**3).mean()), float((scaled**4).mean())
    unrest = 1.0 - skew * ratio + (tails - 1.0) / 4.0 * ratio * ratio
    margin = (ratio - luckiest_sharpe(spread, tries)) * math.sqrt(len(returns) - 1)
    return NormalDist().cdf(margin / math.sqrt(max(unrest, 1e-12)))


def overfitting(results: NDArray[np.float64], *, parts: int = 10) -> float:
    """The chance that the best strategy of one half of the time is below the median in the other half.

    `results` is (bars, strategies) of returns. Time is cut into `parts` stretches, an even number; every way to
    take half of them is tried.

    Raises:
        DataError: for fewer than two strategies, an odd number of parts, or fewer bars than parts.
    """
    bars, strategies = results.shape
    if strategies < 2 or parts % 2 or parts < 2 or bars < parts:
        raise DataError("overfitting is asked of two strategies or more, over an even number of stretches of time")
    sums = np.array([part.sum(axis=0) for part in np.array_split(results, parts)])
    squares = np.array([(part**2).sum(axis=0) for part in np.array_split(results, parts)])
    sizes = np.array([len(part) for part in np.array_split(results, parts)])
    below = 0
    halves = list(combinations(range(parts), parts // 2))
    for half in halves:
        rest = [part for part in range(parts) if part not in half]
        best = int(np.argmax(_ratios(sums, squares, sizes, list(half))))
        outside = _ratios(sums, squares, sizes, rest)
        rank = (outside < outside[best]).sum() + (outside == outside[best]).sum() / 2
        below += rank / strategies <= 0.5
    return below / len(halves)


def _ratios(sums: Column, squares: Column, sizes: NDArray[np.int64], rows: list[int]) -> Column:
    count = sizes[rows].sum()
    mean = sums[rows].sum(axis=0) / count
    spread = np.sqrt(np.maximum(squares[rows].sum(axis=0) / count - mean**2, 0.0))
    return np.where(spread > 0, mean / np.where(spread > 0, spread, 1.0), 0.0)
