"""The regime bar by bar, in constant memory: equal to `read_regime` over all the bars that were pushed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from desk.domain.errors import DataError
from desk.domain.market import Bar
from desk.regime.detect import INTERVALS, MINIMUM_BARS, headline, timeframe
from desk.regime.rule import odds_table
from desk.regime.settle import Settled
from desk.regime.stream import FactStream
from desk.regime.values import RegimeReading, TimeframeRegime


class RegimeStream:
    """The regime of one symbol over the intervals it is fed with. Raises DataError for one outside 5m to 1d."""

    def __init__(self, intervals: Sequence[str] = INTERVALS) -> None:
        if not intervals or not set(intervals) <= set(INTERVALS):
            raise DataError("a regime is followed on intervals from 5m to 1d")
        self._lines = {interval: _Line(interval) for interval in INTERVALS if interval in intervals}

    def push(self, interval: str, bar: Bar) -> None:
        """Take in the next finished bar of one interval."""
        self._lines[interval].push(bar)

    @property
    def reading(self) -> RegimeReading | None:
        """The regime as it stands, or None while no interval has had enough bars."""
        frames = [line.frame for line in self._lines.values() if line.frame is not None]
        return headline(frames) if frames else None


class _Line:
    """One interval: its facts, what stands on it, and the newest reading."""

    def __init__(self, interval: str) -> None:
        self._interval = interval
        self._facts, self._settled, self._bars = FactStream(), Settled(), 0
        self.frame: TimeframeRegime | None = None

    def push(self, bar: Bar) -> None:
        self._bars += 1
        known = self._facts.push(bar)
        if known is None:
            return
        row = np.array(known)
        self._settled.push(odds_table(row[None, :])[0])
        if self._bars >= MINIMUM_BARS:
            self.frame = timeframe(self._interval, row, self._settled)
