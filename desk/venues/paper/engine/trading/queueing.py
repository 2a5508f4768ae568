"""Waiting in line: trades of the outside market at a touch serve who stood there first, then the resting orders.

What stands before an order is the outside quantity found at its price when it joined, less what traded there since; it
is never more than what still stands there. Orders of accounts follow each other in price-time order.
"""

from __future__ import annotations

from decimal import Decimal

from desk.domain.money import ZERO
from desk.domain.orders import Side
from desk.venues.paper.engine.floor.state import Floor, Market
from desk.venues.paper.engine.trading import matching
from desk.venues.paper.engine.trading.book import is_better


def trade_at_touch(floor: Floor, market: Market, taker: Side, volume: Decimal) -> Decimal:
    """Let outside takers of `taker` side trade `volume` where the market stands; returns what resting orders got."""
    book, side = market.book, taker.opposite
    touch = book.touch(side)
    left, filled, at, served = volume, ZERO, ZERO, ZERO
    for signed, _, account, order_id in tuple(book.queues[side]):
        price = abs(signed)
        if left <= ZERO or is_better(side, touch, price):
            break
        if order_id not in book.ahead:
            continue
        if price != at:
            at, served = price, ZERO
        before = min(book.ahead[order_id], book.standing(side, price))
        gone = min(left, max(before - served, ZERO))
        left, served = left - gone, served + gone
        book.ahead[order_id] = max(before - served, ZERO)
        floor.touch_market(market)
        if not book.ahead[order_id] and left > ZERO:
            got = matching.serve(floor, market, floor.accounts[account].orders[order_id], at_most=left)
            left, filled = left - got, filled + got
    return filled
