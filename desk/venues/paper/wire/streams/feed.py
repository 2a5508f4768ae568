"""Publishes what moved, to whoever listens, at the pace Binance keeps: books at once, marks and tickers once a second.

A stepped market publishes after every step, whatever the pace. Bars that closed on the way are all sent, each marked as
final, however far the step went; every other stream carries only the present. Nothing is computed for a stream that
nobody listens to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from desk.domain.errors import DataError, VenueError
from desk.domain.market import Level
from desk.venues.paper.engine.values import Event, Kline, LiquidationEvent, Refusal, TradeEvent
from desk.venues.paper.wire.figures import Json, figure
from desk.venues.paper.wire.market.tape import BarRequest, Tape
from desk.venues.paper.wire.streams import market_events
from desk.venues.paper.wire.streams.hub import StreamHub
from desk.venues.paper.wire.streams.names import StreamKind, StreamName, parse_stream

Payload = Json | list[Json]
_PACE_SECONDS = {StreamKind.MARK_PRICE: 1.0, StreamKind.TICKER: 1.0, StreamKind.MINI_TICKER: 1.0}
_FROM_EVENTS = (StreamKind.AGG_TRADE, StreamKind.TRADE, StreamKind.FORCE_ORDER)
_ALL_LEVELS = 1_000
_MOST_BARS = 500


@dataclass(slots=True)
class _BookSent:
    """The book as the last diff left it at the reader's."""

    update_id: int
    bids: dict[str, str]
    asks: dict[str, str]


