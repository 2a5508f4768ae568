"""The recorded market a backtest runs on: several symbols on one grid of bars, with the funding each bar begins with.

A bar at row t covers [open_time[t], open_time[t] + step). Only moments that every symbol has are kept; what a venue
halted is a gap that positions sleep through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from desk.backtest.terms import Grid
from desk.domain.errors import DataError
from desk.domain.market import FundingPoint
from desk.domain.moments import to_ms
from desk.indicators.columns import Times
from desk.market.candles import Candles

# Binance stamps a funding a few milliseconds after its boundary.
_JITTER_MS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tape:
    """(bars, symbols) each: prices in quote asset, volume in base asset, `funding` rates charged as a bar begins."""

    symbols: tuple[str, ...]
    step_ms: int
    open_time: Times
    open: Grid
    high: Grid
    low: Grid
    close: Grid
    volume: Grid
    funding: Grid

    def __len__(self) -> int:
        return len(self.open_time)

    def between(self, first: int, last: int) -> Tape:
        """Rows `first` up to, not including, `last`."""
        rows = slice(first, last)
        return Tape(
            symbols=self.symbols,
            step_ms=self.step_ms,
            open_time=self.open_time[rows],
            open=self.open[rows],
            high=self.high[rows],
            low=self.low[rows],
            close=self.close[rows],
            volume=self.volume[rows],
            funding=self.funding[rows],
        )


def record(candles: Sequence[Candles], funding: Mapping[str, Sequence[FundingPoint]]) -> Tape:
    """One tape of these candles. A symbol without an entry in `funding` pays none.

    Raises:
        DataError: for no candles, two intervals, a symbol twice, or no moment in common.
    """
    if not candles or len({c.step_ms for c in candles}) != 1 or len({c.symbol for c in candles}) != len(candles):
        raise DataError("a tape needs candles of one interval, one series for each symbol")
    times = candles[0].open_time
    for series in candles[1:]:
        times = np.intersect1d(times, series.open_time, assume_unique=True)
    if not len(times):
        raise DataError("the candles have no moment in common")
    rows = [np.searchsorted(series.open_time, times) for series in candles]
    return Tape(
        symbols=tuple(series.symbol for series in candles),
        step_ms=candles[0].step_ms,
        open_time=times,
        open=_grid([series.open[at] for series, at in zip(candles, rows, strict=True)]),
        high=_grid([series.high[at] for series, at in zip(candles, rows, strict=True)]),
        low=_grid([series.low[at] for series, at in zip(candles, rows, strict=True)]),
        close=_grid([series.close[at] for series, at in zip(candles, rows, strict=True)]),
        volume=_grid([series.volume[at] for series, at in zip(candles, rows, strict=True)]),
        funding=_grid([_charges(times, funding.get(series.symbol, ())) for series in candles]),
    )


def _grid(columns: Sequence[Grid]) -> Grid:
    grid = np.ascontiguousarray(np.stack(columns, axis=1))
    grid.flags.writeable = False
    return grid


def _charges(times: Times, points: Sequence[FundingPoint]) -> Grid:
    """Rates by bar: a charge belongs to the first bar that begins at or after it, and is met by who holds then."""
    rates = np.zeros(len(times))
    for point in points:
        row = int(np.searchsorted(times, to_ms(point.at) - _JITTER_MS))
        if 0 < row < len(times) or (row == 0 and to_ms(point.at) >= times[0]):
            rates[row] += point.rate
    return rates
