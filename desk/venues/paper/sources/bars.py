"""Bars in columns of whole numbers: exact sums, exact extremes, the same bytes on every machine.

Prices are integers in units of the symbol's price precision, volumes in units of its quantity precision, quote amounts
in hundredths of the quote asset. A bar of a longer interval is the first open, the extremes, the last close and the
sums of the shorter bars inside it; interval boundaries are Binance's: multiples of the interval in UTC, weeks from
Monday, months by calendar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from desk.domain.errors import DataError
from desk.venues.paper.engine.values import Kline

Ints = NDArray[np.int64]

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
WEEK_MS = 7 * DAY_MS
# 1970-01-05 was the first Monday of Unix time.
_FIRST_MONDAY_MS = 4 * DAY_MS
MONTH = "1M"
QUOTE_DIGITS = 2

INTERVAL_MS = MappingProxyType(
    {
        "1m": MINUTE_MS,
        "3m": 3 * MINUTE_MS,
        "5m": 5 * MINUTE_MS,
        "15m": 15 * MINUTE_MS,
        "30m": 30 * MINUTE_MS,
        "1h": HOUR_MS,
        "2h": 2 * HOUR_MS,
        "4h": 4 * HOUR_MS,
        "6h": 6 * HOUR_MS,
        "8h": 8 * HOUR_MS,
        "12h": 12 * HOUR_MS,
        "1d": DAY_MS,
        "3d": 3 * DAY_MS,
        "1w": WEEK_MS,
    }
)
INTERVALS: tuple[str, ...] = (*INTERVAL_MS, MONTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Bars, one array a column, ascending by `open_ms`."""

    open_ms: Ints
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints
    quote_volume: Ints
    trades: Ints
    taker_base: Ints
    taker_quote: Ints

    def __len__(self) -> int:
        return len(self.open_ms)

    def rows(self, start: int, stop: int) -> Columns:
        """The bars `start` to `stop`, as views of the same memory."""
        return Columns(**{f.name: getattr(self, f.name)[start:stop] for f in fields(Columns)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How many digits behind the point a symbol's whole numbers stand for."""

    price_digits: int
    quantity_digits: int

    def price(self, units: int) -> Decimal:
        """A price in the quote asset."""
        return Decimal(units).scaleb(-self.price_digits)

    def quantity(self, units: int) -> Decimal:
        """A quantity of the base asset."""
        return Decimal(units).scaleb(-self.quantity_digits)

    def kline(self, row: Sequence[int], close_ms: int) -> Kline:
        """One bar as the venue answers it; `row` holds the columns in their order."""
        open_ms, open_, high, low, close, volume, quote_volume, trades, taker_base, taker_quote = row
        return Kline(
            open_ms=open_ms,
            open=self.price(open_),
            high=self.price(high),
            low=self.price(low),
            close=self.price(close),
            volume=self.quantity(volume),
            close_ms=close_ms,
            quote_volume=Decimal(quote_volume).scaleb(-QUOTE_DIGITS),
            trades=trades,
            taker_base=self.quantity(taker_base),
            taker_quote=Decimal(taker_quote).scaleb(-QUOTE_DIGITS),
        )


def joined(parts: Sequence[Columns]) -> Columns:
    """The bars of all parts in one; the parts must follow each other in time."""
    return Columns(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Columns)})


def interval_open(open_ms: Ints, interval: str) -> Ints:
    """The start of the interval that each moment falls in.

    Raises:
        DataError: for a name that is not one of Binance's intervals.
    """
    if interval == MONTH:
        months = open_ms.astype("datetime64[ms]").astype("datetime64[M]")
        return months.astype("datetime64[ms]").astype(np.int64)
    length = INTERVAL_MS.get(interval)
    if length is None:
        raise DataError(f"no such kline interval: {interval!r:.10}", hint=f"one of {', '.join(INTERVALS)}")
    shift = _FIRST_MONDAY_MS if length == WEEK_MS else 0
    return (open_ms - shift) // length * length + shift


def length_of(interval: str) -> int:
    """About how long an interval is, in ms: a month has 31 days here, and no such interval no length."""
    return 31 * DAY_MS if interval == MONTH else INTERVAL_MS.get(interval, 0)


def interval_end(open_ms: int, interval: str) -> int:
    """The first moment after the interval that starts at `open_ms`."""
    if interval == MONTH:
        month = np.datetime64(open_ms, "ms").astype("datetime64[M]") + 1
        return int(month.astype("datetime64[ms]").astype(np.int64))
    return open_ms + INTERVAL_MS[interval]


def aggregate(columns: Columns, interval: str) -> Columns:
    """The bars of a longer interval; a first or last one that is only partly covered is made of what there is."""
    if not len(columns):
        return columns
    opens = interval_open(columns.open_ms, interval)
    starts = np.flatnonzero(np.concatenate(([True], opens[1:] != opens[:-1])))
    ends = np.concatenate((starts[1:], [len(columns)])) - 1
    return Columns(
        open_ms=opens[starts],
        open=columns.open[starts],
        high=np.maximum.reduceat(columns.high, starts),
        low=np.minimum.reduceat(columns.low, starts),
        close=columns.close[ends],
        volume=np.add.reduceat(columns.volume, starts),
        quote_volume=np.add.reduceat(columns.quote_volume, starts),
        trades=np.add.reduceat(columns.trades, starts),
        taker_base=np.add.reduceat(columns.taker_base, starts),
        taker_quote=np.add.reduceat(columns.taker_quote, starts),
    )
