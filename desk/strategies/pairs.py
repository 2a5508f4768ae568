"""Cross-pair: two symbols that go together, and the gap between them that closes again."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from desk.backtest.plan import Plan
from desk.backtest.tape import Tape
from desk.domain.errors import DataError
from desk.indicators import classic
from desk.indicators.columns import Column
from desk.strategies.rule import Rule, Wanted, planned
from desk.strategies.views import View, begins, steady, view


class CrossPair(Rule):
    """Short the dear and long the cheap of the tape's first two symbols when their ratio strays; out when it is back.

    The ratio is measured in deviations of its own last `bars` bars (Gatev, Goetzmann and Rouwenhorst, Review of
    Financial Studies 19, 2006). Both legs leave together; a leg that is stopped leaves the other to the ratio.
    """

    kind: Literal["cross_pair"] = "cross_pair"
    bars: int = Field(default=168, ge=20, le=1000)
    stray: float = Field(default=2.0, gt=0.5, le=5, description="Deviations of the ratio that open.")
    lost: float = Field(default=4.0, gt=1, le=10, description="Deviations at which the two no longer go together.")

    @property
    def memory(self) -> int:
        """See `Rule`."""
        return self.bars + 2

    def plan(self, tape: Tape) -> Plan:
        """See `desk.backtest.strategy.Strategy`. Raises DataError for a tape of one symbol."""
        if len(tape.symbols) < 2:
            raise DataError(f"{self.name or self.kind} compares two symbols", hint="--symbol BTCUSDT --symbol ETHUSDT")
        bars = [view(tape, symbol) for symbol in range(len(tape.symbols))]
        score = self.score(bars[0], bars[1])
        first, second = self._legs(score)
        rest = self._legs(np.zeros(len(tape)))[0]
        return planned(bars, [first, second, *(rest for _ in bars[2:])], self.risk, self.warm_up)

    def wanted(self, bars: View) -> Wanted:
        """One symbol alone has nothing to be compared with."""
        return self._legs(np.zeros(len(bars)))[0]

    def score(self, first: View, second: View) -> Column:
        """How far the ratio of the two strays from its average, in deviations; 0 while unknown."""
        ratio = np.log(first.close / second.close)
        away, spread = ratio - classic.sma(ratio, self.bars), classic.deviation(ratio, self.bars)
        found = np.divide(away, spread, out=np.zeros(len(ratio)), where=spread > 1e-9)
        return steady(found)

    def _legs(self, score: Column) -> tuple[Wanted, Wanted]:
        dear, cheap = begins(score >= self.stray), begins(score <= -self.stray)
        lost = np.abs(score) >= self.lost
        back_from_dear, back_from_cheap = (score <= 0) | lost, (score >= 0) | lost
        return (
            Wanted(long=cheap, short=dear, leave_long=back_from_cheap, leave_short=back_from_dear),
            Wanted(long=dear, short=cheap, leave_long=back_from_dear, leave_short=back_from_cheap),
        )
