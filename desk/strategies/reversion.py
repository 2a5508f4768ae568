"""Going against a move that went too far, in markets without a trend; out where the middle is."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from desk.indicators import classic
from desk.strategies.rule import Rule, Wanted
from desk.strategies.views import View, adx_memory, begins, wilder_memory


class RsiReversion(Rule):
    """Long as the RSI comes back from oversold, short as it comes back from overbought; out at the middle."""

    kind: Literal["rsi_reversion"] = "rsi_reversion"
    period: int = Field(default=14, ge=2, le=100)
    edge: float = Field(default=30.0, ge=5, le=45, description="Oversold below it, overbought above 100 less it.")
    most_adx: float = Field(default=25.0, ge=5, le=100, description="A stronger trend is not gone against.")

    @property
    def memory(self) -> int:
        """See `Rule`."""
        return max(wilder_memory(self.period), adx_memory(14))

    def wanted(self, bars: View) -> Wanted:
        """See `Rule`."""
        rsi = classic.rsi(bars.close, self.period)
        strength, _, _ = classic.adx(bars.high, bars.low, bars.close)
        calm = strength <= self.most_adx
        return Wanted(
            long=begins(rsi > self.edge) & (rsi < 50) & calm,
            short=begins(rsi < 100 - self.edge) & (rsi > 50) & calm,
            leave_long=rsi >= 50,
            leave_short=rsi <= 50,
        )


class BollingerReversion(Rule):
    """In as the close comes back inside the band it had left; out at the average."""

    kind: Literal["bollinger_reversion"] = "bollinger_reversion"
    period: int = Field(default=20, ge=5, le=200)
    width: float = Field(default=2.0, gt=0.5, le=4, description="Deviations from the average to either band.")
    most_adx: float = Field(default=25.0, ge=5, le=100, description="A stronger trend is not gone against.")

    @property
    def memory(self) -> int:
        """See `Rule`."""
        return max(self.period + 2, adx_memory(14))

    def wanted(self, bars: View) -> Wanted:
        """See `Rule`."""
        upper, middle, lower = classic.bollinger(bars.close, self.period, self.width)
        strength, _, _ = classic.adx(bars.high, bars.low, bars.close)
        calm = strength <= self.most_adx
        return Wanted(
            long=begins(bars.close > lower) & (bars.close < middle) & calm,
            short=begins(bars.close < upper) & (bars.close > middle) & calm,
            leave_long=bars.close >= middle,
            leave_short=bars.close <= middle,
        )