@dataclass(slots=True)
class MarketFeed:
    """Turns moves of the market into messages of the hub. `stepped` ignores the pace."""

    tape: Tape
    hub: StreamHub
    seconds: Callable[[], float]
    stepped: bool
    _moved: set[str] = field(default_factory=set[str])
    _pending: dict[str, None] = field(default_factory=dict[str, None])
    _sent_at: dict[str, float] = field(default_factory=dict[str, float])
    _open_bar: dict[str, int] = field(default_factory=dict[str, int])
    _books: dict[str, _BookSent] = field(default_factory=dict[str, _BookSent])

    def moved(self, symbol: str) -> None:
        """A quote of `symbol` was met."""
        self._moved.add(symbol)

    def heard(self, events: Sequence[Event]) -> None:
        """Publish trades and liquidations one by one."""
        now = self.tape.now_ms()
        for event in events:
            if isinstance(event, TradeEvent):
                name = event.trade.symbol.lower()
                self._moved.add(event.trade.symbol)
                self.hub.publish(f"{name}@aggTrade", market_events.agg_trade(event.trade, now), conflate=False)
                self.hub.publish(f"{name}@trade", market_events.trade(event.trade, now), conflate=False)
            elif isinstance(event, LiquidationEvent):
                payload = market_events.force_order(event, now)
                self.hub.publish(f"{event.order.symbol.lower()}@forceOrder", payload, conflate=False)
                self.hub.publish("!forceOrder@arr", payload, conflate=False)

    def flush(self) -> None:
        """Publish every stream whose symbol moved and whose time has come."""
        listened = dict.fromkeys(self.hub.streams())
        self._forget_all_but(listened)
        for stream in listened:
            name = parse_stream(stream)
            if name and name.kind not in _FROM_EVENTS and self._concerns(name):
                self._pending[stream] = None
        self._moved.clear()
        now = self.seconds()
        for stream in tuple(self._pending):
            name = parse_stream(stream)
            if name and self._due(stream, name, now):
                del self._pending[stream]
                self._sent_at[stream] = now
                self._publish(stream, name)

    def first(self, stream: str) -> list[Payload]:
        """What a new listener is told at once, so that a market that stands still is not silent."""
        name = parse_stream(stream)
        if name is None or name.kind in (*_FROM_EVENTS, StreamKind.DIFF_DEPTH):
            return []
        try:
            if name.kind in (StreamKind.KLINE, StreamKind.CONTINUOUS_KLINE):
                bars = self.tape.klines(name.symbol, name.interval, None, None, 1)
                for bar in bars:
                    self._open_bar.setdefault(stream, bar.open_ms)
                return [self._bar(name, bar) for bar in bars]
            return self._present(name)
        except (Refusal, DataError, VenueError):
            # An unlisted symbol or a market without a price: Binance accepts the subscription and stays silent.
            return []

    def bar_requests(self) -> list[BarRequest]:
        """The bars that the next flush would ask the market for; a market that is read from elsewhere fetches them."""
        requests: dict[BarRequest, None] = {}
        for stream in self.hub.streams():
            name = parse_stream(stream)
            if name and name.kind in (StreamKind.KLINE, StreamKind.CONTINUOUS_KLINE):
                requests[self._bar_request(stream, name)] = None
            elif name and name.kind in (StreamKind.TICKER, StreamKind.MINI_TICKER):
                for symbol in (name.symbol,) if name.symbol else self.tape.symbols:
                    requests[self.tape.day_request(symbol)] = None
        return [request for request in requests if request[0] in self.tape.symbols]

    def _concerns(self, name: StreamName) -> bool:
        return name.symbol in self._moved or (not name.symbol and bool(self._moved))

    def _due(self, stream: str, name: StreamName, now: float) -> bool:
        pace = _PACE_SECONDS.get(name.kind, 0.0)
        return self.stepped or now - self._sent_at.get(stream, float("-inf")) >= pace

    def _forget_all_but(self, listened: Mapping[str, None]) -> None:
        for state in (self._pending, self._sent_at, self._open_bar, self._books):
            for stream in [name for name in state if name not in listened]:
                del state[stream]

    def _publish(self, stream: str, name: StreamName) -> None:
        try:
            if name.kind in (StreamKind.KLINE, StreamKind.CONTINUOUS_KLINE):
                self._publish_bars(stream, name)
            elif name.kind is StreamKind.DIFF_DEPTH:
                self._publish_diff(stream, name)
            else:
                for payload in self._present(name):
                    self.hub.publish(stream, payload, conflate=bool(name.symbol) or isinstance(payload, list))
        except (Refusal, DataError, VenueError):
            # The market cannot vouch for this stream now; the next move tries again.
            return

    def _publish_bars(self, stream: str, name: StreamName) -> None:
        now = self.tape.now_ms()
        for bar in self.tape.klines(*self._bar_request(stream, name)):
            final = bar.close_ms < now
            self._open_bar[stream] = bar.close_ms + 1 if final else bar.open_ms
            self.hub.publish(stream, self._bar(name, bar), conflate=not final)

    def _bar_request(self, stream: str, name: StreamName) -> BarRequest:
        since = self._open_bar.get(stream)
        return name.symbol, name.interval, since, None, 1 if since is None else _MOST_BARS

    def _bar(self, name: StreamName, bar: Kline) -> Json:
        build = market_events.kline if name.kind is StreamKind.KLINE else market_events.continuous_kline
        return build(name.symbol, name.interval, bar, self.tape.now_ms())

    def _present(self, name: StreamName) -> list[Payload]:
        now = self.tape.now_ms()
        symbols = (name.symbol,) if name.symbol else self.tape.symbols
        rows = [self._row(name, symbol, now) for symbol in symbols]
        if name.symbol or name.kind is StreamKind.BOOK_TICKER:
            return list(rows)
        return [rows]

    def _row(self, name: StreamName, symbol: str, now: int) -> Json:
        if name.kind is StreamKind.MARK_PRICE:
            return market_events.mark_price(self.tape.mark(symbol), now)
        if name.kind is StreamKind.TICKER:
            return market_events.ticker(self.tape.day(symbol), now)
        if name.kind is StreamKind.MINI_TICKER:
            return market_events.mini_ticker(self.tape.day(symbol), now)
        spec = self.tape.spec(symbol)
        if name.kind is StreamKind.BOOK_TICKER:
            return market_events.book_ticker(spec, self.tape.book(symbol, 5), now)
        depth = self.tape.book(symbol, name.levels)
        return market_events.partial_depth(spec, depth, depth.update_id - 1, now)

    def _publish_diff(self, stream: str, name: StreamName) -> None:
        depth = self.tape.book(name.symbol, _ALL_LEVELS)
        sent = self._books.get(stream)
        present = _BookSent(depth.update_id, _side(depth.bids), _side(depth.asks))
        self._books[stream] = present
        if sent is None:
            sent = _BookSent(depth.update_id - 1, {}, {})
        if present.update_id == sent.update_id:
            return
        spec = self.tape.spec(name.symbol)
        bids, asks = _changes(sent.bids, present.bids), _changes(sent.asks, present.asks)
        payload = market_events.depth_update(spec, depth, bids, asks, sent.update_id, self.tape.now_ms())
        self.hub.publish(stream, payload, conflate=False)


def _side(levels: Sequence[Level]) -> dict[str, str]:
    return {figure(level.price): figure(level.quantity) for level in levels}


def _changes(before: dict[str, str], after: dict[str, str]) -> list[list[str]]:
    changed = [[price, quantity] for price, quantity in after.items() if before.get(price) != quantity]
    return changed + [[price, "0"] for price in before if price not in after]
