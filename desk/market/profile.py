"""Where volume was traded: point of control, value area, nodes. Kept bar by bar, and of whole series at once.

A bar's volume is spread evenly over its range. Prices fall into cells of equal width on a logarithmic scale that is the
same for every series, so that profiles of several intervals add up and a bar can be taken out again when it is old. The
value area grows from the point of control by the larger neighbour until it holds 70 per cent (J. P. Steidlmayer, CBOT
Market Profile).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from desk.domain.errors import DataError
from desk.domain.market import Bar
from desk.indicators.columns import significant
from desk.market.candles import Candles

CELL = 0.001
VALUE_AREA = 0.70
# A node stands out from this many cells on either side, and holds twice what a cell holds on average.
NODE_REACH, NODE_MULTIPLE = 5, 2.0
MOST_NODES = 4
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeNode:
    """A price where much was traded: `share` of all volume, `distance_pct` from the last close, signed."""

    price: float
    share: float
    distance_pct: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileReading:
    """A profile in numbers; prices in quote asset, `place` where the close is: 0 at the area's low, 1 at its high."""

    point_of_control: float
    value_low: float
    value_high: float
    place: float
    control_distance_pct: float
    supports: tuple[VolumeNode, ...]
    resistances: tuple[VolumeNode, ...]


class VolumeProfile:
    """Volume by price cell. Bars come and go in any order."""

    def __init__(self, cell: float = CELL) -> None:
        self._cell = cell
        self._volume: dict[int, float] = {}

    @property
    def cells(self) -> Mapping[int, float]:
        """Volume of each cell that traded; cell n begins at exp(n x width)."""
        return self._volume

    def add(self, bar: Bar, weight: float = 1.0) -> None:
        """Take in a bar, its volume times `weight`."""
        for cell, share in self._spread(bar):
            self._volume[cell] = self._volume.get(cell, 0.0) + bar.volume * weight * share

    def remove(self, bar: Bar, weight: float = 1.0) -> None:
        """Take a bar out that was added with this weight."""
        for cell, share in self._spread(bar):
            left = self._volume.get(cell, 0.0) - bar.volume * weight * share
            if left > _NOTHING * bar.volume * weight:
                self._volume[cell] = left
            else:
                self._volume.pop(cell, None)

    def reading(self, close: float) -> ProfileReading:
        """The profile as seen from a price. Raises DataError when nothing traded."""
        if not self._volume:
            raise DataError("a volume profile needs volume")
        total = sum(self._volume.values())
        # Of equals the nearest to the price.
        control = max(self._volume, key=lambda cell: (self._volume[cell], -abs(self._price(cell) - close)))
        low, high = self._value_area(control, total)
        bottom, top = math.exp(low * self._cell), math.exp((high + 1) * self._cell)
        nodes = self._nodes(total, close)
        return ProfileReading(
            point_of_control=significant(self._price(control), 8),
            value_low=significant(bottom, 8),
            value_high=significant(top, 8),
            place=round((close - bottom) / (top - bottom), 4),
            control_distance_pct=round((self._price(control) / close - 1) * 100, 4),
            supports=tuple(node for node in nodes if node.distance_pct < 0)[:MOST_NODES],
            resistances=tuple(node for node in nodes if node.distance_pct > 0)[:MOST_NODES],
        )

    def _spread(self, bar: Bar) -> list[tuple[int, float]]:
        """The cells a bar touched, and the share of its range in each."""
        low, high = math.log(bar.low) / self._cell, math.log(bar.high) / self._cell
        first, last = math.floor(low), math.floor(high)
        if first == last:
            return [(first, 1.0)]
        return [(n, (min(high, n + 1) - max(low, n)) / (high - low)) for n in range(first, last + 1)]

    def _price(self, cell: int) -> float:
        return math.exp((cell + 0.5) * self._cell)

    def _value_area(self, control: int, total: float) -> tuple[int, int]:
        low = high = control
        held = self._volume[control]
        least, most = min(self._volume), max(self._volume)
        while held < VALUE_AREA * total and (low > least or high < most):
            below, above = self._volume.get(low - 1, 0.0), self._volume.get(high + 1, 0.0)
            if (above >= below and high < most) or low == least:
                high, held = high + 1, held + above
            else:
                low, held = low - 1, held + below
        return low, high

    def _nodes(self, total: float, close: float) -> list[VolumeNode]:
        """The cells that stand out, the nearest first."""
        usual = total / (max(self._volume) - min(self._volume) + 1)
        found: list[VolumeNode] = []
        for cell, volume in self._volume.items():
            around = [self._volume.get(cell + n, 0.0) for n in range(-NODE_REACH, NODE_REACH + 1) if n]
            if volume >= NODE_MULTIPLE * usual and volume > max(around):
                price = self._price(cell)
                distance = round((price / close - 1) * 100, 4)
                found.append(
                    VolumeNode(price=significant(price, 8), share=round(volume / total, 4), distance_pct=distance)
                )
        return sorted(found, key=lambda node: abs(node.distance_pct))


def read_profile(series: Sequence[Candles], close: float, cell: float = CELL) -> ProfileReading:
    """The profile of one series, or the composite of several, in which each counts alike however much it traded.

    Raises DataError when nothing traded.
    """
    profile = VolumeProfile(cell)
    for candles in series:
        traded = float(candles.volume.sum())
        for bar in candles.bars() if traded > 0 else ():
            profile.add(bar, 1 / traded)
    return profile.reading(close)
