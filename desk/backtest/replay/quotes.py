"""The bars of a tape as quotes of the exchange: the open jumps, the rest is walked, the worse side of the bar first.

A recorded bar does not tell in which order its prices came. The sweep assumes the worse one for whoever holds, and so
does this: low before high for a long or for nobody, high before low for a short. Slippage is the half spread of a book
that is deep enough for anybody, so that a fill costs what the sweep says it costs, to the tick.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from desk.backtest.tape import Tape
from desk.domain.money import ZERO
from desk.venues.paper.engine.vocabulary.instruments import Ladder, Quote, SymbolSpec

_DEEP: Ladder = ((ZERO, Decimal(10) ** 9),)
_FUNDING_DIGITS = 8


class Bars:
    """One symbol's bars, ready to be quoted. Prices are on the contract's tick."""

    def __init__(self, tape: Tape, symbol: int, spec: SymbolSpec, slippage: float) -> None:
        self.symbol = tape.symbols[symbol]
        self._digits = spec.price_precision
        self._times: list[int] = tape.open_time.tolist()
        self._length = tape.step_ms
        self._spread = Decimal(repr(2 * slippage))
        scale = 10.0**self._digits
        columns = (tape.open, tape.high, tape.low, tape.close)
        self._units: list[list[int]] = [np.rint(c[:, symbol] * scale).astype(np.int64).tolist() for c in columns]
        self._rates = _rates_ahead(tape, symbol, spec)

    def opening(self, row: int) -> Quote:
        """How the bar is reached: nothing traded on the way from the bar before."""
        return self._quote(row, self._times[row], self._units[0][row], gap=True)

    def inside(self, row: int, side: int) -> Sequence[Quote]:
        """The rest of the bar, for who holds this side."""
        _, high, low, close = (column[row] for column in self._units)
        worse, better = (high, low) if side < 0 else (low, high)
        start, third = self._times[row], self._length // 3
        return (
            self._quote(row, start + third, worse),
            self._quote(row, start + 2 * third, better),
            self._quote(row, start + self._length - 1, close),
        )

    def _quote(self, row: int, at_ms: int, units: int, *, gap: bool = False) -> Quote:
        return Quote(
            symbol=self.symbol,
            at_ms=at_ms,
            price=Decimal(units).scaleb(-self._digits),
            spread=self._spread,
            ladder=_DEEP,
            funding_rate=self._rates[row],
            gap=gap,
        )


def _rates_ahead(tape: Tape, symbol: int, spec: SymbolSpec) -> list[Decimal]:
    """For each bar, the rate of the charge that comes next: the exchange takes the one that stands when it is due.

    A strategy never sees a quote of the replay, so nobody learns a rate before it is charged.
    """
    interval = spec.funding_interval_hours * 3_600_000
    period = tape.open_time // interval
    rates, found = tape.funding[:, symbol], [Decimal(0)] * len(tape)
    following = Decimal(0)
    for row in range(len(tape) - 1, -1, -1):
        if row + 1 < len(tape) and period[row + 1] != period[row]:
            following = Decimal(round(float(rates[row + 1]) * 10**_FUNDING_DIGITS)).scaleb(-_FUNDING_DIGITS)
        found[row] = following
    return found
