"""Public market data as the desk's values: marks, bars, book, funding. Nothing missing, stale or empty passes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from desk.domain.errors import DataError, StaleDataError
from desk.domain.market import Bar, FundingPoint, Level, Mark, OrderBook
from desk.domain.moments import to_ms
from desk.domain.money import signed_amount
from desk.venues.binance.connection import Connection
from desk.venues.binance.fields import Fields, as_list, each

# Binance renews the mark every second; a paper exchange at least with every quote of its source.
MARK_MAX_AGE_MS = 60_000
_DEPTHS = (5, 10, 20, 50, 100, 500, 1000)


def read_marks(venue: Connection, symbols: Sequence[str]) -> Mapping[str, Mark]:
    """The mark of every symbol asked for: one request for one symbol, one for all otherwise.

    Raises:
        DataError: when a symbol is missing; StaleDataError when a mark is older than a minute; VenueError.
    """
    wanted = tuple(dict.fromkeys(symbols))
    if not wanted:
        return {}
    params: dict[str, object] = {"symbol": wanted[0]} if len(wanted) == 1 else {}
    rows = venue.read("futures_mark_price", lambda body: _marks(body, wanted), params)
    oldest = min(rows.values(), key=lambda mark: mark.at)
    age = venue.clock.now_ms() - to_ms(oldest.at)
    if age > MARK_MAX_AGE_MS:
        raise StaleDataError(f"the mark of {oldest.symbol} is {age / 1000:.0f} s old")
    return rows


def _marks(body: object, wanted: Sequence[str]) -> Mapping[str, Mark]:
    # A request for one symbol is answered with an object, one for all with a list of them.
    rows = each(body if len(wanted) > 1 else [body], "mark", lambda row: row)
    named = {row.text("symbol"): row for row in rows}
    missing = [symbol for symbol in wanted if symbol not in named]
    if missing:
        raise DataError(f"the venue has no mark for {', '.join(missing)}")
    return {symbol: _mark(named[symbol]) for symbol in wanted}


def _mark(row: Fields) -> Mark:
    return Mark(
        symbol=row.text("symbol"),
        price=row.positive("markPrice"),
        index=row.positive("indexPrice"),
        at=row.moment("time"),
        funding_rate=row.decimal("lastFundingRate"),
        next_funding=row.moment("nextFundingTime"),
    )


def read_book(venue: Connection, symbol: str, depth: int) -> OrderBook:
    """The book of one symbol, at most `depth` levels a side.

    Raises:
        DataError: when it is empty, crossed or unsorted, or `depth` is not 1 to 1000; VenueError.
    """
    limit = next((size for size in _DEPTHS if size >= depth), None)
    if limit is None or depth < 1:
        raise DataError(f"no book of {depth} levels: the venue serves 1 to {_DEPTHS[-1]}")
    params: dict[str, object] = {"symbol": symbol, "limit": limit}
    return venue.read("futures_order_book", lambda body: book(body, symbol, depth), params)


def book(body: object, symbol: str, depth: int) -> OrderBook:
    """A `depth` answer cut to `depth` levels a side: both sides there, sorted, and not crossed."""
    row = Fields(body, f"{symbol} book")
    bids = tuple(_level(entry) for entry in row.rows("bids"))
    asks = tuple(_level(entry) for entry in row.rows("asks"))
    if not bids or not asks:
        raise DataError(f"the book of {symbol} has an empty side")
    falling = all(a.price > b.price for a, b in pairwise(bids))
    rising = all(a.price < b.price for a, b in pairwise(asks))
    if not falling or not rising or bids[0].price >= asks[0].price:
        raise DataError(f"the book of {symbol} is unsorted or crossed")
    return OrderBook(symbol=symbol, at=row.moment("E"), bids=bids[:depth], asks=asks[:depth])


def levels(rows: Sequence[object]) -> tuple[tuple[Decimal, Decimal], ...]:
    """Price and quantity of each level of a change; a quantity of zero removes one."""
    return tuple(_change(row) for row in rows)


def _change(entry: object) -> tuple[Decimal, Decimal]:
    pair = as_list(entry, "book level")
    if len(pair) < 2 or not isinstance(pair[1], str):
        raise DataError("a book level lacks its quantity")
    quantity = signed_amount(pair[1])
    if quantity < 0:
        raise DataError(f"a book level's quantity is below zero: {pair[1]!r:.40}")
    return _positive(pair[0], "price"), quantity


def _level(entry: object) -> Level:
    pair = as_list(entry, "book level")
    if len(pair) < 2:
        raise DataError("a book level lacks its quantity")
    return Level(_positive(pair[0], "price"), _positive(pair[1], "quantity"))


def _positive(value: object, what: str) -> Decimal:
    number = signed_amount(value) if isinstance(value, str) else Decimal(0)
    if number <= 0:
        raise DataError(f"a book level's {what} is not above zero: {value!r:.40}")
    return number


def funding(body: object, symbol: str) -> tuple[FundingPoint, ...]:
    """Funding charges, oldest first."""
    points = each(body, f"{symbol} funding", _funding_point)
    if not points:
        raise DataError(f"the venue knows no funding of {symbol}")
    if any(a.at >= b.at for a, b in pairwise(points)):
        raise DataError(f"the funding of {symbol} is out of order")
    return points


def _funding_point(row: Fields) -> FundingPoint:
    return FundingPoint(at=row.moment("fundingTime"), rate=float(row.decimal("fundingRate")))


def finished_bars(body: object, symbol: str, now_ms: int) -> tuple[Bar, ...]:
    """The bars of a `klines` answer that had closed by `now_ms`, in rising order of time.

    A row's close time is its last millisecond, so a bar is finished when that millisecond has passed.
    """
    rows = [as_list(row, f"{symbol} bar") for row in as_list(body, f"{symbol} bars")]
    bars = tuple(_bar(row, symbol) for row in rows if _closes_at(row, symbol) < now_ms)
    if any(a.open_time >= b.open_time for a, b in pairwise(bars)):
        raise DataError(f"the bars of {symbol} are out of order")
    return bars


def _closes_at(row: Sequence[object], symbol: str) -> int:
    if len(row) < 7:
        raise DataError(f"a bar of {symbol} is too short")
    return _whole(row[6], symbol)


def _whole(value: object, symbol: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise DataError(f"a bar of {symbol} has no time: {value!r:.40}")
    return value


def _bar(row: Sequence[object], symbol: str) -> Bar:
    opened, high, low, close, volume = (float(signed_amount(v)) if isinstance(v, str) else math.nan for v in row[1:6])
    # A comparison with NaN is false, so a value that was no string fails here as well.
    if not (0 < low <= min(opened, close) <= max(opened, close) <= high and volume >= 0):
        raise DataError(f"a bar of {symbol} contradicts itself")
    start = _whole(row[0], symbol)
    return Bar(open_time=start, open=opened, high=high, low=low, close=close, volume=volume)
