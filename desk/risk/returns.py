"""Returns of several symbols over the bars that all of them have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desk.indicators.columns import Times
from desk.market.candles import Candles


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SharedReturns:
    """`by_bar` (bars, symbols) are simple returns from one shared close to the next; `closed` is when each bar ended.

    `step_ms` is the length of the longest bar among the series.
    """

    closed: Times
    by_bar: NDArray[np.float64]
    step_ms: int


def shared_returns(series: Sequence[Candles]) -> SharedReturns:
    """Aligned by closing time, so that bars of different lengths meet where both end."""
    step = max(one.step_ms for one in series)
    closes = [one.open_time + one.step_ms for one in series]
    shared = closes[0]
    for other in closes[1:]:
        shared = np.intersect1d(shared, other)
    if len(shared) < 2:
        return SharedReturns(closed=shared[:0], by_bar=np.empty((0, len(series))), step_ms=step)
    prices = np.stack(
        [one.close[np.searchsorted(closed, shared)] for one, closed in zip(series, closes, strict=True)], axis=1
    )
    return SharedReturns(closed=shared[1:], by_bar=prices[1:] / prices[:-1] - 1.0, step_ms=step)
