"""Amending and cancelling: finding the order that is meant, and changing it without losing its identity."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from desk.domain.money import ZERO
from desk.domain.orders import OrderStatus, StopStatus
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.state import TRADING, Floor, Market
from desk.venues.paper.engine.trading import admission, matching
from desk.venues.paper.engine.trading.lifecycle import (
    announce_order,
    end_algo,
    end_order,
    keep_order,
    lift_order,
    weigh,
)
from desk.venues.paper.engine.trading.pricing import price_of
from desk.venues.paper.engine.trading.promises import would_take
from desk.venues.paper.engine.vocabulary.asks import OrderChange
from desk.venues.paper.engine.vocabulary.events import Execution
from desk.venues.paper.engine.vocabulary.orders import AlgoOrder, Amendment, Order, OrderKind, PriceMatch
from desk.venues.paper.engine.vocabulary.refusals import Refusal

MAX_AMENDMENTS = 10_000


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


def amend_order(floor: Floor, account: Account, order: Order | None, change: OrderChange) -> Order:
    """Give an open limit order a new price and quantity; it keeps its id and goes to the back of the queue.

    A quantity not above what is filled, or a post-only order that would now take, ends the order, as on Binance.
    """
    if order is None or order.status.is_final or order.side is not change.side:
        raise Refusal(-2013)
    market, price = _check_change(floor, account, order, change)
    open_quantity = change.quantity - order.filled
    if open_quantity <= 0 or (order.time_in_force.is_post_only and would_take(market, order, price)):
        return end_order(floor, market, order, OrderStatus.CANCELED)
    lift_order(floor, market, order)
    amended = keep_order(
        floor,
        replace(
            order,
            quantity=change.quantity,
            price=price,
            price_match=change.price_match,
            amendments=order.amendments + 1,
            queue=0,
            updated_ms=floor.now(),
        ),
    )
    _note_amendment(floor, account, order, amended)
    announce_order(floor, amended, Execution.AMENDMENT)
    return amended if amended.arrives_ms else matching.match(floor, market, amended)


def _check_change(floor: Floor, account: Account, order: Order, change: OrderChange) -> tuple[Market, Decimal]:
    """Raise the first Refusal that applies to a change; return the market and the new price."""
    if order.type is not OrderKind.LIMIT:
        raise Refusal(-5025)
    market = floor.market(order.symbol)
    if market.status(floor.now()) != TRADING:
        raise Refusal(-5024)
    if order.amendments >= MAX_AMENDMENTS:
        raise Refusal(-5026)
    if change.price is not None and change.price_match is not PriceMatch.NONE:
        raise Refusal(-1106, "price")
    price = price_of(market, order.side, change.price, change.price_match)
    if price is None:
        raise Refusal(-1102, "price")
    if order.price == price and order.quantity == change.quantity:
        raise Refusal(-5027)
    admission.check_filters(
        market, order.side, change.quantity, price, reduce_only=order.reduce_only, notional_code=-5029
    )
    _check_margin(floor, market, account, order, change.quantity - order.filled, price)
    admission.check_patience(floor, change.patience_ms)
    return market, price


def _check_margin(
    floor: Floor, market: Market, account: Account, order: Order, quantity: Decimal, price: Decimal
) -> None:
    """Margin for the order as it would be, without what it holds as it is."""
    if order.reduce_only or quantity <= 0:
        return
    held = ZERO if order.arrives_ms else order.remaining
    weigh(floor, order, -held)
    try:
        holding = account.holding(order.symbol, order.position_side)
        admission.check_margin(floor, market, account, holding, order.side, quantity, price)
    finally:
        weigh(floor, order, held)


def _note_amendment(floor: Floor, account: Account, before: Order, after: Order) -> None:
    amendment = Amendment(
        account=account.name,
        amendment_id=floor.next_id("amendment"),
        symbol=after.symbol,
        order_id=after.order_id,
        client_id=after.client_id,
        at_ms=after.updated_ms,
        price_before=before.price,
        price_after=after.price,
        quantity_before=before.quantity,
        quantity_after=after.quantity,
        count=after.amendments,
        price_match=after.price_match,
    )
    account.amendments.append(amendment)
    floor.dirty[("amendment", account.name, str(len(account.amendments)))] = None


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
