"""Recorded candles and funding rates from files, checked row by row: what is broken is refused with file and row.

Read are Parquet (open_time in ms, open, high, low, close, volume; optionally quote_volume, trades, taker_base,
taker_quote) and Binance Vision's kline csv, plain or zipped, with or without its header. Times of 10^13 and more are
microseconds (Binance's spot files since 2025). A hole in time is allowed and reported, never filled. Where a file does
not tell turnover, it is volume at the bar's mean price; where it does not tell who took, half of it was bought; where
it does not tell trades, they are zero. A price grid finer than the listing's is kept, up to eight decimals.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from desk.domain.errors import DataError
from desk.market.holes import Hole, holes_in
from desk.market.tables import Table, milliseconds, read_table, refuse, refuse_bars
from desk.venues.paper.engine.values import SymbolSpec
from desk.venues.paper.listing.names import decimals
from desk.venues.paper.sources.bars import INTERVAL_MS, MINUTE_MS, QUOTE_DIGITS, Columns, Ints
from desk.venues.paper.symbols import spec_for, with_tick

Floats = NDArray[np.float64]

_FINEST_DIGITS = 8
_NEEDED = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candles:
    """One symbol's recorded bars, checked, in whole units of its own rules."""

    spec: SymbolSpec
    interval: str
    columns: Columns
    holes: tuple[Hole, ...]
    path: Path


def read_candles(symbol: str, path: Path, interval: str | None = None, contract: SymbolSpec | None = None) -> Candles:
    """The bars of one file, traded on the rules of `contract`, or on those that `spec_for` gives.

    Raises:
        DataError: naming file and row, when the file cannot be read or a row cannot be a bar.
    """
    table, first_row = read_table(path)
    times = _times(table, path)
    values = {name: _floats(table, name, path) for name in _NEEDED}
    _check_order(times, path, first_row)
    refuse_bars(values, path, first_row)
    name = interval or _interval_of(times, path)
    holes = _holes(times, INTERVAL_MS[name], path, first_row)
    prices = np.concatenate([values[n] for n in ("open", "high", "low", "close")])
    spec = _spec(contract or spec_for(symbol, Decimal(repr(float(np.median(prices))))), prices)
    return Candles(spec=spec, interval=name, columns=_columns(table, times, values, spec, path), holes=holes, path=path)


def read_funding(path: Path) -> tuple[Ints, tuple[Decimal, ...]]:
    """Funding times, moved back to the full minute, and rates as fractions.

    Raises:
        DataError: naming the file, when columns are missing or rows are unordered or not numbers.
    """
    table, first_row = read_table(path)
    at = "funding_time" if "funding_time" in table else "calc_time"
    rate = "funding_rate" if "funding_rate" in table else "last_funding_rate"
    if at not in table or table[at].dtype.kind not in "iu":
        raise DataError(f"{path}: no funding_time and funding_rate among its columns", hint=", ".join(table)[:200])
    times = table[at].astype(np.int64) // MINUTE_MS * MINUTE_MS
    rates = _floats(table, rate, path)
    _check_order(times, path, first_row)
    refuse(~np.isfinite(rates), "the rate is not a number", path, first_row)
    return times, tuple(Decimal(round(value * 1e8)).scaleb(-8) for value in rates.tolist())


def _times(table: Table, path: Path) -> Ints:
    column = table.get("open_time")
    if column is None or not len(column) or column.dtype.kind not in "iu":
        raise DataError(f"{path}: needs an open_time in whole milliseconds for every row, and at least one row")
    return milliseconds(column.astype(np.int64))


def _floats(table: Table, name: str, path: Path) -> Floats:
    if name not in table:
        raise DataError(f"{path}: no column {name}", hint=f"it has {', '.join(table)[:200]}")
    try:
        return table[name].astype(np.float64)
    except (ValueError, TypeError) as error:
        raise DataError(f"{path}: column {name} holds what is not a number: {error}") from error


def _check_order(times: Ints, path: Path, first_row: int) -> None:
    steps = np.diff(times)
    refuse(np.concatenate(([False], steps == 0)), "the same time as the row before", path, first_row)
    refuse(np.concatenate(([False], steps < 0)), "earlier than the row before", path, first_row)


def _interval_of(times: Ints, path: Path) -> str:
    if len(times) < 2:
        raise DataError(f"{path}: one bar does not tell its interval", hint="name the interval")
    steps, counts = np.unique(np.diff(times), return_counts=True)
    usual = int(steps[np.argmax(counts)])
    name = next((name for name, length in INTERVAL_MS.items() if length == usual), None)
    if name is None:
        raise DataError(f"{path}: bars are {usual} ms apart, which is no kline interval")
    return name


def _holes(times: Ints, length_ms: int, path: Path, first_row: int) -> tuple[Hole, ...]:
    # Weeks start on Monday, everything else on a multiple of its length.
    shift = 4 * 86_400_000 if length_ms == INTERVAL_MS["1w"] else 0
    refuse((times - shift) % length_ms != 0, "the bar does not start on its interval", path, first_row)
    return holes_in(times, length_ms)


def _spec(spec: SymbolSpec, prices: Floats) -> SymbolSpec:
    digits = decimals(spec.rules.tick)
    for finer in range(digits, _FINEST_DIGITS + 1):
        units = prices * 10.0**finer
        if bool(np.all(np.abs(units - np.rint(units)) <= 1e-6 + units * 1e-15)):
            # The listing's own rules stay wherever its grid holds the recording.
            return spec if finer == digits else with_tick(spec, Decimal(1).scaleb(-finer))
    return with_tick(spec, Decimal(1).scaleb(-_FINEST_DIGITS))


def _columns(table: Table, times: Ints, values: dict[str, Floats], spec: SymbolSpec, path: Path) -> Columns:
    def units(column: Floats, digits: int) -> Ints:
        return np.rint(column * 10.0**digits).astype(np.int64)

    def told(name: str, otherwise: Floats) -> Floats:
        if name not in table:
            return otherwise
        column = _floats(table, name, path)
        return np.where(np.isfinite(column), column, otherwise)

    volume = values["volume"]
    mean_price = (values["open"] + values["high"] + values["low"] + values["close"]) / 4
    turnover = told("quote_volume", volume * mean_price)
    prices = {name: units(values[name], spec.price_precision) for name in ("open", "high", "low", "close")}
    return Columns(
        open_ms=times,
        **prices,
        volume=units(volume, spec.quantity_precision),
        quote_volume=units(turnover, QUOTE_DIGITS),
        trades=np.rint(told("trades", np.zeros(len(times)))).astype(np.int64),
        taker_base=units(told("taker_base", volume / 2), spec.quantity_precision),
        taker_quote=units(told("taker_quote", turnover / 2), QUOTE_DIGITS),
    )
