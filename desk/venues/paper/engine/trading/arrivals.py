"""Orders on their way from acceptance to the book, on a venue that is not infinitely fast.

An accepted order is open and can be cancelled, but meets the book only when it arrives, at the prices of that moment.
Margin and promises are looked at again there: what no longer holds ends the order, as nothing can refuse it any more.
"""

from __future__ import annotations

from dataclasses import replace

from desk.domain.orders import OrderStatus
from desk.venues.paper.engine.floor.state import Floor, Market
from desk.venues.paper.engine.trading import admission, matching, promises
from desk.venues.paper.engine.trading.latency import delay_ms
from desk.venues.paper.engine.trading.lifecycle import due_of, end_order, enter_order, keep_order
from desk.venues.paper.engine.vocabulary.events import Expiry
from desk.venues.paper.engine.vocabulary.orders import Order, OrderKind
from desk.venues.paper.engine.vocabulary.refusals import Refusal

_EXPIRIES = {promises.FOK_BROKEN: Expiry.FOK, promises.POST_ONLY_BROKEN: Expiry.POST_ONLY}


def submit(floor: Floor, market: Market, order: Order) -> Order:
    """Let an accepted order onto the floor, and to the book at once or after its latency."""
    delay = delay_ms(floor.realism, order.order_id)
    if not delay:
        return matching.submit(floor, market, order)
    order = replace(order, arrives_ms=floor.now() + delay)
    enter_order(floor, order)
    market.arriving.set(due_of(order), order.arrives_ms)
    return order


def land(floor: Floor, market: Market, until_ms: int) -> None:
    """Let every order of the market that has arrived by `until_ms` meet the book, in the order of arrival."""
    while (found := market.arriving.take(until_ms)) is not None:
        _, (_, name, number) = found
        _meet_book(floor, market, floor.accounts[name].orders[int(number)])


def _meet_book(floor: Floor, market: Market, order: Order) -> None:
    order = keep_order(floor, replace(order, arrives_ms=0))
    account = floor.accounts[order.account]
    limit = order.price if order.type is OrderKind.LIMIT else None
    try:
        if not order.reduce_only:
            holding = account.holding(order.symbol, order.position_side)
            admission.check_margin(floor, market, account, holding, order.side, order.remaining, limit)
    except Refusal:
        end_order(floor, market, order, OrderStatus.EXPIRED)
        return
    code = None if limit is None else promises.broken(floor, market, account, order, order.remaining, limit)
    if code is not None:
        end_order(floor, market, order, OrderStatus.EXPIRED, _EXPIRIES[code])
        return
    matching.match(floor, market, order)
