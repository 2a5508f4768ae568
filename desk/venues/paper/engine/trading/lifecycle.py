"""How an order or conditional order enters and leaves the floor: queues, indices, margin aggregates, announcements.

Every change of an order passes here, so that what is queued, indexed, stored and announced cannot differ.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import replace
from decimal import Decimal

from desk.domain.money import ZERO
from desk.domain.orders import OrderStatus, Side, StopStatus
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.deadlines import Due
from desk.venues.paper.engine.floor.state import Floor, Market
from desk.venues.paper.engine.vocabulary.events import AlgoEvent, Execution, Expiry, OrderEvent
from desk.venues.paper.engine.vocabulary.orders import AlgoOrder, Order, OrderKind, TimeInForce, Trade

# Binance ends what was good till cancelled after a year.
YEAR_MS = 365 * 86_400_000

_DONE_WITHOUT_FILL = {OrderStatus.CANCELED: Execution.CANCELED, OrderStatus.EXPIRED: Execution.EXPIRED}


def keep_order(floor: Floor, order: Order) -> Order:
    """Record the newest state of an order, without a word to anybody."""
    floor.accounts[order.account].orders[order.order_id] = order
    floor.dirty[("order", order.account, str(order.order_id))] = None
    return order


def announce_order(
    floor: Floor, order: Order, execution: Execution, trade: Trade | None = None, *, expiry: Expiry = Expiry.NONE
) -> None:
    """Tell the account what happened to an order."""
    floor.events.append(
        OrderEvent(
            account=order.account, at_ms=order.updated_ms, execution=execution, order=order, trade=trade, expiry=expiry
        )
    )


def enter_order(floor: Floor, order: Order) -> None:
    """Let a new order onto the floor: recorded, indexed, announced as NEW; it does not rest in the book yet."""
    account = floor.accounts[order.account]
    account.order_by_client[(order.symbol, order.client_id)] = order.order_id
    account.open_orders.setdefault(order.symbol, {})[order.order_id] = None
    expect_end(floor, order)
    keep_order(floor, order)
    announce_order(floor, order, Execution.NEW)


def expect_end(floor: Floor, order: Order) -> None:
    """Note when an order that may rest ends by itself: at its date, else after a year."""
    if order.type is OrderKind.LIMIT and order.time_in_force.rests:
        dated = order.time_in_force is TimeInForce.GTD
        floor.expiring.set(due_of(order), order.good_till_ms if dated else order.created_ms + YEAR_MS)


def due_of(order: Order) -> Due:
    """The order as something to expect."""
    return ("order", order.account, str(order.order_id))


def rest_order(floor: Floor, market: Market, order: Order) -> None:
    """Queue what is left of an order behind everybody who stands at its price."""
    placed = keep_order(floor, replace(order, queue=floor.next_id("queue")))
    market.book.add(placed, ahead=market.book.standing(order.side, order.price) if floor.realism.queue else None)
    weigh(floor, placed, placed.remaining)
    floor.touch_market(market)


def lift_order(floor: Floor, market: Market, order: Order) -> None:
    """Take a resting order out of the book; it is still open."""
    if order.order_id in market.book.remaining:
        market.book.remove(order)
        weigh(floor, order, -order.remaining)
        floor.touch_market(market)


def weigh(floor: Floor, order: Order, quantity: Decimal) -> None:
    """Add to (or with a negative quantity take from) what working orders demand as margin."""
    if order.reduce_only:
        return
    account = floor.accounts[order.account]
    holding = account.own(order.symbol, order.position_side)
    if order.side is Side.BUY:
        holding.bids += quantity * order.price
    else:
        holding.asks += quantity * order.price
    floor.touch_holding(account, holding)


def close_order(floor: Floor, order: Order) -> None:
    """Drop a final order from the open ones, and finish the conditional order it came from."""
    account = floor.accounts[order.account]
    account.open_orders.get(order.symbol, {}).pop(order.order_id, None)
    floor.expiring.drop(due_of(order))
    floor.markets[order.symbol].arriving.drop(due_of(order))
    if order.algo_id is not None:
        algo = account.algos[order.algo_id]
        average = order.average_price
        change_algo(floor, replace(algo, status=StopStatus.FINISHED, filled=order.filled, average_price=average))


def end_order(floor: Floor, market: Market, order: Order, status: OrderStatus, expiry: Expiry = Expiry.NONE) -> Order:
    """End an open order that is not filled: out of the book, recorded, announced with its reason."""
    lift_order(floor, market, order)
    ended = keep_order(floor, replace(order, status=status, updated_ms=floor.now(), arrives_ms=0))
    announce_order(floor, ended, _DONE_WITHOUT_FILL.get(status, Execution.EXPIRED), expiry=expiry)
    close_order(floor, ended)
    return ended


def change_algo(floor: Floor, algo: AlgoOrder, *, quiet: bool = False) -> AlgoOrder:
    """Record a new state of a conditional order, announced unless `quiet`."""
    changed = replace(algo, updated_ms=floor.now())
    floor.accounts[algo.account].algos[algo.algo_id] = changed
    floor.dirty[("algo", algo.account, str(algo.algo_id))] = None
    if not quiet:
        floor.events.append(AlgoEvent(account=algo.account, at_ms=changed.updated_ms, algo=changed))
    return changed


def rises_to(algo: AlgoOrder) -> bool:
    """Whether the price must rise to the trigger: a buy stop, or a sell that takes profit."""
    return (algo.side is Side.BUY) != takes_profit(algo.type)


def takes_profit(kind: OrderKind) -> bool:
    """Whether a conditional type waits for the price to move in the holder's favour."""
    return kind in (OrderKind.TAKE_PROFIT, OrderKind.TAKE_PROFIT_MARKET)


