"""The latest of everything, by kind and symbol: a value replaces the one before it, so that nothing waits for a reader.

A reader that stalls for an hour finds the present, not a queue; what it may not miss (bars that closed, changes of the
book) is folded by the stream's own thread before it comes here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from desk.venues.binance.streams.market_events import MarketEvent

T = TypeVar("T")


class Latest:
    """Written by the streams' threads, read by any: each value is replaced whole."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._values: dict[tuple[type[object], str], tuple[MarketEvent, float]] = {}

    def put(self, event: MarketEvent) -> bool:
        """Keep an event as the newest of its kind and symbol; False when one that was sent later is here already."""
        key = (type(event), event.symbol)
        known = self._values.get(key)
        if known is not None and event.sent_ms < known[0].sent_ms:
            return False
        self._values[key] = (event, self._monotonic())
        return True

    def get(self, kind: type[T], symbol: str, *, within: float = float("inf")) -> T | None:
        """The newest event of a kind, unless it was heard more than `within` seconds ago."""
        found = self._values.get((kind, symbol))
        if found is None or self._monotonic() - found[1] > within:
            return None
        return found[0] if isinstance(found[0], kind) else None

    def age(self, kind: type[object], symbol: str) -> float | None:
        """Seconds since an event of this kind was heard of `symbol`; None: never."""
        found = self._values.get((kind, symbol))
        return None if found is None else self._monotonic() - found[1]

    def forget(self, *kinds: type[object]) -> None:
        """Nothing is known of these kinds any more: their line broke."""
        for key in [key for key in self._values if key[0] in kinds]:
            self._values.pop(key, None)
