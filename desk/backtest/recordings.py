"""Recorded markets as tapes, with the contracts they are traded on: out of the desk's own history, or out of files.

A folder is searched for `SYMBOL-INTERVAL-*.parquet` (or csv, or zip), there and in `klines`, and for funding in
`funding`. An interval that was not recorded is made of a shorter one that was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol

import numpy as np

from desk.backtest.tape import Tape, record
from desk.domain.errors import DataError
from desk.domain.market import FundingPoint
from desk.domain.moments import from_ms, to_ms
from desk.history.kinds import Kind
from desk.history.kinds import Market as Venue
from desk.history.store import HistoryStore
from desk.market.candles import Candles
from desk.market.intervals import INTERVAL_MS, interval_ms
from desk.market.resample import resample
from desk.venues.paper.engine.vocabulary.instruments import SymbolSpec
from desk.venues.paper.sources.candle_files import Candles as Recorded
from desk.venues.paper.sources.candle_files import read_candles, read_funding
from desk.venues.paper.symbols import spec_for

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
    """Which market: its symbols, one interval, and a span of which either end may be open.

    `warm_up` bars before the span are taken as well, as far as they were recorded.
    """

    symbols: Sequence[str]
    interval: str
    since: datetime | None = None
    until: datetime | None = None
    warm_up: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """One symbol's bars, the contract they trade, and what holds them."""

    candles: Candles
    spec: SymbolSpec
    name: str


class Recordings(Protocol):
    """Where recorded bars are. Raises DataError for what is damaged, and answers None for what is not there."""

    def bars(self, symbol: str, interval: str) -> Found | None:
        """Every bar of this symbol and interval."""
        ...

    def funding(self, symbol: str) -> tuple[FundingPoint, ...] | None:
        """Every charge of this symbol, oldest first."""
        ...


def open_market(wanted: Wanted, source: Recordings) -> Market:
    """The bars of these symbols over the span that all of them cover.

    Raises:
        DataError: naming what is missing, or the file and row that is broken.
    """
    if not wanted.symbols or len(set(wanted.symbols)) != len(wanted.symbols):
        raise DataError("a backtest needs symbols, each once", hint="--symbol BTCUSDT")
    found = [_bars_of(symbol, wanted.interval, source) for symbol in wanted.symbols]
    funding = {symbol: points for symbol in wanted.symbols if (points := source.funding(symbol)) is not None}
    tape = _within(record([one.candles for one in found], funding), wanted)
    return Market(
        tape=tape,
        specs=tuple(one.spec for one in found),
        interval=wanted.interval,
        files=tuple(one.name for one in found),
        funded=tuple(funding),
        missing_bars=int(tape.open_time[-1] - tape.open_time[0]) // tape.step_ms + 1 - len(tape),
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
    return tape.between(max(0, first - wanted.warm_up), last)


def _bars_of(symbol: str, interval: str, source: Recordings) -> Found:
    """The recording of this interval, or of the longest shorter one that makes it up."""
    length = interval_ms(interval)
    fitting = [name for name, shorter in INTERVAL_MS.items() if shorter <= length and length % shorter == 0]
    for name in sorted(fitting, key=interval_ms, reverse=True):
        found = source.bars(symbol, name)
        if found is not None:
            candles = found.candles if name == interval else resample(found.candles, interval)
            return Found(candles=candles, spec=found.spec, name=found.name)
    raise DataError(
        f"no {interval} bars of {symbol} were recorded",
        hint=f"crew history download {symbol} --interval {interval} --from 2023-01, or --data FILE or FOLDER",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FromStore:
    """The desk's own history, as `crew history` keeps it."""

    store: HistoryStore

    def bars(self, symbol: str, interval: str) -> Found | None:
        """See `Recordings`."""
        if not self._has(Kind.KLINES, symbol, interval):
            return None
        candles = self.store.candles(symbol, interval)
        spec = spec_for(symbol, Decimal(repr(float(np.median(candles.close)))))
        return Found(candles=candles, spec=spec, name=f"history of {symbol} {interval}")

    def funding(self, symbol: str) -> tuple[FundingPoint, ...] | None:
        """See `Recordings`."""
        return self.store.funding(symbol) if self._has(Kind.FUNDING, symbol, "") else None

    def _has(self, kind: Kind, symbol: str, interval: str) -> bool:
        wanted = (Venue.UM, kind, symbol, interval)
        return any((one.market, one.kind, one.symbol, one.interval) == wanted for one in self.store.series())


@dataclass(frozen=True, slots=True, kw_only=True)
class FromFiles:
    """Files, and folders of files; of several that fit, the largest."""

    paths: Sequence[Path]

    def __post_init__(self) -> None:
        """Refuse what is not there. Raises DataError."""
        for path in self.paths:
            if not path.exists():
                raise DataError(f"there is neither a file nor a folder {path}")

    def bars(self, symbol: str, interval: str) -> Found | None:
        """See `Recordings`."""
        files = [file for path in self.paths for file in _files_of(path, symbol, interval)]
        if not files:
            return None
        recorded = read_candles(symbol, max(files, key=lambda file: file.stat().st_size), interval)
        return Found(candles=_floats(symbol, recorded), spec=recorded.spec, name=recorded.path.name)

    def funding(self, symbol: str) -> tuple[FundingPoint, ...] | None:
        """See `Recordings`."""
        folders = [base / name for base in self.paths if base.is_dir() for name in ("", "funding")]
        found = [file for folder in folders for file in folder.glob(f"{symbol}-*funding*") if file.suffix in _SUFFIXES]
        if not found:
            return None
        times, rates = read_funding(max(found, key=lambda file: file.stat().st_size))
        charges = zip(times.tolist(), rates, strict=True)
        return tuple(FundingPoint(at=from_ms(at), rate=float(rate)) for at, rate in charges)


def _files_of(path: Path, symbol: str, interval: str) -> list[Path]:
    if path.is_file():
        own = path.name.split("-")
        fits = own[0] == symbol and (len(own) < 2 or own[1] == interval or own[1] not in INTERVAL_MS)
        return [path] if fits else []
    folders = (path, path / "klines")
    found = [file for folder in folders for file in folder.glob(f"{symbol}-{interval}-*") if file.suffix in _SUFFIXES]
    # A perpetual is not its spot market; a file that does not say is taken for what was asked for.
    return [file for file in found if "-spot-" not in file.name]


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
