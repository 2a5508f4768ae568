"""What is tidied once an order is done: orders and stops that a vanished position leaves behind, and debts."""

from __future__ import annotations

from desk.domain.money import ZERO
from desk.domain.orders import OrderStatus, StopStatus
from desk.venues.paper.engine.lifecycle import end_algo, end_order, open_algos_of, open_orders_of
from desk.venues.paper.engine.purse import clear_deficit
from desk.venues.paper.engine.state import Account, Floor, Market


def sweep(floor: Floor, market: Market, account: Account) -> None:
    """After an order is done: end what a vanished position leaves behind, and let no flat wallet stay below zero."""
    symbol = market.spec.symbol
    if not any((symbol, side) in account.holdings for side in account.sides):
        return
    held = {holding.side: holding for holding in account.holdings_of(symbol)}
    for order in open_orders_of(account, symbol):
        closable = held[order.position_side].closable(order.side)
        if order.reduce_only and order.order_id in market.book.remaining and not closable:
            end_order(floor, market, order, OrderStatus.EXPIRED)
    for algo in open_algos_of(account, symbol):
        if algo.close_position and not held[algo.position_side].closable(algo.side):
            end_algo(floor, market, algo, StopStatus.EXPIRED)
    if account.cross_wallet < ZERO and not any(h.quantity and not h.isolated for h in account.holdings.values()):
        clear_deficit(floor, account, symbol)
