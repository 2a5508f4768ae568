"""What is tidied once an order is done: orders and stops that a vanished position leaves behind, and debts."""

from __future__ import annotations

from desk.domain.orders import StopStatus
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.state import Floor, Market
from desk.venues.paper.engine.money.purse import clear_debts
from desk.venues.paper.engine.trading.lifecycle import end_algo, open_algos_of
from desk.venues.paper.engine.trading.reducing import knock_out


def sweep(floor: Floor, market: Market, account: Account) -> None:
    """After an order is done: end what a vanished position leaves behind, and let no flat wallet stay below zero."""
    symbol = market.spec.symbol
    if not any((symbol, side) in account.holdings for side in account.sides):
        return
    knock_out(floor, market, account)
    held = {holding.side: holding for holding in account.holdings_of(symbol)}
    for algo in open_algos_of(account, symbol):
        if algo.close_position and not held[algo.position_side].closable(algo.side):
            end_algo(floor, market, algo, StopStatus.EXPIRED)
    clear_debts(floor, account, symbol)
