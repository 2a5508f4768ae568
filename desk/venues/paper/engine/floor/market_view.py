"""A market turned into what the public sees: reference prices and the book."""

from __future__ import annotations

from desk.domain.orders import Side
from desk.venues.paper.engine.floor.state import Market
from desk.venues.paper.engine.moves import delivery, marks
from desk.venues.paper.engine.vocabulary.views import Depth, MarkView


def mark_view(market: Market) -> MarkView:
    """Mark, index, last, touch and the running funding rate. Bid and ask count users' resting orders too.

    The view is kept until something of what it shows has changed: a market is asked far more often than it moves.
    """
    shown = _shown(market)
    if market.view is None or market.view[0] != shown:
        market.view = (shown, _seen(market))
    return market.view[1]


def _shown(market: Market) -> tuple[object, ...]:
    """All that a view is made of."""
    prices = (market.mark, market.index, market.last, market.delivered, market.source_rate, market.premium_sum)
    spans = (market.at_ms, market.next_funding_ms, market.premium_ms, market.delivery_weight)
    return (market.book.update_id, *spans, *prices)


def _seen(market: Market) -> MarkView:
    book = market.book
    bid, ask = book.best_price(Side.BUY), book.best_price(Side.SELL)
    return MarkView(
        symbol=market.spec.symbol,
        mark=market.mark,
        index=market.index,
        last=market.last,
        mid=book.mid,
        bid=book.touch(Side.BUY) if bid is None else bid,
        ask=book.touch(Side.SELL) if ask is None else ask,
        funding_rate=marks.funding_rate(market),
        next_funding_ms=market.next_funding_ms,
        settle=delivery.settlement_price(market),
        at_ms=market.at_ms,
    )


def depth_view(market: Market, limit: int) -> Depth:
    """The book, at most `limit` levels a side."""
    return Depth(
        symbol=market.spec.symbol,
        at_ms=market.at_ms,
        update_id=market.book.update_id,
        bids=market.book.levels(Side.BUY, limit),
        asks=market.book.levels(Side.SELL, limit),
    )
