"""What moves together, and how much of the account stands on one move.

Correlations of log returns over the newest 30, 60 and 90 bars that both series share. A pair counts as correlated from
a threshold of its own: the upper quartile of its rolling 30-bar correlation, held between 0.5 and 0.9, so that a pair
that always moves together is not news and one that never did is. Exposure to a symbol is crowded when the positions
that would win and lose with it reach a share of equity; a position of which nothing is known counts as moving along.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from desk.indicators.columns import Column
from desk.market.candles import Candles

WINDOWS = (30, 60, 90)
LEAST_THRESHOLD, MOST_THRESHOLD, QUARTILE = 0.5, 0.9, 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """Two symbols: by window in [-1, 1], None where they share too few bars or one stood still."""

    other: str
    by_window: tuple[float | None, ...]
    threshold: float

    @property
    def strongest(self) -> float | None:
        """The largest of the windows: a caution, so the one that binds most."""
        return max((value for value in self.by_window if value is not None), default=None)

    @property
    def correlated(self) -> bool:
        """Whether any window reaches the pair's threshold."""
        return self.strongest is not None and self.strongest >= self.threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowding:
    """Exposure that would move with a position in the symbol, as shares of equity, for a buyer and for a seller."""

    long_share: float
    short_share: float

    def crowded(self, *, long: bool, limit: float) -> bool:
        """Whether buying (or selling) adds to what already reaches the limit, a share of equity."""
        return (self.long_share if long else self.short_share) >= limit


def correlate(candles: Candles, other: Candles) -> Correlation:
    """How two series of one interval move together."""
    mine, theirs = shared_returns(candles, other)
    rolling = rolling_correlation(mine, theirs, WINDOWS[0])
    known = rolling[np.isfinite(rolling)]
    upper = float(np.quantile(known, QUARTILE)) if len(known) else MOST_THRESHOLD
    return Correlation(
        other=other.symbol,
        by_window=tuple(_newest(mine, theirs, window) for window in WINDOWS),
        threshold=round(min(max(upper, LEAST_THRESHOLD), MOST_THRESHOLD), 4),
    )


def shared_returns(candles: Candles, other: Candles) -> tuple[Column, Column]:
    """Log returns between the bars that both have."""
    _, mine, theirs = np.intersect1d(candles.open_time, other.open_time, assume_unique=True, return_indices=True)
    return np.diff(np.log(candles.close[mine])), np.diff(np.log(other.close[theirs]))


def rolling_correlation(mine: Column, theirs: Column, window: int) -> Column:
    """Pearson's correlation of the `window` returns that end at each place; NaN where too few or one stood still."""
    column = np.full(len(mine), np.nan)
    if len(mine) < window:
        return column
    a, b = sliding_window_view(mine, window), sliding_window_view(theirs, window)
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    both = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    together = (a * b).sum(axis=1)
    # Returns of a price that stood still leave only the last bits of rounding.
    column[window - 1 :] = np.divide(together, both, out=np.full(len(both), np.nan), where=both > 1e-16)
    return np.clip(column, -1.0, 1.0)


def crowding(
    symbol: str, notionals: Mapping[str, Decimal], correlations: Sequence[Correlation], equity: Decimal
) -> Crowding:
    """How much of `equity` already moves with `symbol`. `notionals` are signed, in USDT, and hold no `symbol` of ours.

    Without equity everything is crowded.
    """
    known = {correlation.other: correlation for correlation in correlations}
    up = down = 0.0
    for other, notional in notionals.items():
        if other == symbol:
            continue
        moved = float(notional) * _together(known.get(other))
        up, down = up + max(moved, 0.0), down + max(-moved, 0.0)
    if equity <= 0:
        return Crowding(long_share=1.0, short_share=1.0)
    scale = float(equity)
    return Crowding(long_share=round(up / scale, 6), short_share=round(down / scale, 6))


def _together(correlation: Correlation | None) -> float:
    """What part of a position moves along: all of it when nothing is known, none of it below the pair's threshold."""
    if correlation is None or correlation.strongest is None:
        return 1.0
    lowest = min(value for value in correlation.by_window if value is not None)
    if lowest <= -correlation.threshold:
        return lowest
    return correlation.strongest if correlation.correlated else 0.0


def _newest(mine: Column, theirs: Column, window: int) -> float | None:
    if len(mine) < window:
        return None
    value = float(rolling_correlation(mine[-window:], theirs[-window:], window)[-1])
    return round(value, 4) if math.isfinite(value) else None
