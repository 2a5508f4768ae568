"""How an order meets the book: level by level, best price first, until it is filled, bounded or out of liquidity.

What is left of a GTC, GTX or GTD order rests; what is left of a MARKET or IOC order expires. A market order trades no
further from the mark than the symbol's market take bound.
"""

from __future__ import annotations

from decimal import Decimal

from desk.domain.money import ZERO
from desk.domain.orders import OrderStatus, Side
from desk.venues.paper.engine.aftermath import sweep
from desk.venues.paper.engine.book import reaches
from desk.venues.paper.engine.clearing import fill
from desk.venues.paper.engine.lifecycle import end_order, enter_order, rest_order
from desk.venues.paper.engine.margin import within_bound
from desk.venues.paper.engine.orders import Order, OrderKind, SelfTrade, TimeInForce
from desk.venues.paper.engine.outside import outside_takes, publish_trade
from desk.venues.paper.engine.state import Floor, Market

_RESTING = (TimeInForce.GTC, TimeInForce.GTX, TimeInForce.GTD)


def submit(floor: Floor, market: Market, order: Order) -> Order:
    """Let an accepted order onto the floor, match it, and rest or expire what is left."""
    enter_order(floor, order)
    return match(floor, market, order)


def match(floor: Floor, market: Market, order: Order) -> Order:
    """Match an open order that is not in the book, and rest or expire what is left."""
    met: dict[str, None] = {order.account: None}
    order = take(floor, market, order, price_limit(market, order), met)
    if not order.status.is_final:
        if order.type is OrderKind.LIMIT and order.time_in_force in _RESTING and may_rest(floor, order):
            rest_order(floor, market, order)
        else:
            end_order(floor, market, order, OrderStatus.EXPIRED)
    for name in met:
        sweep(floor, market, floor.accounts[name])
    return floor.accounts[order.account].orders[order.order_id]


def may_rest(floor: Floor, order: Order) -> bool:
    """A reduce-only order rests only while there is something to reduce."""
    return not order.reduce_only or _closable(floor, order) > ZERO


def price_limit(market: Market, order: Order) -> Decimal:
    """The worst price the order may trade at."""
    if order.type is OrderKind.LIMIT:
        return order.price
    return within_bound(order.side, market.mark, market.spec.market_take_bound)


def take(floor: Floor, market: Market, order: Order, limit: Decimal, met: dict[str, None]) -> Order:
    """Trade `order` against the book up to `limit`; the accounts it met are added to `met`."""
    book, side = market.book, order.side.opposite
    while not order.status.is_final:
        wanted = _wanted(floor, order)
        if wanted <= ZERO:
            break
        outside = book.best_outside(side)
        resting = book.queues[side][0] if book.queues[side] else None
        # At one price the outside market stood there first.
        if resting is not None and (outside is None or not _at_least_as_good(side, outside[0], abs(resting[0]))):
            if not reaches(side, abs(resting[0]), limit):
                break
            order = _meet(floor, market, order, floor.accounts[resting[2]].orders[resting[3]], wanted, met)
        elif outside is not None and reaches(side, outside[0], limit):
            price, left, rung = outside
            quantity = min(wanted, left)
            book.take(side, rung, quantity)
            trade_id = publish_trade(floor, market, price, quantity, order.side)
            outside_takes(floor, market, order.side, quantity, price)
            order = fill(floor, market, order, price, quantity, maker=False, trade_id=trade_id)
        else:
            break
    return order


def fill_resting(floor: Floor, market: Market, maker: Order, price: Decimal) -> None:
    """The outside market traded through a resting order: all of it is filled at its price, as maker."""
    quantity = _wanted(floor, maker)
    if quantity > ZERO:
        trade_id = publish_trade(floor, market, price, quantity, maker.side.opposite)
        outside_takes(floor, market, maker.side, quantity, price)
        maker = fill(floor, market, maker, price, quantity, maker=True, trade_id=trade_id)
    if not maker.status.is_final:
        end_order(floor, market, maker, OrderStatus.EXPIRED)
    sweep(floor, market, floor.accounts[maker.account])


def _wanted(floor: Floor, order: Order) -> Decimal:
    if not order.reduce_only:
        return order.remaining
    return min(order.remaining, _closable(floor, order))


def _closable(floor: Floor, order: Order) -> Decimal:
    return floor.accounts[order.account].holding(order.symbol, order.position_side).closable(order.side)


def _at_least_as_good(side: Side, price: Decimal, other: Decimal) -> bool:
    return price >= other if side is Side.BUY else price <= other


def _meet(floor: Floor, market: Market, taker: Order, maker: Order, wanted: Decimal, met: dict[str, None]) -> Order:
    """One step against a user's resting order; returns the taker as it then stands."""
    if maker.account == taker.account and taker.self_trade is not SelfTrade.NONE:
        if taker.self_trade is not SelfTrade.EXPIRE_TAKER:
            end_order(floor, market, maker, OrderStatus.EXPIRED_IN_MATCH)
        if taker.self_trade is not SelfTrade.EXPIRE_MAKER:
            return end_order(floor, market, taker, OrderStatus.EXPIRED_IN_MATCH)
        return taker
    quantity = min(wanted, _wanted(floor, maker))
    if quantity <= ZERO:
        end_order(floor, market, maker, OrderStatus.EXPIRED)
        return taker
    met[maker.account] = None
    trade_id = publish_trade(floor, market, maker.price, quantity, taker.side)
    fill(floor, market, maker, maker.price, quantity, maker=True, trade_id=trade_id)
    return fill(floor, market, taker, maker.price, quantity, maker=False, trade_id=trade_id)
