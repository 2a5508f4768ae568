"""Prices the venue reads off its own book for those who leave them to it (`priceMatch`)."""

from __future__ import annotations

from decimal import Decimal

from desk.domain.orders import Side
from desk.venues.paper.engine.floor.state import Market
from desk.venues.paper.engine.vocabulary.orders import PriceMatch
from desk.venues.paper.engine.vocabulary.refusals import Refusal


def price_of(market: Market, side: Side, price: Decimal | None, match: PriceMatch) -> Decimal | None:
    """The written price, or the one that `match` names. Raises Refusal -5041 where the book is not that deep."""
    if match is PriceMatch.NONE:
        return price
    levels = market.book.levels(side.opposite if match.opposes else side, match.level)
    if len(levels) < match.level:
        raise Refusal(-5041)
    return levels[match.level - 1].price
