"""Public market data of Binance USD-M futures without a key: what the crew looks at before it decides.

It answers with finished, fresh and complete data or raises; it never returns something empty in place of an answer. The
venue counts requests by address, the guard's among them, so looking on stops at the share of the budget that is LOOK's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from desk.domain.account import SymbolRules
from desk.domain.errors import DataError
from desk.domain.market import Bar, Crowd, FundingPoint, Mark, OrderBook
from desk.venues.binance import insight, listing, market
from desk.venues.binance.bars import INTERVAL_MS, newest_bars
from desk.venues.binance.budget import Purpose
from desk.venues.binance.connection import Connected, Connection
from desk.venues.binance.crowd import read_crowd
from desk.venues.binance.streams.depth import SNAPSHOT_LEVELS
from desk.venues.binance.streams.market_stream import MarketStream, Sources
from desk.venues.binance.streams.watch_stream import MINUTES, Listener, WatchStream

_MOST_FUNDING = 1000
# What a series of bars begins with: as many as cost five of request weight.
_SEED_BARS = 1000


def open_public(base_url: str, *, timeout: float = 5.0) -> BinancePublic:
    """Public data from `base_url`; `timeout` bounds connecting and each read, in seconds. Sends nothing yet.

    Raises:
        PrerequisiteError: when the URL is none.
    """
    return BinancePublic(Connection(base_url, timeout=timeout, reads=Purpose.LOOK))


class BinancePublic(Connected):
    """`desk.ports.MarketData` and `desk.ports.MarkFeed` over REST. Safe to share between threads."""

    def rules(self) -> Mapping[str, SymbolRules]:
        """See `desk.ports.MarketData`. The highest leverage is the one published without a key, see `listing.rules`."""
        return self._venue.read("futures_exchange_info", listing.rules)

    def bars(self, symbol: str, interval: str, limit: int) -> tuple[Bar, ...]:
        """See `desk.ports.MarketData`. Intervals from `1m` to `1w`; any `limit`, in pages of 1500."""
        return newest_bars(self._venue, symbol, interval, limit)

    def book(self, symbol: str, depth: int) -> OrderBook:
        """See `desk.ports.MarketData`. At most 1000 levels; a thin market may have fewer than asked for."""
        return market.read_book(self._venue, symbol, depth)

    def funding(self, symbol: str, limit: int) -> tuple[FundingPoint, ...]:
        """See `desk.ports.MarketData`. At most 1000 points."""
        if not 1 <= limit <= _MOST_FUNDING:
            raise DataError(f"no funding history of {limit} points: the venue serves 1 to {_MOST_FUNDING}")
        params: dict[str, object] = {"symbol": symbol, "limit": limit}
        points = self._venue.read("futures_funding_rate", lambda body: market.funding(body, symbol), params)
        return points[-limit:]

    def marks(self, symbols: Sequence[str]) -> Mapping[str, Mark]:
        """See `desk.ports.MarketData`."""
        return market.read_marks(self._venue, symbols)

    def funding_terms(self) -> tuple[insight.FundingTerms, ...]:
        """Symbols whose funding differs from every eight hours, and the bounds of their rates."""
        return self._venue.read("futures_v1_get_funding_info", insight.funding_terms)

    def open_interest(self, symbol: str) -> insight.OpenInterest:
        """Contracts open in `symbol`."""
        return self._venue.read("futures_open_interest", insight.open_interest, {"symbol": symbol})

    def long_short(self, symbol: str, period: str, limit: int) -> tuple[insight.LongShort, ...]:
        """Accounts long and short by `period` (5m to 1d), oldest first, at most 500."""
        params: dict[str, object] = {"symbol": symbol, "period": period, "limit": limit}
        return self._venue.read("futures_global_longshort_ratio", insight.long_short, params)

    def crowd(self, symbol: str, period: str, points: int) -> Crowd:
        """See `desk.ports.CrowdFeed`."""
        return read_crowd(self._venue, symbol, period, points)

    def estimated_ms(self) -> int | None:
        """The venue's time now, ms UTC, by the last measurement of its clock; None before the first. Asks nobody."""
        return self._venue.clock.estimate_ms()

    def watch_stream(self, symbols: Sequence[str], listener: Listener) -> WatchStream:
        """Many symbols by stream for a listener, not started yet; minutes begin with a read over this connection."""
        return WatchStream(
            self._venue.base_url,
            symbols,
            listener,
            minutes=lambda symbol: self.bars(symbol, MINUTES, _SEED_BARS),
            venue_ms=self._venue.clock.estimate_ms,
        )

    def market_stream(self, symbols: Sequence[str], intervals: Sequence[str]) -> MarketStream:
        """The market by stream, not started yet; its gaps are read over this connection.

        Raises:
            DataError: for an interval that the venue does not have.
        """
        unknown = [interval for interval in intervals if interval not in INTERVAL_MS]
        if unknown:
            raise DataError(f"no such bars: {', '.join(unknown)}")
        sources = Sources(
            depth=lambda symbol: self._venue.read(
                "futures_order_book", lambda body: body, {"symbol": symbol, "limit": SNAPSHOT_LEVELS}
            ),
            bars=lambda symbol, interval: self.bars(symbol, interval, _SEED_BARS),
        )
        return MarketStream(
            self._venue.base_url, symbols, intervals, sources=sources, venue_ms=self._venue.clock.estimate_ms
        )
