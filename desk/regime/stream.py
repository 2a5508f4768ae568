"""The facts of `facts`, bar by bar in constant memory: what a live desk keeps for each symbol and interval.

Equal to the table of the same bars from the same first bar on, row for row. Averages are seeded as Wilder and TA-Lib
seed them: with the simple mean of their first period.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import deque

import numpy as np

from desk.domain.market import Bar
from desk.regime import facts


class FactStream:
    """Facts of one symbol on one interval, fed with finished bars in order."""

    def __init__(self) -> None:
        self._fast, self._middle, self._slow = (_Average(period, 2 / (period + 1)) for period in (9, 21, 50))
        self._range = _Average(14, 1 / 14)
        self._closes: deque[float] = deque(maxlen=facts.PATH_BARS + 1)
        self._averages: deque[float | None] = deque(maxlen=facts.SLOPE_BARS + 1)
        self._volumes: deque[float] = deque(maxlen=facts.VOLUME_BARS + facts.USUAL_VOLUME_BARS)
        self._atr_rank, self._band_rank = _Rank(), _Rank()

    def push(self, bar: Bar) -> tuple[float, ...] | None:
        """Take in the next finished bar. The facts in the order of FACTS, or None until all are known."""
        atr = self._true_range(bar)
        self._closes.append(bar.close)
        self._volumes.append(bar.volume)
        ladder = [average.push(bar.close) for average in (self._fast, self._middle, self._slow)]
        self._averages.append(ladder[1])
        values = (
            self._slope(atr),
            _alignment(bar.close, ladder, atr),
            self._efficiency(),
            self._atr_rank.push(None if atr is None else atr / bar.close),
            self._band_rank.push(self._band_width()),
            self._volume(),
        )
        known = tuple(value for value in values if value is not None)
        return known if len(known) == len(values) else None

    def _true_range(self, bar: Bar) -> float | None:
        # The first bar has no close before it, and so no true range.
        if not self._closes:
            return None
        before = self._closes[-1]
        return self._range.push(max(bar.high, before) - min(bar.low, before))

    def _slope(self, atr: float | None) -> float | None:
        if len(self._averages) <= facts.SLOPE_BARS:
            return None
        newest, oldest = self._averages[-1], self._averages[0]
        if newest is None or oldest is None or atr is None:
            return None
        return _unit((newest - oldest) / (3 * atr)) if atr > 0 else 0.0

    def _efficiency(self) -> float | None:
        if len(self._closes) <= facts.PATH_BARS:
            return None
        closes = np.array(self._closes)
        path = float(np.abs(np.diff(closes)).sum())
        return _unit(2 * float(closes[-1] - closes[0]) / path) if path > 0 else 0.0

    def _band_width(self) -> float | None:
        if len(self._closes) < facts.BAND_BARS:
            return None
        closes = np.array(self._closes)[-facts.BAND_BARS :]
        return float(closes.std() / closes.mean())

    def _volume(self) -> float | None:
        if len(self._volumes) < facts.VOLUME_BARS + facts.USUAL_VOLUME_BARS:
            return None
        volumes = np.array(self._volumes)
        usual = float(volumes[: facts.USUAL_VOLUME_BARS].mean())
        recent = float(volumes[facts.USUAL_VOLUME_BARS :].mean())
        return _unit(math.log(recent / usual)) if usual > 0 and recent > 0 else 0.0


class _Average:
    """A mean that becomes exponential with this weight once `period` values seeded it."""

    def __init__(self, period: int, weight: float) -> None:
        self._period, self._weight = period, weight
        self._seed: list[float] = []
        self._value: float | None = None

    def push(self, value: float) -> float | None:
        if self._value is not None:
            self._value += self._weight * (value - self._value)
            return self._value
        self._seed.append(value)
        if len(self._seed) == self._period:
            self._value = sum(self._seed) / self._period
        return self._value


class _Rank:
    """Where the newest value stands among the last 250, kept in order so that a bar costs one search."""

    def __init__(self) -> None:
        self._arrived: deque[float] = deque()
        self._ordered: list[float] = []

    def push(self, value: float | None) -> float | None:
        if value is None:
            return None
        rounded = float(f"{value:.{facts.RANK_DIGITS}g}")
        if len(self._arrived) == facts.RANK_WINDOW:
            del self._ordered[bisect_left(self._ordered, self._arrived.popleft())]
        below, known = bisect_left(self._ordered, rounded), len(self._ordered)
        self._arrived.append(rounded)
        insort(self._ordered, rounded)
        return 2 * below / known - 1 if known >= facts.FEWEST_RANKED else None


def _alignment(close: float, ladder: list[float | None], atr: float | None) -> float | None:
    nine, middle, slow = ladder
    if nine is None or middle is None or slow is None or atr is None:
        return None
    steps = (close - nine, nine - middle, middle - slow)
    return sum(_unit(step / atr) for step in steps) / 3 if atr > 0 else 0.0


def _unit(value: float) -> float:
    return max(-1.0, min(1.0, value))
