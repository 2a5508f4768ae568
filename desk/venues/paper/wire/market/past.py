"""Trades from before anybody looked at a symbol, so that a new venue shows no blank page.

They are read from the market's own quotes up to the first trade of this venue, numbered backwards from it, and are part
of nothing: no account was there. Only a market that can tell its past has any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from desk.domain.money import ZERO, floor_to
from desk.domain.orders import Side
from desk.venues.paper.engine.values import PublicTrade, Quote, SymbolSpec
from desk.venues.paper.markets import is_sleeping
from desk.venues.paper.sources import MarketSource

_QUOTES: Final = 1_001


@dataclass(slots=True)
class PastTrades:
    """What lies before the first trade of each symbol; made once, as it never changes."""

    source: MarketSource
    _known: dict[str, tuple[int, list[PublicTrade]]] = field(default_factory=dict[str, tuple[int, list[PublicTrade]]])

    def before(self, spec: SymbolSpec, number: int, at_ms: int, count: int) -> Sequence[PublicTrade]:
        """At most `count` trades before trade `number`, which happened or will happen at `at_ms`; oldest first."""
        if not is_sleeping(self.source):
            return ()
        known = self._known.get(spec.symbol)
        if known is None or known[0] != number:
            quotes = self.source.past_quotes(spec.symbol, at_ms, _QUOTES)
            known = self._known[spec.symbol] = (number, _numbered(_trades(spec, quotes), number))
        return known[1][-count:]


def _trades(spec: SymbolSpec, quotes: Sequence[Quote]) -> list[PublicTrade]:
    found: list[PublicTrade] = []
    for last, quote in pairwise(quotes):
        quantity = floor_to(quote.volume, spec.rules.step)
        if quantity > ZERO:
            side = Side.BUY if quote.price >= last.price else Side.SELL
            found.append(
                PublicTrade(
                    symbol=spec.symbol,
                    trade_id=0,
                    price=quote.price,
                    quantity=quantity,
                    side=side,
                    at_ms=quote.at_ms,
                )
            )
    return found


def _numbered(trades: Sequence[PublicTrade], number: int) -> list[PublicTrade]:
    first = number - len(trades)
    return [replace(trade, trade_id=first + place) for place, trade in enumerate(trades) if first + place > 0]
