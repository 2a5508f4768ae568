"""Bars fetched once: a finished bar never changes, so each look at the market asks only for those it has not seen.

The answer is the same as asking for everything. When the venue's newest bars do not join what is kept without a seam,
everything is asked for again.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from desk.domain.market import Bar
from desk.market.intervals import interval_ms
from desk.ports import MarketData

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BarCache:
    """The newest finished bars by symbol and interval. Thread-safe."""

    def __init__(self, market: MarketData) -> None:
        self._market = market
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str, int], tuple[Bar, ...]] = {}

    def bars(self, symbol: str, interval: str, limit: int, now: datetime) -> tuple[Bar, ...]:
        """The newest finished bars at `now`, oldest first. Raises what the market raises."""
        key = (symbol, interval, limit)
        with self._lock:
            kept = self._kept.get(key, ())
        missing = _missing(kept, interval, now)
        if missing == 0:
            return kept
        joined = None
        if missing is not None and missing < limit // 2:
            joined = _join(kept, self._market.bars(symbol, interval, missing + 1), limit)
        found = joined if joined is not None else self._market.bars(symbol, interval, limit)
        with self._lock:
            self._kept[key] = found
        return found


def _missing(kept: tuple[Bar, ...], interval: str, now: datetime) -> int | None:
    """How many bars have finished since the newest kept one; None when nothing kept can be built upon."""
    if not kept:
        return None
    step = interval_ms(interval)
    newest = ((now - _EPOCH) // timedelta(milliseconds=1)) // step * step - step
    behind = newest - kept[-1].open_time
    return None if behind < 0 else behind // step


def _join(kept: tuple[Bar, ...], fresh: tuple[Bar, ...], limit: int) -> tuple[Bar, ...] | None:
    """Kept bars and fresh ones as one series, or None unless the fresh ones contain the newest kept one unchanged."""
    at = next((index for index, bar in enumerate(fresh) if bar == kept[-1]), None)
    return None if at is None else (*kept, *fresh[at + 1 :])[-limit:]
