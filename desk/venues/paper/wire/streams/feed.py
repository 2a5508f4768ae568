"""Publishes what moved, to whoever listens, at the pace that each stream's name promises.

A stepped market publishes after every step, whatever the pace. Bars that closed on the way are all sent, each marked as
final, however far the step went; every other stream carries only the present. Nothing is computed for a stream that
nobody listens to, and a move of one symbol costs nothing to the streams of the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from desk.domain.errors import DataError, VenueError
from desk.venues.paper.engine.values import Event, LiquidationEvent, Refusal, TradeEvent
from desk.venues.paper.wire.figures import Json
from desk.venues.paper.wire.market.tape import BarRequest, Tape
from desk.venues.paper.wire.streams import market_events, notice_events, present
from desk.venues.paper.wire.streams.addresses import BOOKS
from desk.venues.paper.wire.streams.books import BookDiffs
from desk.venues.paper.wire.streams.contracts import ContractWatch
from desk.venues.paper.wire.streams.hub import StreamHub
from desk.venues.paper.wire.streams.names import StreamKind, StreamName, parse_stream
from desk.venues.paper.wire.streams.present import BARS, ROWS, Payload

_DIFFS: Final = (StreamKind.DIFF_DEPTH, StreamKind.RPI_DEPTH)
_MOVED: Final = (*ROWS, *BARS, *_DIFFS, StreamKind.ASSET_INDEX)
_CONTRACTS: Final = "!contractInfo"
_ALL_LEVELS: Final = 1_000
_MOST_BARS: Final = 500
_HURRIED: Final = 0.1
# A beat comes a little early or late; a stream that waited for the next one would be told half as often.
_EARLY: Final = 0.02


@dataclass(slots=True)
class MarketFeed:
    """Turns moves of the market into messages of the hub. `stepped` ignores the pace."""

    tape: Tape
    hub: StreamHub
    seconds: Callable[[], float]
    stepped: bool
    _moved: dict[str, None] = field(default_factory=dict[str, None])
    _pending: dict[str, dict[str, None]] = field(default_factory=dict[str, dict[str, None]])
    _sent_at: dict[str, float] = field(default_factory=dict[str, float])
    _open_bar: dict[str, int] = field(default_factory=dict[str, int])
    _books: BookDiffs = field(default_factory=BookDiffs)
    _contracts: ContractWatch = field(default_factory=ContractWatch)
    _by_symbol: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    _indexed: int = -1
    _hurried: bool = False
    _struck: dict[str, dict[str, Json]] = field(default_factory=dict[str, dict[str, Json]])

    def moved(self, symbol: str) -> None:
        """A quote of `symbol` was met."""
        self._moved[symbol] = None

    def heard(self, events: Sequence[Event]) -> None:
        """Publish trades one by one, and keep the last liquidation of each symbol for its stream's next second."""
        now = self.tape.now_ms()
        for event in events:
            if isinstance(event, TradeEvent):
                symbol = event.trade.symbol
                self._moved[symbol] = None
                for kind, build in (("aggTrade", market_events.agg_trade), ("trade", market_events.trade)):
                    stream = f"{symbol.lower()}@{kind}"
                    if self.hub.hears(stream):
                        self.hub.publish(stream, build(event.trade, now))
            elif isinstance(event, LiquidationEvent):
                symbol = event.order.symbol
                for stream in (f"{symbol.lower()}@forceOrder", "!forceOrder@arr"):
                    if self.hub.hears(stream):
                        self._struck.setdefault(stream, {})[symbol] = notice_events.force_order(event, now)

    def flush(self) -> None:
        """Publish every stream whose symbol moved and whose time has come."""
        self._index()
        self._tell_contracts()
        self._tell_liquidations()
        for symbol in self._moved:
            for stream in (*self._by_symbol.get(symbol, ()), *self._by_symbol.get("", ())):
                self._pending.setdefault(stream, {})[symbol] = None
        self._moved.clear()
        if not self._pending:
            return
        now = self.seconds()
        for stream, symbols in tuple(self._pending.items()):
            name = parse_stream(stream)
            if name and self._is_due(stream, name, now):
                del self._pending[stream]
                self._sent_at[stream] = now
                self._publish(stream, name, symbols)

    @property
    def hurried(self) -> bool:
        """Whether somebody listens to a stream that is sent ten times a second or oftener."""
        self._index()
        return self._hurried

    def first(self, stream: str) -> list[Payload]:
        """What a new listener is told at once, so that a market that stands still is not silent."""
        name = parse_stream(stream)
        if name is None:
            return []
        try:
            if name.kind in BARS:
                told = present.bars(self.tape, name, None, 1)
                for bar in told:
                    self._open_bar.setdefault(stream, bar.open_ms)
                return [present.bar(self.tape, name, bar) for bar in told]
            if name.kind in _DIFFS:
                self._books.begin(stream, self.tape.book(name.symbol, _ALL_LEVELS))
            elif name.kind is StreamKind.CONTRACT_INFO:
                self._index()
                self._contracts.begin(self.tape.contracts())
            return self._present(name, self.tape.symbols)
        except (Refusal, DataError, VenueError):
            # An unlisted symbol or a market without a price: Binance accepts the subscription and stays silent.
            return []

    def bar_requests(self) -> list[BarRequest]:
        """The bars that the next flush would ask the market for; a market that is read from elsewhere fetches them."""
        requests: dict[BarRequest, None] = {}
        for stream in self.hub.streams():
            name = parse_stream(stream)
            if name and name.kind in BARS:
                try:
                    request = present.bar_request(self.tape, name, self._open_bar.get(stream), _MOST_BARS)
                except Refusal:
                    continue
                requests[request] = None
            elif name and name.kind in (StreamKind.TICKER, StreamKind.MINI_TICKER):
                for symbol in (name.symbol,) if name.symbol else self.tape.symbols:
                    requests[self.tape.day_request(symbol)] = None
        return [request for request in requests if request[0] in self.tape.symbols]

    def _index(self) -> None:
        """Know which streams a symbol concerns; made anew only when somebody began or ceased to listen."""
        if self._indexed == self.hub.version:
            return
        self._indexed = self.hub.version
        by_symbol: defaultdict[str, list[str]] = defaultdict(list)
        listened = dict.fromkeys(self.hub.streams())
        for stream in listened:
            name = parse_stream(stream)
            if name and name.kind in _MOVED:
                by_symbol[self._concern(name)].append(stream)
        self._by_symbol = dict(by_symbol)
        named = [parse_stream(stream) for stream in listened]
        self._hurried = any(name.pace <= _HURRIED and name.kind in BOOKS for name in named if name)
        self._forget_all_but(listened)

    def _concern(self, name: StreamName) -> str:
        """The symbol whose moves the stream tells of; none for those that tell of all."""
        if name.kind is StreamKind.ASSET_INDEX:
            return ""
        if name.kind is not StreamKind.CONTINUOUS_KLINE:
            return name.symbol
        try:
            return self.tape.contract(name.symbol, name.contract)
        except Refusal:
            return name.symbol

    def _forget_all_but(self, listened: dict[str, None]) -> None:
        for state in (self._pending, self._sent_at, self._open_bar, self._struck):
            for stream in [name for name in state if name not in listened]:
                del state[stream]
        self._books.keep_only(listened)

    def _is_due(self, stream: str, name: StreamName, now: float) -> bool:
        return self.stepped or now - self._sent_at.get(stream, float("-inf")) >= name.pace - _EARLY

    def _tell_liquidations(self) -> None:
        now = self.seconds()
        for stream, told in tuple(self._struck.items()):
            name = parse_stream(stream)
            if name and self._is_due(stream, name, now):
                del self._struck[stream]
                self._sent_at[stream] = now
                for payload in told.values():
                    self.hub.publish(stream, payload)

    def _tell_contracts(self) -> None:
        if self.hub.hears(_CONTRACTS):
            for spec in self._contracts.changed(self.tape.contracts()):
                self.hub.publish(_CONTRACTS, notice_events.contract_info(spec, self.tape.now_ms()))

    def _publish(self, stream: str, name: StreamName, symbols: Iterable[str]) -> None:
        try:
            if name.kind in BARS:
                self._publish_bars(stream, name)
            elif name.kind in _DIFFS:
                spec, depth = self.tape.spec(name.symbol), self.tape.book(name.symbol, _ALL_LEVELS)
                told = self._books.event(stream, spec, depth, self.tape.now_ms())
                if told is not None:
                    self.hub.publish(stream, told)
            else:
                for payload in self._present(name, symbols):
                    self.hub.publish(stream, payload)
        except (Refusal, DataError, VenueError):
            # The market cannot vouch for this stream now; the next move tries again.
            return

    def _present(self, name: StreamName, symbols: Iterable[str]) -> list[Payload]:
        if name.kind is StreamKind.ASSET_INDEX:
            return present.indexes(self.tape, name)
        return present.payloads(self.tape, name, symbols) if name.kind in ROWS else []

    def _publish_bars(self, stream: str, name: StreamName) -> None:
        now = self.tape.now_ms()
        for bar in present.bars(self.tape, name, self._open_bar.get(stream), _MOST_BARS):
            self._open_bar[stream] = bar.close_ms + 1 if bar.close_ms < now else bar.open_ms
            self.hub.publish(stream, present.bar(self.tape, name, bar))
