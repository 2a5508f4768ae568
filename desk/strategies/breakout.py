"""Momentum breakout: in as the price leaves the range it kept, with more volume than usual; out at the near range."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from desk.indicators import classic
from desk.strategies.rule import Rule, Wanted
from desk.strategies.views import View, begins, earlier


class MomentumBreakout(Rule):
    """A close beyond every high (or low) of `bars` bars before, on volume; out beyond the low (or high) of `out`."""

    kind: Literal["breakout"] = "breakout"
    bars: int = Field(default=48, ge=5, le=500)
    out: int = Field(default=24, ge=2, le=500)
    volume: float = Field(default=1.5, ge=0, le=10, description="Least volume, of the mean of the bars before.")

    @property
    def memory(self) -> int:
        """See `Rule`."""
        return max(self.bars, self.out) + 2

    def wanted(self, bars: View) -> Wanted:
        """See `Rule`."""
        usual = earlier(classic.sma(bars.volume, self.bars))
        busy = bars.volume >= self.volume * np.nan_to_num(usual)
        ceiling, floor = earlier(classic.highest(bars.high, self.bars)), earlier(classic.lowest(bars.low, self.bars))
        near_ceiling = earlier(classic.highest(bars.high, self.out))
        near_floor = earlier(classic.lowest(bars.low, self.out))
        return Wanted(
            long=begins(bars.close > ceiling) & busy,
            short=begins(bars.close < floor) & busy,
            leave_long=bars.close < near_floor,
            leave_short=bars.close > near_ceiling,
        )
