"""The market by stream: best prices, marks, bars, trades and whole books of a few symbols, each with its age.

Two lines, as the venue splits them, and one thread that reads over REST what the lines cannot tell: a book's snapshot
at the start and after each gap, the bars that finished while nobody listened. Readers take the latest, and none is
waited for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desk.domain.errors import DataError
from desk.domain.market import Bar, Mark, OrderBook
from desk.venues.binance.bars import INTERVAL_MS
from desk.venues.binance.streams.addresses import market_urls
from desk.venues.binance.streams.candles import KeptBars
from desk.venues.binance.streams.depth import LocalBook
from desk.venues.binance.streams.health import StreamHealth, StreamReport
from desk.venues.binance.streams.latest import Latest
from desk.venues.binance.streams.line import Backoff, Line
from desk.venues.binance.streams.market_events import (
    BarUpdate,
    BestPrice,
    DepthUpdate,
    MarketEvent,
    MarkUpdate,
    PublicTrade,
)
from desk.venues.binance.streams.party import MarketParty
from desk.venues.binance.streams.repairs import Need, Repairs
from desk.venues.binance.streams.socket import Dial, dialler

BOOK, BARS = "book", "bars"
_PUBLIC_KINDS = (BestPrice,)
_MARKET_KINDS = (MarkUpdate, PublicTrade)


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolFreshness:
    """Seconds since each thing of a symbol was heard, None: not known now. `book`: the local book is whole."""

    symbol: str
    best: float | None
    mark: float | None
    trade: float | None
    book: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where repairs are read: a `depth` answer of 1000 levels, and the newest finished bars."""

    depth: Callable[[str], object]
    bars: Callable[[str, str], tuple[Bar, ...]]


class MarketStream:
    """Listens to `symbols` and bars of `intervals` until closed. Safe to read from any thread."""

    def __init__(
        self,
        base_url: str,
        symbols: Sequence[str],
        intervals: Sequence[str],
        *,
        sources: Sources,
        venue_ms: Callable[[], int | None] = lambda: None,
        dial: Dial | None = None,
        backoff: Callable[[], Backoff] | None = None,
        on_change: Callable[[], None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sources, self._on_change = sources, on_change
        self.latest = Latest(monotonic=monotonic)
        self._books = {symbol: LocalBook(symbol) for symbol in symbols}
        self._bars = {(s, i): KeptBars(INTERVAL_MS[i]) for s in symbols for i in intervals}
        self._repairs = Repairs(self._mend, backoff=backoff() if backoff else None)
        self._lines: list[Line] = []
        for path, url in market_urls(base_url, _streams(symbols, intervals)).items():
            health = StreamHealth(path, venue_ms=venue_ms, monotonic=monotonic)
            party = MarketParty(self, url, health, needs=self._needs_of(path))
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

    # What is known now

    def mark(self, symbol: str, *, within: float) -> Mark | None:
        """The mark of `symbol`, unless it was heard more than `within` seconds ago."""
        found = self.latest.get(MarkUpdate, symbol, within=within)
        return None if found is None else found.mark()

    def book(self, symbol: str, depth: int, *, within: float) -> OrderBook | None:
        """The book of `symbol`, unless it is not whole, or nothing was heard of it for `within` seconds."""
        kept = self._books.get(symbol)
        if kept is None or self.latest.get(BestPrice, symbol, within=within) is None:
            return None
        return kept.whole(depth)

    def bars(self, symbol: str, interval: str, limit: int, now_ms: int) -> tuple[Bar, ...] | None:
        """The newest bars finished at `now_ms` of the venue's clock, or None unless all of them are known."""
        kept = self._bars.get((symbol, interval))
        return None if kept is None else kept.newest(limit, now_ms)

    def freshness(self) -> tuple[SymbolFreshness, ...]:
        """How old what is known of each symbol is."""
        return tuple(
            SymbolFreshness(
                symbol=symbol,
                best=self.latest.age(BestPrice, symbol),
                mark=self.latest.age(MarkUpdate, symbol),
                trade=self.latest.age(PublicTrade, symbol),
                book=kept.update_id is not None,
            )
            for symbol, kept in self._books.items()
        )

    def reports(self) -> tuple[StreamReport, ...]:
        """How each line fares."""
        return tuple(line.health.report() for line in self._lines)

    # Called by the lines

    def take(self, event: MarketEvent, health: StreamHealth) -> None:
        """Fold one event into what is known."""
        health.told_at(event.sent_ms)
        if isinstance(event, DepthUpdate):
            kept = self._books.get(event.symbol)
            if kept is not None and not kept.apply(event.message):
                self._repairs.want((BOOK, event.symbol, ""))
        elif isinstance(event, BarUpdate):
            kept = self._bars.get((event.symbol, event.interval))
            if event.closed and kept is not None and not kept.heard(event.bar):
                self._repairs.want((BARS, event.symbol, event.interval))
        elif not self.latest.put(event):
            health.late += 1
        self._on_change()

    def forget(self, needs: Sequence[Need], path: str) -> None:
        """A line opened or broke: nothing it tells is known until it is read anew."""
        for kind, symbol, interval in needs:
            if kind == BOOK:
                self._books[symbol].lost()
            else:
                self._bars[symbol, interval].lost()
        self.latest.forget(*(_PUBLIC_KINDS if path == "public" else _MARKET_KINDS))

    def repair(self, needs: Sequence[Need]) -> None:
        """Have these read over REST."""
        for need in needs:
            self._repairs.want(need)

    def _needs_of(self, path: str) -> tuple[Need, ...]:
        if path == "public":
            return tuple((BOOK, symbol, "") for symbol in self._books)
        return tuple((BARS, symbol, interval) for symbol, interval in self._bars)

    def _mend(self, need: Need) -> bool:
        kind, symbol, interval = need
        mended = self._mend_book(symbol) if kind == BOOK else self._mend_bars(symbol, interval)
        self._on_change()
        return mended

    def _mend_book(self, symbol: str) -> bool:
        kept = self._books[symbol]
        # Each change that came while the last snapshot was read has asked for another one.
        return kept.update_id is not None or kept.start(self._sources.depth(symbol))

    def _mend_bars(self, symbol: str, interval: str) -> bool:
        kept = self._bars[symbol, interval]
        try:
            return kept.known or kept.seed(self._sources.bars(symbol, interval))
        except DataError:
            # A source without these bars says so to whoever asks for them.
            return True


def _streams(symbols: Sequence[str], intervals: Sequence[str]) -> list[str]:
    names = [symbol.lower() for symbol in symbols]
    kinds = ("bookTicker", "depth@100ms", "markPrice@1s", "aggTrade", *(f"kline_{one}" for one in intervals))
    return [f"{name}@{kind}" for kind in kinds for name in names]
