"""Public market data from streams where they can vouch for it, over REST where they cannot, through the same port.

What is served from a stream is provably whole and heard within seconds; everything else is asked for as before. Nobody
can tell the two apart but by the request weight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from desk.domain.account import SymbolRules
from desk.domain.market import Bar, FundingPoint, Mark, OrderBook
from desk.domain.moments import from_ms
from desk.venues.binance.public import BinancePublic
from desk.venues.binance.streams.candles import MOST_BARS
from desk.venues.binance.streams.health import StreamReport
from desk.venues.binance.streams.market_stream import MarketStream

# A mark is sent each second, a best price with every change.
FRESH_S = 3.0


class StreamedMarket:
    """`desk.ports.MarketData` over a connection that stays its owner's. Safe to share between threads."""

    def __init__(self, public: BinancePublic, symbols: Sequence[str], intervals: Sequence[str]) -> None:
        self._public = public
        self.stream: MarketStream = public.market_stream(symbols, intervals)
        self.stream.start()

    def close(self) -> None:
        """Stop listening."""
        self.stream.close()

    def rules(self) -> Mapping[str, SymbolRules]:
        """See `desk.ports.MarketData`."""
        return self._public.rules()

    def funding(self, symbol: str, limit: int) -> tuple[FundingPoint, ...]:
        """See `desk.ports.MarketData`."""
        return self._public.funding(symbol, limit)

    def marks(self, symbols: Sequence[str]) -> Mapping[str, Mark]:
        """See `desk.ports.MarketData`. All from the stream or all read: marks of one answer are of one moment."""
        heard = {symbol: self.stream.mark(symbol, within=FRESH_S) for symbol in symbols}
        known = {symbol: mark for symbol, mark in heard.items() if mark is not None}
        return known if len(known) == len(heard) else self._public.marks(symbols)

    def book(self, symbol: str, depth: int) -> OrderBook:
        """See `desk.ports.MarketData`."""
        return self.stream.book(symbol, depth, within=FRESH_S) or self._public.book(symbol, depth)

    def bars(self, symbol: str, interval: str, limit: int) -> tuple[Bar, ...]:
        """See `desk.ports.MarketData`."""
        now = self._public.estimated_ms()
        known = None if now is None or limit > MOST_BARS else self.stream.bars(symbol, interval, limit, now)
        return known if known is not None else self._public.bars(symbol, interval, limit)

    def report(self, *others: StreamReport) -> dict[str, object]:
        """How the streams fare, `others` beside them, and how old what they know is, as JSON values."""
        return {
            "at": from_ms(self._public.estimated_ms() or 0).isoformat(),
            "streams": [one.as_json() for one in (*self.stream.reports(), *others)],
            "symbols": {
                one.symbol: {"best": one.best, "mark": one.mark, "trade": one.trade, "book": one.book}
                for one in self.stream.freshness()
            },
            **self._public.report(),
        }
