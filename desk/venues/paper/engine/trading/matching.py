"""How an order meets the book: level by level, best price first, until it is filled, bounded or out of liquidity.

What is left of a GTC, GTX, GTD or RPI order rests; what is left of a MARKET, IOC or FOK order expires. A market order
trades no further from the mark than the symbol's market take bound.
"""

from __future__ import annotations

from decimal import Decimal

from desk.domain.money import ZERO
from desk.domain.orders import OrderStatus
from desk.venues.paper.engine.floor.outside import outside_takes, publish_trade
from desk.venues.paper.engine.floor.state import Floor, Market
from desk.venues.paper.engine.money.clearing import fill
from desk.venues.paper.engine.money.margin import within_bound
from desk.venues.paper.engine.trading.aftermath import sweep
from desk.venues.paper.engine.trading.book import Resting, reaches
from desk.venues.paper.engine.trading.lifecycle import end_order, enter_order, rest_order
from desk.venues.paper.engine.vocabulary.events import Expiry
from desk.venues.paper.engine.vocabulary.orders import Order, OrderKind, SelfTrade


def submit(floor: Floor, market: Market, order: Order) -> Order:
    """Let an accepted order onto the floor, match it, and rest or expire what is left."""
    enter_order(floor, order)
    return match(floor, market, order)


def match(floor: Floor, market: Market, order: Order) -> Order:
    """Match an open order that is not in the book, and rest or expire what is left."""
    met: dict[str, None] = {order.account: None}
    order = take(floor, market, order, price_limit(market, order), met)
    if not order.status.is_final:
        if order.type is OrderKind.LIMIT and order.time_in_force.rests and wanted_of(floor, order):
            rest_order(floor, market, order)
        else:
            end_order(floor, market, order, OrderStatus.EXPIRED, _expiry_of(floor, order))
    for name in met:
        sweep(floor, market, floor.accounts[name])
    return floor.accounts[order.account].orders[order.order_id]


def price_limit(market: Market, order: Order) -> Decimal:
    """The worst price the order may trade at."""
    if order.type is OrderKind.LIMIT:
        return order.price
    return within_bound(order.side, market.mark, market.spec.market_take_bound)


def take(floor: Floor, market: Market, order: Order, limit: Decimal, met: dict[str, None]) -> Order:
    """Trade `order` against the book up to `limit`; the accounts it met are added to `met`."""
    book, side = market.book, order.side.opposite
    while not order.status.is_final:
        wanted = wanted_of(floor, order)
        offer = next(book.offers(side), None)
        if wanted <= ZERO or offer is None or not reaches(side, offer.price, limit):
            break
        if offer.entry is not None:
            order = _meet(floor, market, order, offer.entry, wanted, met)
            continue
        quantity = min(wanted, offer.quantity)
        book.take(side, offer.rung, quantity)
        trade_id = publish_trade(floor, market, offer.price, quantity, order.side)
        outside_takes(floor, market, order.side, quantity, offer.price)
        order = fill(floor, market, order, offer.price, quantity, maker=False, trade_id=trade_id)
    return order


def serve(floor: Floor, market: Market, maker: Order, *, at_most: Decimal | None = None) -> Decimal:
    """Let the outside market trade with a resting order at its price; returns how much it did.

    A reduce-only order that has nothing left to close ends instead.
    """
    wanted = wanted_of(floor, maker)
    if wanted <= ZERO:
        end_order(floor, market, maker, OrderStatus.EXPIRED, Expiry.KNOCKED_OUT)
        return ZERO
    quantity = wanted if at_most is None else min(wanted, at_most)
    if quantity > ZERO:
        trade_id = publish_trade(floor, market, maker.price, quantity, maker.side.opposite)
        outside_takes(floor, market, maker.side, quantity, maker.price)
        fill(floor, market, maker, maker.price, quantity, maker=True, trade_id=trade_id)
        sweep(floor, market, floor.accounts[maker.account])
    return quantity


def wanted_of(floor: Floor, order: Order) -> Decimal:
    """What the order would still trade: of a reduce-only one no more than there is to close."""
    if not order.reduce_only:
        return order.remaining
    return min(order.remaining, _closable(floor, order))


def _closable(floor: Floor, order: Order) -> Decimal:
    return floor.accounts[order.account].holding(order.symbol, order.position_side).closable(order.side)


def _expiry_of(floor: Floor, order: Order) -> Expiry:
    if order.reduce_only and not wanted_of(floor, order):
        return Expiry.KNOCKED_OUT
    return Expiry.MARKET if order.type is OrderKind.MARKET else Expiry.IOC


def _meet(floor: Floor, market: Market, taker: Order, entry: Resting, wanted: Decimal, met: dict[str, None]) -> Order:
    """One step against a resting order; returns the taker as it then stands."""
    maker = floor.accounts[entry[2]].orders[entry[3]]
    if maker.account == taker.account and taker.self_trade is not SelfTrade.NONE:
        return _prevent(floor, market, taker, maker)
    quantity = min(wanted, wanted_of(floor, maker))
    if quantity <= ZERO:
        end_order(floor, market, maker, OrderStatus.EXPIRED, Expiry.KNOCKED_OUT)
        return taker
    met[maker.account] = None
    trade_id = publish_trade(floor, market, maker.price, quantity, taker.side)
    fill(floor, market, maker, maker.price, quantity, maker=True, trade_id=trade_id)
    return fill(floor, market, taker, maker.price, quantity, maker=False, trade_id=trade_id)


def _prevent(floor: Floor, market: Market, taker: Order, maker: Order) -> Order:
    """Keep an account from trading with itself, by the taker's mode: end the maker, the taker, or both."""
    if taker.self_trade is not SelfTrade.EXPIRE_TAKER:
        end_order(floor, market, maker, OrderStatus.EXPIRED_IN_MATCH, Expiry.SELF_TRADE)
    if taker.self_trade is SelfTrade.EXPIRE_MAKER:
        return taker
    could_rest = taker.type is OrderKind.LIMIT and taker.time_in_force.rests
    reason = Expiry.SELF_TRADE if could_rest else Expiry.IOC_SELF_TRADE
    return end_order(floor, market, taker, OrderStatus.EXPIRED_IN_MATCH, reason)
