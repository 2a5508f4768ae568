"""What a new quote, or time alone, does to a market: fundings that fell due on the way, then the price's own way.

Orders on their way to the book cut the price's way where they arrive. What the outside market traded is shown to
everybody; at the touch it first serves those who wait there.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from desk.domain.money import ONE, ZERO, floor_to
from desk.domain.orders import Side
from desk.venues.paper.engine.floor.outside import publish_trade
from desk.venues.paper.engine.floor.state import Floor, Market
from desk.venues.paper.engine.moves import delivery, endings, funding, marks, path
from desk.venues.paper.engine.trading import arrivals, queueing
from desk.venues.paper.engine.vocabulary.instruments import Quote

_NEVER_MS = 2**63


def advance(floor: Floor, market: Market, quote: Quote) -> None:
    """Bring one market to a quote that is not older than its last one."""
    if market.at_ms < 0:
        market.next_funding_ms = marks.next_boundary(market.spec, quote.at_ms)
        floor.markets_due_ms = 0
    elif funding.charge_due(floor, market, quote.at_ms):
        path.react(floor, market)
    delivery.deliver_due(floor, market, quote.at_ms)
    if market.delivered is not None:
        return
    while (found := market.arriving.next(quote.at_ms)) is not None:
        floor.moving_ms = max(found[0], market.at_ms)
        if not quote.gap:
            _travel(floor, market, _on_the_way(market, quote, floor.moving_ms), fresh=False)
        arrivals.land(floor, market, floor.moving_ms)
        path.react(floor, market)
    floor.moving_ms = quote.at_ms
    taker = Side.BUY if quote.price >= market.book.mid else Side.SELL
    _trade(floor, market, _travel(floor, market, quote), taker)


def settle(floor: Floor, now_ms: int) -> None:
    """Charge every funding, and end everything, that is due at `now_ms`."""
    if now_ms >= floor.markets_due_ms:
        for market in floor.markets.values():
            if funding.charge_due(floor, market, now_ms):
                path.react(floor, market)
            delivery.deliver_due(floor, market, now_ms)
        floor.markets_due_ms = min(map(_due_ms, floor.markets.values()), default=_NEVER_MS)
    endings.end_due(floor, now_ms)


def _due_ms(market: Market) -> int:
    """When a market next changes by itself; never while it sleeps, as its first quote tells the floor."""
    if market.at_ms < 0 or market.delivered is not None:
        return _NEVER_MS
    return market.next_funding_ms if market.spec.delivery_ms is None else market.spec.delivery_ms


def _travel(floor: Floor, market: Market, quote: Quote, *, fresh: bool = True) -> Decimal:
    """Go to the quote; returns what of its volume did not yet trade with resting orders."""
    marks.observe_premium(market, quote.at_ms)
    delivery.observe_index(market, quote.at_ms)
    market.source_rate = quote.funding_rate
    market.at_ms = quote.at_ms
    return path.travel(floor, market, quote, fresh=fresh)


def _on_the_way(market: Market, quote: Quote, at_ms: int) -> Quote:
    """Where a straight line puts the market at `at_ms`, with the book that stands there."""
    book, length = market.book, quote.at_ms - market.at_ms
    share = Decimal(at_ms - market.at_ms) / length if length else ONE
    index = quote.price if quote.index is None else quote.index
    return replace(
        quote,
        at_ms=at_ms,
        price=book.mid + (quote.price - book.mid) * share,
        index=market.index + (index - market.index) * share,
        spread=book.spread,
        ladder=book.ladders[Side.BUY],
        ask_ladder=book.ladders[Side.SELL],
        volume=ZERO,
    )


def _trade(floor: Floor, market: Market, left: Decimal, taker: Side) -> None:
    """Let outside takers trade `left` at the touch, and show as one trade what nobody here was part of."""
    left = floor_to(left, market.spec.rules.step)
    if left <= ZERO:
        return
    last = market.last
    left -= queueing.trade_at_touch(floor, market, taker, left)
    if left > ZERO:
        publish_trade(floor, market, last, left, taker)
    path.react(floor, market)
