"""A candle series as read-only float64 columns: in order, without duplicates, without NaN, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from desk.domain.errors import DataError
from desk.domain.market import Bar
from desk.indicators.columns import Column, Times
from desk.market.intervals import interval_ms


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candles:
    """Finished bars of one symbol and interval, oldest first; prices in quote asset, volume in base asset.

    Gaps are allowed (a venue may halt), disorder is not. The columns cannot be written to.
    """

    symbol: str
    interval: str
    open_time: Times
    open: Column
    high: Column
    low: Column
    close: Column
    volume: Column

    @staticmethod
    def from_bars(symbol: str, interval: str, bars: Sequence[Bar]) -> Candles:
        """Columns of these bars.

        Raises DataError for no bars, times out of order, repeated or off the interval's grid, a number that is not
        finite, a price at or below zero, negative volume, or a high or low that does not contain open and close.
        """
        times = np.array([b.open_time for b in bars], dtype=np.int64)
        values = np.array([(b.open, b.high, b.low, b.close, b.volume) for b in bars], dtype=np.float64).reshape(-1, 5)
        return Candles.from_columns(symbol, interval, times, *np.ascontiguousarray(values.T))

    @staticmethod
    def from_columns(
        symbol: str,
        interval: str,
        open_time: Times,
        open_: Column,
        high: Column,
        low: Column,
        close: Column,
        volume: Column,
    ) -> Candles:
        """Columns as they are, checked like `from_bars` and copied, so that no caller can change them later."""
        columns = [np.array(c, dtype=np.float64) for c in (open_, high, low, close, volume)]
        times = np.array(open_time, dtype=np.int64)
        _check(symbol, interval, times, columns)
        for column in (times, *columns):
            column.flags.writeable = False
        o, h, lo, c, v = columns
        return Candles(symbol=symbol, interval=interval, open_time=times, open=o, high=h, low=lo, close=c, volume=v)

    def __len__(self) -> int:
        return len(self.close)

    @property
    def step_ms(self) -> int:
        """Length of one bar in milliseconds."""
        return interval_ms(self.interval)

    @property
    def last_close(self) -> float:
        """The newest close."""
        return float(self.close[-1])

    def bars(self) -> tuple[Bar, ...]:
        """The bars one by one, oldest first."""
        columns = (self.open, self.high, self.low, self.close, self.volume)
        rows = zip(self.open_time.tolist(), *(column.tolist() for column in columns), strict=True)
        return tuple(Bar(*row) for row in rows)

    def tail(self, count: int) -> Candles:
        """The newest `count` bars (all of them when there are fewer). Raises DataError when `count` is below one."""
        if count < 1:
            raise DataError("a candle series holds at least one bar")
        return Candles(
            symbol=self.symbol,
            interval=self.interval,
            open_time=self.open_time[-count:],
            open=self.open[-count:],
            high=self.high[-count:],
            low=self.low[-count:],
            close=self.close[-count:],
            volume=self.volume[-count:],
        )


def _check(symbol: str, interval: str, times: Times, columns: list[Column]) -> None:
    name = f"{symbol} {interval}"
    if len(times) == 0 or any(len(c) != len(times) for c in columns):
        raise DataError(f"{name}: no bars, or columns of unequal length")
    if (np.diff(times) <= 0).any():
        raise DataError(f"{name}: bars out of order or repeated")
    if (times % interval_ms(interval) != 0).any():
        raise DataError(f"{name}: a bar does not start on the interval's grid")
    if not all(np.isfinite(c).all() for c in columns):
        raise DataError(f"{name}: a value is not a finite number")
    o, h, lo, c, v = columns
    if (lo <= 0).any() or (v < 0).any():
        raise DataError(f"{name}: a price at or below zero, or a negative volume")
    if (h < np.maximum(o, c)).any() or (lo > np.minimum(o, c)).any():
        raise DataError(f"{name}: a bar's high or low does not contain its open and close")
