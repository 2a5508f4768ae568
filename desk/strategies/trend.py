"""Following a trend: two averages that cross, and a move too large for its own noise."""

from __future__ import annotations

from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from desk.indicators import classic
from desk.strategies.rule import Rule, Wanted
from desk.strategies.views import View, adx_memory, average_memory, begins, earlier, steady


class EmaCross(Rule):
    """In with the fast average over the slow one once the trend has strength; out when they cross back."""

    kind: Literal["ema_cross"] = "ema_cross"
    fast: int = Field(default=21, ge=2, le=200)
    slow: int = Field(default=55, ge=3, le=400)
    least_adx: float = Field(default=20.0, ge=0, le=60, description="Strength of the trend, 0..100.")

    @model_validator(mode="after")
    def _fast_is_faster(self) -> Self:
        if self.fast >= self.slow:
            raise ValueError("fast must be below slow")
        return self

    @property
    def memory(self) -> int:
        """See `Rule`."""
        return max(average_memory(self.slow), adx_memory(14))

    def wanted(self, bars: View) -> Wanted:
        """See `Rule`."""
        fast, slow = classic.ema(bars.close, self.fast), classic.ema(bars.close, self.slow)
        strength, _, _ = classic.adx(bars.high, bars.low, bars.close)
        above, below, strong = fast > slow, fast < slow, strength >= self.least_adx
        return Wanted(long=begins(above & strong), short=begins(below & strong), leave_long=below, leave_short=above)


class Momentum(Rule):
    """In with a move of `bars` bars that its own noise does not explain; out when the move is gone.

    Time-series momentum as in Moskowitz, Ooi and Pedersen, J. Financial Economics 104 (2012): the return of the window
    over what a random walk with the same bars would wander.
    """

    kind: Literal["momentum"] = "momentum"
    bars: int = Field(default=72, ge=5, le=1000)
    least_sigma: float = Field(default=1.0, gt=0, le=5, description="Size of the move, in deviations of a random walk.")

    @property
    def memory(self) -> int:
        """See `Rule`."""
        return self.bars + 2

    def wanted(self, bars: View) -> Wanted:
        """See `Rule`."""
        step = np.log(bars.close / earlier(bars.close))
        moved = np.log(bars.close / earlier(bars.close, self.bars))
        walk = classic.deviation(np.nan_to_num(step), self.bars) * np.sqrt(self.bars)
        sigma = steady(np.divide(moved, walk, out=np.zeros(len(bars)), where=walk > 0))
        return Wanted(
            long=begins(sigma >= self.least_sigma),
            short=begins(sigma <= -self.least_sigma),
            leave_long=sigma <= 0,
            leave_short=sigma >= 0,
        )