def wait_algo(market: Market, algo: AlgoOrder) -> None:
    """Put a conditional order among those waiting for its price; an unactivated trailing stop only watches."""
    if algo.type is OrderKind.TRAILING_STOP_MARKET:
        market.trailing[(algo.account, algo.algo_id)] = None
        if not algo.activated:
            return
    insort(market.waiting[(algo.working_type, rises_to(algo))], _entry(algo))


def unwait_algo(market: Market, algo: AlgoOrder) -> None:
    """Take a conditional order away from those waiting."""
    market.trailing.pop((algo.account, algo.algo_id), None)
    queue, entry = market.waiting[(algo.working_type, rises_to(algo))], _entry(algo)
    at = bisect_left(queue, entry)
    if at < len(queue) and queue[at] == entry:
        del queue[at]


def end_algo(floor: Floor, market: Market, algo: AlgoOrder, status: StopStatus, reason: str = "") -> AlgoOrder:
    """End a conditional order that never became an order."""
    release_algo(floor, market, algo)
    return change_algo(floor, replace(algo, status=status, reject_reason=reason))


def release_algo(floor: Floor, market: Market, algo: AlgoOrder) -> None:
    """Take a conditional order off the floor's waiting lists; the caller says what became of it."""
    unwait_algo(market, algo)
    floor.accounts[algo.account].open_algos.pop(algo.algo_id, None)
    floor.expiring.drop(("algo", algo.account, str(algo.algo_id)))


def open_algos_of(account: Account, symbol: str) -> list[AlgoOrder]:
    """The account's resting conditional orders in one symbol, oldest first."""
    return [algo for i in account.open_algos if (algo := account.algos[i]).symbol == symbol]


def open_orders_of(account: Account, symbol: str) -> list[Order]:
    """The account's open ordinary orders in one symbol, oldest first."""
    return [account.orders[i] for i in account.open_orders.get(symbol, ())]


def _entry(algo: AlgoOrder) -> tuple[Decimal, int, str]:
    level = algo.trigger if rises_to(algo) else ZERO - algo.trigger
    return (level, algo.algo_id, algo.account)
