"""The end of a dated contract: at its moment every order ends and every position is closed at the settlement price.

That price is the mean of the index over the last thirty minutes, weighted by time. Closing costs the taker's fee; its
profit is income of a kind of its own. Source: Binance, "Delivery of quarterly futures contracts".
"""

from __future__ import annotations

from decimal import Decimal

from desk.domain.money import ZERO, round_to
from desk.domain.orders import OrderStatus, Side, StopStatus
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.holdings import Holding
from desk.venues.paper.engine.floor.outside import next_trade_id, outside_takes
from desk.venues.paper.engine.floor.state import Floor, Market
from desk.venues.paper.engine.money.clearing import fill
from desk.venues.paper.engine.trading.aftermath import sweep
from desk.venues.paper.engine.trading.lifecycle import end_algo, end_order, enter_order, open_algos_of, open_orders_of
from desk.venues.paper.engine.vocabulary.events import Expiry
from desk.venues.paper.engine.vocabulary.orders import SETTLEMENT, Order, OrderKind, TimeInForce

WINDOW_MS = 30 * 60_000


def observe_index(market: Market, until_ms: int) -> None:
    """Weigh the index that stood since the last look with the time it stood inside the window."""
    due = market.spec.delivery_ms
    if due is None or market.at_ms < 0:
        return
    elapsed = min(until_ms, due) - max(market.at_ms, due - WINDOW_MS)
    if elapsed > 0:
        market.delivery_sum += market.index * elapsed
        market.delivery_weight += elapsed


def settlement_price(market: Market) -> Decimal:
    """What the contract was, or would now be, delivered at."""
    if market.delivered is not None:
        return market.delivered
    mean = market.delivery_sum / market.delivery_weight if market.delivery_weight else market.index
    return round_to(mean, market.spec.rules.tick)


def deliver_due(floor: Floor, market: Market, until_ms: int) -> None:
    """Deliver the contract if its moment is not after `until_ms`."""
    due = market.spec.delivery_ms
    if due is None or due > until_ms or market.delivered is not None or market.at_ms < 0:
        return
    observe_index(market, due)
    moment, floor.moving_ms = floor.moving_ms, due
    try:
        _deliver(floor, market, due)
    finally:
        floor.moving_ms = moment


def _deliver(floor: Floor, market: Market, due: int) -> None:
    price = settlement_price(market)
    for account in floor.accounts.values():
        _end_everything(floor, market, account)
    market.delivered = price
    market.at_ms = max(market.at_ms, due)
    market.mark = market.last = market.index = price
    for name in sorted(market.holders):
        account = floor.accounts[name]
        for holding in account.holdings_of(market.spec.symbol):
            if holding.quantity:
                _close(floor, market, account, holding, price)
    floor.touch_market(market)


def _end_everything(floor: Floor, market: Market, account: Account) -> None:
    for order in open_orders_of(account, market.spec.symbol):
        end_order(floor, market, order, OrderStatus.CANCELED, Expiry.DELISTED)
    for algo in open_algos_of(account, market.spec.symbol):
        end_algo(floor, market, algo, StopStatus.EXPIRED)


def _close(floor: Floor, market: Market, account: Account, holding: Holding, price: Decimal) -> None:
    side = Side.SELL if holding.quantity > ZERO else Side.BUY
    order_id, at_ms = floor.next_id("order"), floor.now()
    order = Order(
        account=account.name,
        order_id=order_id,
        client_id=f"{SETTLEMENT}{order_id}",
        symbol=market.spec.symbol,
        side=side,
        type=OrderKind.MARKET,
        original_type=OrderKind.MARKET,
        time_in_force=TimeInForce.IOC,
        quantity=abs(holding.quantity),
        price=ZERO,
        status=OrderStatus.NEW,
        created_ms=at_ms,
        updated_ms=at_ms,
        position_side=holding.side,
        reduce_only=True,
    )
    enter_order(floor, order)
    outside_takes(floor, market, side, order.quantity, price)
    fill(floor, market, order, price, order.quantity, maker=False, trade_id=next_trade_id(floor, market))
    sweep(floor, market, account)
