"""Resting reduce-only orders share one position: together they never promise to close more than there is.

They rank as they would trade: by price, then by time. An order behind others that close the whole position already is
refused with -2022; one that moves in before others, or a position that shrinks, knocks out those left with nothing to
close. The last one with something left keeps its quantity and is clipped when it trades. This is how we read Binance's
expiry reason 4 ("knocked out by another higher priority RO order, or reversed positions would be opened") with its
explanation of -2022 ("conflicts with existing open orders").
"""

from __future__ import annotations

from decimal import Decimal
from itertools import product

from desk.domain.money import ZERO
from desk.domain.orders import OrderStatus, Side
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.holdings import Holding
from desk.venues.paper.engine.floor.state import Floor, Market
from desk.venues.paper.engine.trading.book import is_better
from desk.venues.paper.engine.trading.lifecycle import end_order, open_orders_of
from desk.venues.paper.engine.vocabulary.events import Expiry
from desk.venues.paper.engine.vocabulary.orders import Order


def promised_before(market: Market, account: Account, holding: Holding, side: Side, price: Decimal | None) -> Decimal:
    """What reduce-only orders that go before a new one at `price` (None: a market order) promise to close."""
    if price is None:
        return ZERO
    ranked = _ranked(market, account, holding, side)
    return sum((order.remaining for order in ranked if not is_better(side, price, order.price)), ZERO)


def knock_out(floor: Floor, market: Market, account: Account) -> None:
    """End the resting reduce-only orders that those before them leave nothing to close."""
    for holding, side in product(account.holdings_of(market.spec.symbol), Side):
        left = holding.closable(side)
        for order in _ranked(market, account, holding, side):
            if left <= ZERO:
                end_order(floor, market, order, OrderStatus.EXPIRED, Expiry.KNOCKED_OUT)
            left -= order.remaining


def _ranked(market: Market, account: Account, holding: Holding, side: Side) -> list[Order]:
    resting = [
        order
        for order in open_orders_of(account, market.spec.symbol)
        if order.reduce_only
        and order.side is side
        and order.position_side is holding.side
        and order.order_id in market.book.remaining
    ]
    return sorted(resting, key=lambda order: (-order.price * side.sign, order.queue))
