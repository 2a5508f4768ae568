"""Standing on the other side of a falling market: each symbol for itself, or the leader for all of them."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from desk.backtest.plan import Plan
from desk.backtest.tape import Tape
from desk.indicators import classic
from desk.strategies.rule import Rule, Wanted, planned
from desk.strategies.views import Flags, View, average_memory, begins, earlier, view


class DefensiveHedge(Rule):
    """Short, and never long, while the price is below a falling average; out once it is back above."""

    kind: Literal["defensive_hedge"] = "defensive_hedge"
    average: int = Field(default=100, ge=10, le=400)
    slope_bars: int = Field(default=24, ge=2, le=200, description="The average must be lower than so many bars ago.")

    @property
    def memory(self) -> int:
        """See `Rule`."""
        return average_memory(self.average) + self.slope_bars

    def falling(self, bars: View) -> Flags:
        """Where the price is below its average and the average falls."""
        average = classic.ema(bars.close, self.average)
        return (bars.close < average) & (average < earlier(average, self.slope_bars))

    def wanted(self, bars: View) -> Wanted:
        """See `Rule`."""
        falling = self.falling(bars)
        return _short_only(begins(falling), bars.close > classic.ema(bars.close, self.average))


class PortfolioHedge(DefensiveHedge):
    """Short the first symbol of the tape, the leader, while most symbols fall; out when fewer do.

    A hedge of what the other books hold: one contract that is liquid instead of many that are not.
    """

    kind: Literal["portfolio_hedge"] = "portfolio_hedge"  # pyright: ignore[reportIncompatibleVariableOverride]
    breadth: float = Field(default=0.6, gt=0, le=1, description="Share of the symbols that fall before it hedges.")

    def plan(self, tape: Tape) -> Plan:
        """See `desk.backtest.strategy.Strategy`: the symbols are read together."""
        bars = [view(tape, symbol) for symbol in range(len(tape.symbols))]
        share = np.mean([self.falling(one) for one in bars], axis=0)
        nothing = np.zeros(len(tape), dtype=np.bool_)
        hedge = _short_only(begins(share >= self.breadth), share < self.breadth / 2)
        rest = _short_only(nothing, nothing)
        return planned(bars, [hedge, *(rest for _ in bars[1:])], self.risk, self.warm_up)


def _short_only(enter: Flags, leave: Flags) -> Wanted:
    nothing = np.zeros(len(enter), dtype=np.bool_)
    return Wanted(long=nothing, short=enter, leave_long=nothing, leave_short=leave)
