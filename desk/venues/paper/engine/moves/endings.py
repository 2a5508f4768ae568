"""What ends because its time has come: dated orders, orders a year old, what a countdown guards."""

from __future__ import annotations

from desk.domain.orders import OrderStatus, StopStatus
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.state import Floor
from desk.venues.paper.engine.trading.lifecycle import end_algo, end_order, open_algos_of, open_orders_of
from desk.venues.paper.engine.vocabulary.orders import TimeInForce


def end_due(floor: Floor, until_ms: int) -> None:
    """End everything whose moment is not after `until_ms`, in the order of those moments."""
    while (found := floor.expiring.take(until_ms)) is not None:
        _, (kind, name, what) = found
        account = floor.accounts[name]
        if kind == "countdown":
            _cancel_guarded(floor, account, what)
        elif kind == "algo":
            algo = account.algos[int(what)]
            end_algo(floor, floor.markets[algo.symbol], algo, StopStatus.EXPIRED)
        else:
            order = account.orders[int(what)]
            dated = order.time_in_force is TimeInForce.GTD
            end_order(floor, floor.markets[order.symbol], order, OrderStatus.EXPIRED if dated else OrderStatus.CANCELED)


def set_countdown(floor: Floor, account: Account, symbol: str, countdown_ms: int) -> None:
    """Cancel the symbol's open orders unless asked again within `countdown_ms`; 0 stops the countdown."""
    floor.market(symbol)
    due = ("countdown", account.name, symbol)
    if countdown_ms > 0:
        floor.expiring.set(due, floor.now() + countdown_ms)
    else:
        floor.expiring.drop(due)
    floor.dirty[due] = None


def _cancel_guarded(floor: Floor, account: Account, symbol: str) -> None:
    market = floor.markets[symbol]
    floor.dirty[("countdown", account.name, symbol)] = None
    for order in open_orders_of(account, symbol):
        end_order(floor, market, order, OrderStatus.CANCELED)
    if floor.readings.countdown_cancels_algos:
        for algo in open_algos_of(account, symbol):
            end_algo(floor, market, algo, StopStatus.CANCELED)
