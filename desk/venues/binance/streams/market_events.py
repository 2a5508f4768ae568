"""The market's streams, typed: one message in, one of a closed set of frozen values out, or a DataError.

Times are ms UTC of the venue's clock: `at_ms` of the matching engine, `sent_ms` of the message. Prices are in the quote
asset, quantities in the base asset.
Source: Binance USD-M futures, "Websocket Market Streams", 2026.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from desk.domain.errors import DataError
from desk.domain.market import Bar, Level, Mark, OrderBook
from desk.domain.moments import from_ms
from desk.domain.orders import Side
from desk.venues.binance.fields import Fields
from desk.venues.binance.market import levels


@dataclass(frozen=True, slots=True, kw_only=True)
class BestPrice:
    """bookTicker: the best bid and ask as of update `update_id` of the book."""

    symbol: str
    bid: Decimal
    bid_quantity: Decimal
    ask: Decimal
    ask_quantity: Decimal
    update_id: int
    at_ms: int
    sent_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkUpdate:
    """markPriceUpdate."""

    symbol: str
    price: Decimal
    index: Decimal
    funding_rate: Decimal
    next_funding_ms: int
    sent_ms: int

    def mark(self) -> Mark:
        """The desk's value. Raises DataError when the times are none."""
        return Mark(
            symbol=self.symbol,
            price=self.price,
            index=self.index,
            at=from_ms(self.sent_ms),
            funding_rate=self.funding_rate,
            next_funding=from_ms(self.next_funding_ms),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BarUpdate:
    """kline: a bar as it grows; `closed` when it is final."""

    symbol: str
    interval: str
    bar: Bar
    closed: bool
    sent_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicTrade:
    """aggTrade and trade. `side` is the taker's."""

    symbol: str
    trade_id: int
    price: Decimal
    quantity: Decimal
    side: Side
    at_ms: int
    sent_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthUpdate:
    """depthUpdate: `message` goes to the local book, which checks its sequence."""

    symbol: str
    message: Mapping[str, object]
    sent_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ForcedOrder:
    """forceOrder: a liquidation that others see."""

    symbol: str
    side: Side
    quantity: Decimal
    average_price: Decimal
    at_ms: int
    sent_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTicker:
    """24hrTicker: the last day; `change` as a fraction of 1."""

    symbol: str
    last: Decimal
    high: Decimal
    low: Decimal
    volume: Decimal
    change: Decimal
    sent_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownBook:
    """The nearest levels of the book as they stand: depthUpdate of a stream such as `@depth20@500ms`."""

    symbol: str
    book: OrderBook
    sent_ms: int


MarketEvent = BestPrice | MarkUpdate | BarUpdate | PublicTrade | DepthUpdate | ForcedOrder | DayTicker | ShownBook
_NEAREST = re.compile(r"@depth(?:5|10|20)\b", re.ASCII)


def market_event(message: object) -> MarketEvent | None:
    """The event in a message, plain or as `{"stream", "data"}`; None for kinds the desk has no use for.

    Raises:
        DataError: naming the field that is missing or malformed.
    """
    row, nearest = Fields(message, "market event"), False
    if row.has("stream") and row.has("data"):
        nearest = _NEAREST.search(row.text("stream")) is not None
        row = row.inside("data")
    if not row.has("e"):
        # Answers to subscriptions carry no event.
        return None
    # The same event means the whole book's changes on one stream, and the nearest levels on another.
    read = _shown if nearest else _READERS.get(row.text("e"))
    return read(row) if read else None


def _best(row: Fields) -> BestPrice:
    return BestPrice(
        symbol=row.text("s"),
        bid=row.positive("b"),
        bid_quantity=row.not_negative("B"),
        ask=row.positive("a"),
        ask_quantity=row.not_negative("A"),
        update_id=row.integer("u"),
        at_ms=row.integer("T"),
        sent_ms=row.integer("E"),
    )


def _mark(row: Fields) -> MarkUpdate:
    return MarkUpdate(
        symbol=row.text("s"),
        price=row.positive("p"),
        index=row.positive("i"),
        funding_rate=row.decimal("r"),
        next_funding_ms=row.integer("T"),
        sent_ms=row.integer("E"),
    )


def _bar(event: Fields) -> BarUpdate:
    row = event.inside("k")
    opened, high, low, close = (float(row.positive(name)) for name in ("o", "h", "l", "c"))
    if not low <= min(opened, close) <= max(opened, close) <= high:
        raise DataError(f"a bar of {event.text('s')} contradicts itself")
    return BarUpdate(
        symbol=event.text("s"),
        interval=row.text("i"),
        bar=Bar(
            open_time=row.integer("t"),
            open=opened,
            high=high,
            low=low,
            close=close,
            volume=float(row.not_negative("v")),
        ),
        closed=row.flag("x"),
        sent_ms=event.integer("E"),
    )


def _trade(row: Fields) -> PublicTrade:
    return PublicTrade(
        symbol=row.text("s"),
        trade_id=row.integer("a") if row.has("a") else row.integer("t"),
        price=row.positive("p"),
        quantity=row.positive("q"),
        side=Side.SELL if row.flag("m") else Side.BUY,
        at_ms=row.integer("T"),
        sent_ms=row.integer("E"),
    )


def _depth(row: Fields) -> DepthUpdate:
    return DepthUpdate(symbol=row.text("s"), message=row.values, sent_ms=row.integer("E"))


def _shown(row: Fields) -> ShownBook:
    bids, asks = (tuple(Level(*level) for level in levels(row.rows(side))) for side in ("b", "a"))
    book = OrderBook(symbol=row.text("s"), at=from_ms(row.integer("T")), bids=bids, asks=asks)
    return ShownBook(symbol=book.symbol, book=book, sent_ms=row.integer("E"))


def _forced(event: Fields) -> ForcedOrder:
    row = event.inside("o")
    return ForcedOrder(
        symbol=row.text("s"),
        side=row.choice("S", Side),
        quantity=row.positive("q"),
        average_price=row.not_negative("ap"),
        at_ms=row.integer("T"),
        sent_ms=event.integer("E"),
    )


def _day(row: Fields) -> DayTicker:
    return DayTicker(
        symbol=row.text("s"),
        last=row.positive("c"),
        high=row.positive("h"),
        low=row.positive("l"),
        volume=row.not_negative("v"),
        change=row.decimal("P") / 100,
        sent_ms=row.integer("E"),
    )


_READERS: Mapping[str, Callable[[Fields], MarketEvent]] = MappingProxyType(
    {
        "bookTicker": _best,
        "markPriceUpdate": _mark,
        "kline": _bar,
        "aggTrade": _trade,
        "trade": _trade,
        "depthUpdate": _depth,
        "forceOrder": _forced,
        "24hrTicker": _day,
    }
)
