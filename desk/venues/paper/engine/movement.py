"""What a new quote, or time alone, does to a market: fundings that fell due on the way, then the price's own way."""

from __future__ import annotations

from desk.domain.money import ZERO, floor_to
from desk.domain.orders import Side
from desk.venues.paper.engine import funding, marks, path
from desk.venues.paper.engine.instruments import Quote
from desk.venues.paper.engine.outside import publish_trade
from desk.venues.paper.engine.state import Floor, Market


def advance(floor: Floor, market: Market, quote: Quote) -> None:
    """Bring one market to a quote that is not older than its last one."""
    if market.at_ms < 0:
        market.next_funding_ms = marks.next_boundary(market.spec, quote.at_ms)
    elif funding.charge_due(floor, market, quote.at_ms):
        path.react(floor, market)
    marks.observe_premium(market, quote.at_ms)
    rose = quote.price >= market.book.mid
    market.source_rate = quote.funding_rate
    market.at_ms = quote.at_ms
    path.travel(floor, market, quote)
    volume = floor_to(quote.volume, market.spec.rules.step)
    if volume > ZERO:
        publish_trade(floor, market, market.last, volume, Side.BUY if rose else Side.SELL)


def settle(floor: Floor, now_ms: int) -> None:
    """Charge every funding and end every good-till-date order that is due at `now_ms`."""
    for market in floor.markets.values():
        if funding.charge_due(floor, market, now_ms):
            path.react(floor, market)
    funding.expire_due(floor, now_ms)
