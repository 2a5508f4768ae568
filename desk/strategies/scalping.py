"""Small moves, many times: with a micro-trend, or between the bounds of a range. Costs decide what they are worth."""

from __future__ import annotations

from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from desk.indicators import classic, derived
from desk.strategies.rule import Rule, Wanted
from desk.strategies.views import View, adx_memory, average_memory, begins


class MicroTrend(Rule):
    """In once two short averages and the volume-weighted price agree on a side; out when the averages cross back."""

    kind: Literal["micro_trend"] = "micro_trend"
    fast: int = Field(default=5, ge=2, le=50)
    slow: int = Field(default=13, ge=3, le=100)
    vwap: int = Field(default=30, ge=5, le=300, description="Bars of the volume-weighted price.")

    @model_validator(mode="after")
    def _fast_is_faster(self) -> Self:
        if self.fast >= self.slow:
            raise ValueError("fast must be below slow")
        return self

    @property
    def memory(self) -> int:
        """See `Rule`."""
        return max(average_memory(self.slow), self.vwap)

    def wanted(self, bars: View) -> Wanted:
        """See `Rule`."""
        fast, slow = classic.ema(bars.close, self.fast), classic.ema(bars.close, self.slow)
        fair = derived.rolling_vwap(bars, self.vwap)
        above, below = fast > slow, fast < slow
        return Wanted(
            long=begins(above & (bars.close > fair)),
            short=begins(below & (bars.close < fair)),
            leave_long=below,
            leave_short=above,
        )


class RangeScalp(Rule):
    """In near the floor or ceiling of a range without a trend, once the price turns; out in its middle."""

    kind: Literal["range_scalp"] = "range_scalp"
    bars: int = Field(default=40, ge=10, le=500)
    edge: float = Field(default=0.15, gt=0, lt=0.5, description="Share of the range that counts as its edge.")
    most_adx: float = Field(default=20.0, ge=5, le=100, description="A stronger trend is no range.")

    @property
    def memory(self) -> int:
        """See `Rule`."""
        return max(self.bars + 2, adx_memory(14))

    def wanted(self, bars: View) -> Wanted:
        """See `Rule`."""
        floor, ceiling = classic.lowest(bars.low, self.bars), classic.highest(bars.high, self.bars)
        reach = ceiling - floor
        place = np.divide(bars.close - floor, reach, out=np.full(len(bars), 0.5), where=reach > 0)
        strength, _, _ = classic.adx(bars.high, bars.low, bars.close)
        calm = strength <= self.most_adx
        return Wanted(
            long=begins(place > self.edge) & (place < 0.5) & calm,
            short=begins(place < 1 - self.edge) & (place > 0.5) & calm,
            leave_long=place >= 0.5,
            leave_short=place <= 0.5,
        )
