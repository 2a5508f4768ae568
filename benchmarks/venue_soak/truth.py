"""What the exchange knows, read from its engine after it was ended: no wire, no gateway, no fault in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from desk.domain.money import ZERO
from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.storage.store import Store
from desk.venues.paper.engine.values import AlgoOrder, Order, SymbolSpec, Trade
from desk.venues.paper.keys import PAPER_ACCOUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """One account at the exchange. `orders` holds those sent by client id, all that ever bore it."""

    orders: Mapping[str, tuple[Order, ...]]
    stops: Mapping[str, tuple[AlgoOrder, ...]]
    trades: Mapping[tuple[str, int], Trade]
    positions: Mapping[str, Decimal]
    wallet: Decimal


def truth_in(path: Path, specs: Mapping[str, SymbolSpec]) -> Truth:
    """The account in the state file of an exchange that has ended."""
    exchange = Exchange(specs, now_ms=lambda: 0)
    store = Store(path)
    try:
        store.load(exchange)
    finally:
        store.close()
    return truth_of(exchange)


def truth_of(exchange: Exchange) -> Truth:
    """The account as the engine has it."""
    orders: dict[str, tuple[Order, ...]] = {}
    stops: dict[str, tuple[AlgoOrder, ...]] = {}
    trades: dict[tuple[str, int], Trade] = {}
    for symbol in exchange.specs:
        for order in exchange.all_orders(PAPER_ACCOUNT, symbol):
            if order.algo_id is None:
                orders[order.client_id] = (*orders.get(order.client_id, ()), order)
        for algo in exchange.all_algos(PAPER_ACCOUNT, symbol):
            stops[algo.client_id] = (*stops.get(algo.client_id, ()), algo)
        trades |= {(symbol, trade.trade_id): trade for trade in exchange.trades(PAPER_ACCOUNT, symbol)}
    rows = exchange.positions(PAPER_ACCOUNT)
    return Truth(
        orders=orders,
        stops=stops,
        trades=trades,
        positions={row.symbol: row.quantity for row in rows if row.quantity != ZERO},
        wallet=exchange.summary(PAPER_ACCOUNT).wallet,
    )
