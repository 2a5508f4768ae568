"""Amending and cancelling: finding the order that is meant, and changing it without losing its identity."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from desk.domain.orders import OrderStatus, Side, StopStatus
from desk.venues.paper.engine import admission, matching
from desk.venues.paper.engine.book import reaches
from desk.venues.paper.engine.events import Execution
from desk.venues.paper.engine.lifecycle import announce_order, end_algo, end_order, keep_order, lift_order, rest_order
from desk.venues.paper.engine.orders import AlgoOrder, Order, OrderKind, TimeInForce
from desk.venues.paper.engine.refusals import Refusal
from desk.venues.paper.engine.state import Account, Floor


def find_order(account: Account, symbol: str, order_id: int | None, client_id: str | None) -> Order | None:
    """The order meant; `order_id` wins over `client_id`, of which the newest bearer counts."""
    if order_id is None and not client_id:
        raise Refusal(-1102, "orderid")
    number = order_id if order_id is not None else account.order_by_client.get((symbol, client_id or ""))
    order = account.orders.get(number) if number is not None else None
    return order if order is not None and order.symbol == symbol else None


def find_algo(account: Account, algo_id: int | None, client_id: str | None) -> AlgoOrder | None:
    """The conditional order meant; `algo_id` wins over `client_id`."""
    if algo_id is None and not client_id:
        raise Refusal(-1102, "algoid")
    number = algo_id if algo_id is not None else account.algo_by_client.get(client_id or "")
    return account.algos.get(number) if number is not None else None


def cancel_order(floor: Floor, order: Order | None) -> Order:
    """Cancel an open order. Raises Refusal -2011 when it is unknown or final."""
    if order is None or order.status.is_final:
        raise Refusal(-2011)
    return end_order(floor, floor.markets[order.symbol], order, OrderStatus.CANCELED)


def cancel_algo(floor: Floor, account: Account, algo: AlgoOrder | None) -> AlgoOrder:
    """Cancel a resting conditional order. Raises Refusal -2011 when it is unknown or no longer rests."""
    if algo is None or algo.algo_id not in account.open_algos:
        raise Refusal(-2011)
    return end_algo(floor, floor.markets[algo.symbol], algo, StopStatus.CANCELED)


def amend_order(
    floor: Floor, account: Account, order: Order | None, side: Side, quantity: Decimal, price: Decimal
) -> Order:
    """Give an open limit order a new price and quantity.

    A quantity not above what is filled, or a post-only order that would now take, ends the order, as on Binance.
    """
    if order is None or order.status.is_final or order.side is not side:
        raise Refusal(-2013)
    if order.type is not OrderKind.LIMIT:
        raise Refusal(-5025)
    if order.price == price and order.quantity == quantity:
        raise Refusal(-5027)
    market = floor.priced(order.symbol)
    admission.check_filters(market, side, quantity, price, reduce_only=order.reduce_only)
    lift_order(floor, market, order)
    try:
        if not order.reduce_only and quantity > order.filled:
            holding = account.holding(order.symbol, order.position_side)
            admission.check_margin(floor, market, account, holding, side, quantity - order.filled, price)
    except Refusal:
        rest_order(floor, market, order)
        raise
    best = market.book.best_price(side.opposite)
    takes = best is not None and reaches(side.opposite, best, price)
    if quantity <= order.filled or (takes and order.time_in_force is TimeInForce.GTX):
        return end_order(floor, market, order, OrderStatus.CANCELED)
    amended = keep_order(floor, replace(order, quantity=quantity, price=price, queue=0, updated_ms=floor.now()))
    announce_order(floor, amended, Execution.AMENDMENT)
    return matching.match(floor, market, amended)


def cancel_all(floor: Floor, account: Account, symbol: str) -> list[Order]:
    """Cancel every open ordinary order of a symbol, oldest first."""
    market = floor.market(symbol)
    numbers = list(account.open_orders.get(symbol, ()))
    return [end_order(floor, market, account.orders[number], OrderStatus.CANCELED) for number in numbers]


def cancel_all_algos(floor: Floor, account: Account, symbol: str) -> list[AlgoOrder]:
    """Cancel every resting conditional order of a symbol, oldest first."""
    market = floor.market(symbol)
    resting = [account.algos[number] for number in account.open_algos]
    return [end_algo(floor, market, algo, StopStatus.CANCELED) for algo in resting if algo.symbol == symbol]
