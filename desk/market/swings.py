"""Where the market turned: swing highs and lows, and the price levels that they gather into."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from desk.indicators.columns import Column, significant
from desk.market.candles import Candles

# A swing is the extreme of so many bars on either side, so it is known only that many bars later.
REACH = 3
MOST_LEVELS = 5


@dataclass(frozen=True, slots=True)
class Swing:
    """A turning point: which bar, at what price, a high or a low."""

    bar: int
    price: float
    high: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLevel:
    """A price where the market turned before; `distance_pct` is unsigned, from the last close; score in [0, 1]."""

    price: float
    touches: int
    score: float
    distance_pct: float


def find_swings(candles: Candles, reach: int = REACH) -> tuple[Swing, ...]:
    """Swing highs and lows, oldest first. Of equal neighbours the first counts."""
    found = [Swing(int(i), float(candles.high[i]), True) for i in _peaks(candles.high, reach)]
    found += [Swing(int(i), float(candles.low[i]), False) for i in _peaks(-candles.low, reach)]
    return tuple(sorted(found, key=lambda swing: (swing.bar, swing.high)))


def _peaks(values: Column, reach: int) -> list[int]:
    if len(values) < 2 * reach + 1:
        return []
    windows = sliding_window_view(values, 2 * reach + 1)
    middle = windows[:, reach]
    before, after = windows[:, :reach].max(axis=1), windows[:, reach + 1 :].max(axis=1)
    return [int(i) + reach for i in np.flatnonzero((middle > before) & (middle >= after))]


def price_levels(candles: Candles, swings: tuple[Swing, ...], atr: float) -> tuple[PriceLevel, ...]:
    """Levels from swings within half an ATR of each other, best first: scored by touches and by how recent they are."""
    levels = [_level(cluster, candles.last_close, len(candles)) for cluster in _clusters(swings, 0.5 * atr)]
    return tuple(sorted(levels, key=lambda level: (-level.score, level.distance_pct)))


def supports(levels: tuple[PriceLevel, ...], last_close: float) -> tuple[PriceLevel, ...]:
    """The five best levels below the last close, the nearest first."""
    return _nearest(tuple(level for level in levels if level.price < last_close))


def resistances(levels: tuple[PriceLevel, ...], last_close: float) -> tuple[PriceLevel, ...]:
    """The five best levels above the last close, the nearest first."""
    return _nearest(tuple(level for level in levels if level.price > last_close))


def _nearest(levels: tuple[PriceLevel, ...]) -> tuple[PriceLevel, ...]:
    return tuple(sorted(levels[:MOST_LEVELS], key=lambda level: level.distance_pct))


def _clusters(swings: tuple[Swing, ...], width: float) -> list[list[Swing]]:
    """Groups in order of price; a swing joins while it lies within `width` of the group's mean."""
    groups: list[list[Swing]] = []
    for swing in sorted(swings, key=lambda s: (s.price, s.bar)):
        if groups and swing.price - sum(s.price for s in groups[-1]) / len(groups[-1]) <= width:
            groups[-1].append(swing)
        else:
            groups.append([swing])
    return groups


def _level(cluster: list[Swing], last_close: float, size: int) -> PriceLevel:
    price = sum(swing.price for swing in cluster) / len(cluster)
    recency = max(swing.bar for swing in cluster) / size
    touches = len(cluster)
    return PriceLevel(
        price=significant(price, 8),
        touches=touches,
        score=round((1 - 0.5**touches) * (0.6 + 0.4 * recency), 4),
        distance_pct=round(abs(price / last_close - 1) * 100, 4),
    )
