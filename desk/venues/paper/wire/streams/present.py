"""The streams that carry the present: each message is made from what the market shows at the moment it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from desk.venues.paper.engine.values import Kline
from desk.venues.paper.wire.figures import Json
from desk.venues.paper.wire.market.tape import BarRequest, Tape
from desk.venues.paper.wire.streams import market_events, notice_events
from desk.venues.paper.wire.streams.names import StreamKind, StreamName

Payload = Json | list[Json]

ROWS = (
    StreamKind.MARK_PRICE,
    StreamKind.TICKER,
    StreamKind.MINI_TICKER,
    StreamKind.BOOK_TICKER,
    StreamKind.PARTIAL_DEPTH,
)
"""Streams whose message is a function of the present alone."""
BARS = (StreamKind.KLINE, StreamKind.CONTINUOUS_KLINE)


def payloads(tape: Tape, name: StreamName, moved: Iterable[str]) -> list[Payload]:
    """The messages of one of `ROWS`: one for its symbol; for a stream of all symbols, one list of those that moved.

    Marks are told of every symbol whenever any moved, and book tickers one by one, as on Binance.
    """
    now = tape.now_ms()
    if name.symbol:
        return [_row(tape, name, name.symbol, now)]
    symbols = tape.symbols if name.kind is StreamKind.MARK_PRICE else tuple(moved)
    rows = [_row(tape, name, symbol, now) for symbol in symbols]
    return list(rows) if name.kind is StreamKind.BOOK_TICKER else [rows]


def indexes(tape: Tape, name: StreamName) -> list[Payload]:
    """The messages of an asset index stream: of one asset, or a list of all of them."""
    now = tape.now_ms()
    rows = [notice_events.asset_index(index, now) for index in tape.asset_indexes()]
    if not name.symbol:
        return [rows] if rows else []
    return [row for row in rows if row["s"] == name.symbol]


def bar(tape: Tape, name: StreamName, told: Kline) -> Json:
    """One message of a kline stream."""
    now = tape.now_ms()
    if name.kind is StreamKind.KLINE:
        return market_events.kline(name.symbol, name.interval, told, now)
    return market_events.continuous_kline(name.symbol, name.contract, name.interval, told, now)


def bars(tape: Tape, name: StreamName, since: int | None, most: int) -> Sequence[Kline]:
    """The bars of a kline stream from `since` (ms UTC) on, or only the present one."""
    return tape.klines(*bar_request(tape, name, since, most))


def bar_request(tape: Tape, name: StreamName, since: int | None, most: int) -> BarRequest:
    """What `bars` asks the market for."""
    symbol = name.symbol if name.kind is StreamKind.KLINE else tape.contract(name.symbol, name.contract)
    return symbol, name.interval, since, None, 1 if since is None else most


def _row(tape: Tape, name: StreamName, symbol: str, now: int) -> Json:
    if name.kind is StreamKind.MARK_PRICE:
        return market_events.mark_price(tape.mark(symbol), now)
    if name.kind is StreamKind.TICKER:
        return market_events.ticker(tape.spec(symbol), tape.day(symbol), now)
    if name.kind is StreamKind.MINI_TICKER:
        return market_events.mini_ticker(tape.spec(symbol), tape.day(symbol), now)
    spec = tape.spec(symbol)
    if name.kind is StreamKind.BOOK_TICKER:
        return market_events.book_ticker(spec, tape.book(symbol, 1), now)
    depth = tape.book(symbol, name.levels)
    return market_events.partial_depth(spec, depth, depth.update_id - 1, now)
