"""Account events in their order: what was heard twice is dropped, what comes late no longer overwrites what is newer.

An order never loses fills, a conditional order never goes back a stage, and a position or wallet is as of the newest
`T`. A trade inside an order event that came late is news all the same: it is let through without the order's old state.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Generic, TypeVar

from desk.domain.orders import StopStatus
from desk.venues.binance.streams.account_events import (
    AccountEvent,
    AccountUpdate,
    AlgoUpdate,
    ConfigUpdate,
    HeardFill,
    MarginCallUpdate,
    OrderUpdate,
    TradeLite,
)
from desk.venues.binance.streams.health import StreamHealth

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

# Far more orders than a day may have; older ones are settled and told by the venue's lists.
_REMEMBERED = 4096
_STAGES = {StopStatus.NEW: 0, StopStatus.TRIGGERING: 1, StopStatus.TRIGGERED: 2}
_LAST_STAGE = 3


class Recent(Generic[K, V]):
    """A dictionary of the newest `most` keys."""

    def __init__(self, most: int = _REMEMBERED) -> None:
        self._most, self._kept = most, dict[K, V]()

    def get(self, key: K) -> V | None:
        """The value, or None where there is none any more."""
        return self._kept.get(key)

    def put(self, key: K, value: V) -> None:
        """Remember a value as the newest."""
        self._kept.pop(key, None)
        self._kept[key] = value
        if len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]


class EventOrder:
    """Decides what of an event is news. Used by one thread."""

    def __init__(self, health: StreamHealth) -> None:
        self._health = health
        self._orders = Recent[tuple[str, int], OrderUpdate]()
        self._algos = Recent[int, AlgoUpdate]()
        self._trades = Recent[tuple[str, int], bool]()
        self._changed = Recent[tuple[str, str], int]()
        self._accounts = Recent[AccountUpdate, bool](256)
        self._told = Recent[tuple[str, str], int]()

    def news(self, event: AccountEvent) -> AccountEvent | None:
        """The event, or what of it is new, or None."""
        match event:
            case OrderUpdate():
                return self._order(event)
            case TradeLite():
                return event if self._is_new(event.fill) else self._duplicate()
            case AlgoUpdate():
                return self._algo(event)
            case AccountUpdate():
                return self._account(event)
            case ConfigUpdate():
                return self._newest(event, ("config", event.symbol))
            case MarginCallUpdate():
                return self._newest(event, ("margin call", ",".join(event.symbols)))
            case _:
                return event

    def _order(self, event: OrderUpdate) -> AccountEvent | None:
        known = self._orders.get((event.symbol, event.order_id))
        new_trade = event.fill is not None and self._is_new(event.fill)
        if known is None or _follows(event, known):
            self._orders.put((event.symbol, event.order_id), event)
            return event
        if event.fill is not None and new_trade:
            self._health.late += 1
            return TradeLite(fill=event.fill, client_id=event.client_id, at_ms=event.at_ms, sent_ms=event.sent_ms)
        return self._duplicate() if event.at_ms == known.at_ms else self._late()

    def _algo(self, event: AlgoUpdate) -> AlgoUpdate | None:
        known = self._algos.get(event.algo_id)
        if known is not None:
            before, after = _stage(known), _stage(event)
            if after < before or (after == before == _LAST_STAGE) or (after == before and event.at_ms <= known.at_ms):
                return self._duplicate() if after == before else self._late()
        self._algos.put(event.algo_id, event)
        return event

    def _account(self, event: AccountUpdate) -> AccountUpdate | None:
        if self._accounts.get(event):
            return self._duplicate()
        self._accounts.put(event, True)
        # Two changes in one millisecond are told in order, so that an equal time is no older one.
        balances = tuple(row for row in event.balances if self._advances(("balance", row.asset), event.at_ms))
        positions = tuple(row for row in event.positions if self._advances((row.symbol, row.side), event.at_ms))
        if (balances, positions) == ((), ()) != (event.balances, event.positions):
            return self._late()
        return replace(event, balances=balances, positions=positions)

    def _newest(self, event: ConfigUpdate | MarginCallUpdate, key: tuple[str, str]) -> AccountEvent | None:
        known = self._told.get(key)
        if known is not None and event.at_ms <= known:
            return self._duplicate() if event.at_ms == known else self._late()
        self._told.put(key, event.at_ms)
        return event

    def _advances(self, key: tuple[str, str], at_ms: int) -> bool:
        known = self._changed.get(key)
        if known is not None and at_ms < known:
            return False
        self._changed.put(key, at_ms)
        return True

    def _is_new(self, fill: HeardFill) -> bool:
        key = (fill.symbol, fill.trade_id)
        if self._trades.get(key):
            return False
        self._trades.put(key, True)
        return True

    def _duplicate(self) -> None:
        self._health.duplicates += 1

    def _late(self) -> None:
        self._health.late += 1


def _stage(event: AlgoUpdate) -> int:
    return _STAGES.get(event.status, _LAST_STAGE)


def _follows(event: OrderUpdate, known: OrderUpdate) -> bool:
    """Whether the event says more of an order than what is known: more filled, or later, or its end."""
    if event.filled != known.filled:
        return event.filled > known.filled
    if known.status.is_final or event == known:
        return False
    return event.at_ms > known.at_ms or (event.at_ms == known.at_ms and event.status != known.status)
