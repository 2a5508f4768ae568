"""Auto-deleveraging: what a liquidation leaves and the insurance fund cannot pay for is closed against the other side.

The positions ranked first give up their profit at the bankrupt one's price, as far as it takes. Nobody pays a fee for
it, their order bears Binance's name for it, and the public tape does not show the trade.
"""

from __future__ import annotations

from decimal import Decimal

from desk.domain.orders import OrderStatus, Side
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.holdings import Holding
from desk.venues.paper.engine.floor.outside import next_trade_id
from desk.venues.paper.engine.floor.state import Floor, Market
from desk.venues.paper.engine.liquidation.ranking import ranked
from desk.venues.paper.engine.money.clearing import fill
from desk.venues.paper.engine.trading.lifecycle import enter_order
from desk.venues.paper.engine.vocabulary.orders import Order, OrderKind, TimeInForce

ADL_CLIENT_ID = "adl_autoclose"


def relieve(floor: Floor, market: Market, order: Order, met: dict[str, None]) -> Order:
    """Trade a liquidation order's rest with the opposite positions, first ranked first; returns the order after it."""
    for _, name, holding in ranked(floor, market, long=order.side is Side.BUY):
        if name == order.account or not order.remaining:
            continue
        quantity = min(order.remaining, abs(holding.quantity))
        other = _adl_order(floor, floor.accounts[name], holding, order, quantity)
        enter_order(floor, other)
        trade_id = next_trade_id(floor, market)
        order = fill(floor, market, order, order.price, quantity, maker=False, trade_id=trade_id, free=True)
        fill(floor, market, other, order.price, quantity, maker=False, trade_id=trade_id, free=True)
        met[name] = None
    return order


def _adl_order(floor: Floor, account: Account, holding: Holding, order: Order, quantity: Decimal) -> Order:
    at_ms = floor.now()
    return Order(
        account=account.name,
        order_id=floor.next_id("order"),
        client_id=ADL_CLIENT_ID,
        symbol=holding.symbol,
        side=order.side.opposite,
        type=OrderKind.LIMIT,
        original_type=OrderKind.LIMIT,
        time_in_force=TimeInForce.IOC,
        quantity=quantity,
        price=order.price,
        status=OrderStatus.NEW,
        created_ms=at_ms,
        updated_ms=at_ms,
        position_side=holding.side,
        reduce_only=True,
        liquidation=True,
    )
