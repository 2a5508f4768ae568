"""Recorded markets as tapes: files or a folder of them, checked row by row, with the contracts they are traded on.

A folder is searched for `SYMBOL-INTERVAL-*.parquet` (or csv, or zip), there and in `klines`, and for funding in
`funding`. An interval that was not recorded is made of a shorter one that was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from desk.backtest.tape import Tape, record
from desk.domain.errors import DataError
from desk.domain.market import FundingPoint
from desk.domain.moments import from_ms, to_ms
from desk.market.candles import Candles
from desk.market.intervals import INTERVAL_MS, interval_ms
from desk.market.resample import resample
from desk.venues.paper.engine.vocabulary.instruments import SymbolSpec
from desk.venues.paper.sources.candle_files import Candles as Recorded
from desk.venues.paper.sources.candle_files import read_candles, read_funding

_SUFFIXES = (".parquet", ".csv", ".zip")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Market:
    """A tape, the contract of each of its symbols, and what is to be said of where it came from."""

    tape: Tape
    specs: tuple[SymbolSpec, ...]
    interval: str
    files: tuple[str, ...]
    funded: tuple[str, ...]
    missing_bars: int

    @property
    def family(self) -> str:
        """What tries on this data are counted under: luck is drawn from one family together."""
        return f"{'+'.join(self.tape.symbols)} {self.interval}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which market: its symbols, one interval, and a span of which either end may be open."""

    symbols: Sequence[str]
    interval: str
    since: datetime | None = None
    until: datetime | None = None


def open_market(wanted: Wanted, data: Sequence[Path]) -> Market:
    """The bars of these symbols, from files or folders, over the span that all of them cover.

    Raises:
        DataError: naming what is missing, or the file and row that is broken.
    """
    if not wanted.symbols or len(set(wanted.symbols)) != len(wanted.symbols):
        raise DataError("a backtest needs symbols, each once", hint="--symbol BTCUSDT")
    interval_ms(wanted.interval)
    found = [_bars_of(symbol, wanted.interval, data) for symbol in wanted.symbols]
    funding = {symbol: path for symbol in wanted.symbols if (path := _funding_of(symbol, data)) is not None}
    rates = {symbol: _points(path) for symbol, path in funding.items()}
    whole = record([candles for candles, _ in found], rates)
    return Market(
        tape=_within(whole, wanted),
        specs=tuple(recorded.spec for _, recorded in found),
        interval=wanted.interval,
        files=tuple(recorded.path.name for _, recorded in found),
        funded=tuple(funding),
        missing_bars=sum(hole.missing for _, recorded in found for hole in recorded.holes),
    )


def _within(tape: Tape, wanted: Wanted) -> Tape:
    first = 0 if wanted.since is None else int(np.searchsorted(tape.open_time, to_ms(wanted.since)))
    last = len(tape) if wanted.until is None else int(np.searchsorted(tape.open_time, to_ms(wanted.until)))
    if last - first < 2:
        begin, end = (from_ms(int(tape.open_time[at])) for at in (0, -1))
        raise DataError(
            f"{', '.join(tape.symbols)} {wanted.interval} has no two bars in that span",
            hint=f"recorded from {begin:%Y-%m-%d} to {end:%Y-%m-%d}",
        )
    return tape.between(first, last)


def _bars_of(symbol: str, interval: str, data: Sequence[Path]) -> tuple[Candles, Recorded]:
    """The longest recording of this interval, or of the longest shorter one that makes it up."""
    length = interval_ms(interval)
    fitting = [name for name, shorter in INTERVAL_MS.items() if shorter <= length and length % shorter == 0]
    for name in sorted(fitting, key=interval_ms, reverse=True):
        files = [file for path in data for file in _files_of(path, symbol, name)]
        if files:
            recorded = read_candles(symbol, max(files, key=lambda file: file.stat().st_size), name)
            candles = _floats(symbol, recorded)
            return (candles if name == interval else resample(candles, interval)), recorded
    where = ", ".join(str(path) for path in data) or "nowhere"
    raise DataError(f"no {interval} bars of {symbol} in {where}", hint="files are called SYMBOL-INTERVAL-….parquet")


def _files_of(path: Path, symbol: str, interval: str) -> list[Path]:
    if path.is_file():
        own = path.name.split("-")
        fits = own[0] == symbol and (len(own) < 2 or own[1] == interval or own[1] not in INTERVAL_MS)
        return [path] if fits else []
    if not path.is_dir():
        raise DataError(f"there is neither a file nor a folder {path}")
    folders = (path, path / "klines")
    found = [file for folder in folders for file in folder.glob(f"{symbol}-{interval}-*") if file.suffix in _SUFFIXES]
    # A perpetual is not its spot market; a file that does not say is taken for what was asked for.
    return [file for file in found if "-spot-" not in file.name]


def _funding_of(symbol: str, data: Sequence[Path]) -> Path | None:
    folders = [base / name for base in data if base.is_dir() for name in ("", "funding")]
    found = [file for folder in folders for file in folder.glob(f"{symbol}-*funding*") if file.suffix in _SUFFIXES]
    return max(found, key=lambda file: file.stat().st_size, default=None)


def _points(path: Path) -> tuple[FundingPoint, ...]:
    times, rates = read_funding(path)
    return tuple(FundingPoint(at=from_ms(at), rate=float(rate)) for at, rate in zip(times.tolist(), rates, strict=True))


def _floats(symbol: str, recorded: Recorded) -> Candles:
    columns, price = recorded.columns, 10.0**recorded.spec.price_precision
    return Candles.from_columns(
        symbol,
        recorded.interval,
        columns.open_ms,
        columns.open / price,
        columns.high / price,
        columns.low / price,
        columns.close / price,
        columns.volume / 10.0**recorded.spec.quantity_precision,
    )
