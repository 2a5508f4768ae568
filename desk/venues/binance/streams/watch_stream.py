"""Many symbols by stream, as little of each as watching needs: trades, marks, minutes, liquidations, nearest levels.

A listener is told every event on the line's own thread, in order, and finished minutes without a hole: after each gap
they are read over REST and told as a new beginning. Nothing is kept here but the newest minutes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from desk.domain.market import Bar
from desk.venues.binance.bars import INTERVAL_MS
from desk.venues.binance.streams.addresses import market_urls
from desk.venues.binance.streams.candles import KeptBars
from desk.venues.binance.streams.health import StreamHealth, StreamReport
from desk.venues.binance.streams.line import Backoff, Line
from desk.venues.binance.streams.market_events import BarUpdate, MarketEvent
from desk.venues.binance.streams.party import MarketParty
from desk.venues.binance.streams.repairs import Need, Repairs
from desk.venues.binance.streams.socket import Dial, dialler

MINUTES = "1m"
_BARS = "bars"
_KINDS = ("depth20@500ms", "markPrice@1s", "aggTrade", "forceOrder", f"kline_{MINUTES}")


class Listener(Protocol):
    """Who is told. Called on the streams' threads, one call at a time for each symbol's minutes."""

    def heard(self, event: MarketEvent) -> None:
        """An event as it came; a final minute follows the one before it."""
        ...

    def began(self, symbol: str, bars: tuple[Bar, ...]) -> None:
        """The newest finished minutes, oldest first, in place of all that were told before."""
        ...


class WatchStream:
    """Listens to `symbols` until closed. `minutes` reads the newest finished ones of a symbol over REST."""

    def __init__(
        self,
        base_url: str,
        symbols: Sequence[str],
        listener: Listener,
        *,
        minutes: Callable[[str], tuple[Bar, ...]],
        venue_ms: Callable[[], int | None] = lambda: None,
        dial: Dial | None = None,
        backoff: Callable[[], Backoff] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._listener, self._minutes = listener, minutes
        self._kept = {symbol: KeptBars(INTERVAL_MS[MINUTES]) for symbol in symbols}
        self._lock = threading.Lock()
        self._repairs = Repairs(self._mend, backoff=backoff() if backoff else None)
        streams = [f"{symbol.lower()}@{kind}" for kind in _KINDS for symbol in symbols]
        needs: tuple[Need, ...] = tuple((_BARS, symbol, MINUTES) for symbol in symbols)
        self._lines: list[Line] = []
        for path, url in market_urls(base_url, streams).items():
            health = StreamHealth(f"watch {path}", venue_ms=venue_ms, monotonic=monotonic)
            party = MarketParty(self, url, health, needs=needs if path == "market" else ())
            self._lines.append(
                Line(
                    party,
                    health,
                    dial=dial or dialler(),
                    backoff=backoff() if backoff else None,
                    monotonic=monotonic,
                )
            )

    def start(self) -> None:
        """Begin to listen, on threads of their own."""
        self._repairs.start()
        for line in self._lines:
            line.start()

    def close(self) -> None:
        """Stop listening."""
        for line in self._lines:
            line.close()
        self._repairs.close()

    def known(self, symbol: str) -> bool:
        """Whether the finished minutes of a symbol are here, and go on by the stream."""
        return self._kept[symbol].known

    def reports(self) -> tuple[StreamReport, ...]:
        """How each line fares."""
        return tuple(line.health.report() for line in self._lines)

    # Called by the lines

    def take(self, event: MarketEvent, health: StreamHealth) -> None:
        """Hand one event on, and each final minute once. Raises DataError as the listener does."""
        health.told_at(event.sent_ms)
        if isinstance(event, BarUpdate):
            if event.closed and event.interval == MINUTES:
                self._minute(event)
        else:
            self._listener.heard(event)

    def forget(self, needs: Sequence[Need], path: str) -> None:
        """A line opened or broke: minutes that finish meanwhile are to be read."""
        with self._lock:
            for _, symbol, _ in needs:
                self._kept[symbol].lost()

    def repair(self, needs: Sequence[Need]) -> None:
        """Have these minutes read over REST."""
        for need in needs:
            self._repairs.want(need)

    def _minute(self, event: BarUpdate) -> None:
        kept = self._kept.get(event.symbol)
        if kept is None:
            return
        # One lock for both ways: a minute heard while others are read is told after them, not before.
        with self._lock:
            newest = kept.last
            if not kept.heard(event.bar):
                self._repairs.want((_BARS, event.symbol, MINUTES))
            elif kept.last is not newest:
                self._listener.heard(event)

    def _mend(self, need: Need) -> bool:
        symbol = need[1]
        kept = self._kept[symbol]
        if kept.known:
            return True
        bars = self._minutes(symbol)
        with self._lock:
            joined = kept.seed(bars)
            if joined:
                self._listener.began(symbol, kept.all)
            return joined
