"""The store: one folder for each series, one Parquet file for each month of it (each day of what is too much).

    ROOT/um/klines/symbol=BTCUSDT/interval=1m/2024-08.parquet

Other programs read the folders as partitions. A source speaks for a stretch of time: what it brings replaces whatever
stood there (`replace`), or only fills what nobody told yet (`fill`). One command writes at a time.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from desk.domain.errors import DataError, PrerequisiteError
from desk.domain.market import FundingPoint
from desk.domain.moments import from_ms
from desk.history.joining import Joined, filled, replaced, sources_with
from desk.history.kinds import SHAPES, Kind, Market
from desk.history.parquet import Glance, Source, glance, read, write
from desk.history.periods import Period, period_at, period_named
from desk.history.series import Series
from desk.market.candles import Candles
from desk.market.tables import Table

_ALWAYS = 1 << 62


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of rows that were brought: how many are new, and how many stood otherwise before."""

    added: int
    changed: int


class HistoryStore:
    """Recorded market below one folder. Reading is safe beside a writer; writing wants `writing` around it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def root(self) -> Path:
        """The folder."""
        return self._root

    @contextmanager
    def writing(self) -> Generator[None]:
        """Hold the store for writing. Raises PrerequisiteError when another command does."""
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise PrerequisiteError(
                    "another `crew history` is writing here", hint="wait until it is done"
                ) from None
            yield

    def candles(self, symbol: str, interval: str, start: int = 0, end: int = _ALWAYS, *, market: str = "um") -> Candles:
        """Bars that open from `start` up to, not including, `end`, ms UTC.

        Raises:
            DataError: when there is none, or a file is damaged.
        """
        series = Series(Market(market), Kind.KLINES, symbol, interval)
        rows = self.table(series, start, end)
        columns = (rows[name] for name in ("open_time", "open", "high", "low", "close", "volume"))
        return Candles.from_columns(symbol, interval, *columns)

    def funding(self, symbol: str, start: int = 0, end: int = _ALWAYS) -> tuple[FundingPoint, ...]:
        """Funding charges in a stretch of time, oldest first. Raises DataError as `candles` does."""
        rows = self.table(Series(Market.UM, Kind.FUNDING, symbol), start, end)
        charges = zip(rows["funding_time"].tolist(), rows["funding_rate"].tolist(), strict=True)
        return tuple(FundingPoint(at=from_ms(at), rate=rate) for at, rate in charges)

    def table(self, series: Series, start: int = 0, end: int = _ALWAYS) -> Table:
        """All columns of a stretch of a series. Raises DataError as `candles` does."""
        files = [path for period, path in self.files(series) if period.to_ms > start and period.from_ms < end]
        parts = [_between(read(path), series.shape.time, start, end) for path in files]
        parts = [part for part in parts if len(part[series.shape.time])]
        if not parts:
            raise DataError(f"no history of {series} in that time", hint="crew history inventory shows what there is")
        return {name: np.concatenate([part[name] for part in parts]) for name in series.shape.columns}

    def series(self) -> tuple[Series, ...]:
        """Every series here, in order."""
        found: list[Series] = []
        for market in Market:
            for kind, shape in SHAPES.items():
                depth = "symbol=*/interval=*" if shape.barred else "symbol=*"
                for folder in (self._root / market / kind).glob(depth):
                    parts = dict(part.split("=") for part in folder.parts if "=" in part)
                    found.append(Series(market, kind, parts["symbol"], parts.get("interval", "")))
        return tuple(sorted(one for one in found if self.files(one)))

    def files(self, series: Series) -> tuple[tuple[Period, Path], ...]:
        """The files of a series, oldest first."""
        paths = self._folder(series).glob("*.parquet")
        return tuple(sorted((period_named(path.stem), path) for path in paths))

    def glances(self, series: Series) -> tuple[Glance, ...]:
        """What each file of a series holds, oldest first. Raises DataError for a damaged file."""
        return tuple(glance(path, series.shape.time) for _, path in self.files(series))

    def last_ms(self, series: Series) -> int | None:
        """The time of the newest row, None where there is none."""
        files = self.files(series)
        return glance(files[-1][1], series.shape.time).last_ms if files else None

    def source(self, series: Series, name: str, period: Period) -> Source | None:
        """What is known of a source for a period, None when it never came."""
        path = self._path(series, period)
        if not path.exists():
            return None
        return next((one for one in glance(path, series.shape.time).sources if one.name == name), None)

    def replace(self, series: Series, table: Table, source: Source) -> Kept:
        """Rows of a source that speaks for everything in its stretch: what else stood there goes."""
        return self._each_file(series, table, source, replaced)

    def fill(self, series: Series, table: Table, source: Source) -> Kept:
        """Rows where there are none yet; what stands here stays, and what contradicts it is counted as changed."""
        return self._each_file(series, table, source, filled)

    def _each_file(
        self, series: Series, table: Table, source: Source, joined: Callable[[Table, Table, Series, Source], Joined]
    ) -> Kept:
        added = changed = 0
        times = table[series.shape.time]
        for period in _periods(times, by_day=series.shape.by_day):
            path = self._path(series, period)
            rows = _between(table, series.shape.time, period.from_ms, period.to_ms)
            old = read(path) if path.exists() else {name: column[:0] for name, column in rows.items()}
            known = glance(path, series.shape.time).sources if path.exists() else ()
            result = joined(old, rows, series, source)
            added, changed = added + result.added, changed + result.changed
            mine = replace(source, rows=len(rows[series.shape.time]), changed=result.changed)
            write(path, result.table, sources_with(known, mine, supersedes=joined is replaced))
        return Kept(added, changed)

    def _path(self, series: Series, period: Period) -> Path:
        first = period_at(period.from_ms, by_day=series.shape.by_day)
        return self._folder(series) / f"{first}.parquet"

    def _folder(self, series: Series) -> Path:
        folder = self._root / series.market / series.kind / f"symbol={series.symbol}"
        return folder / f"interval={series.interval}" if series.interval else folder


def _between(table: Table, time: str, start: int, end: int) -> Table:
    first, stop = np.searchsorted(table[time], (start, end))
    return {name: column[first:stop] for name, column in table.items()}


def _periods(times: NDArray[np.int64], *, by_day: bool) -> Sequence[Period]:
    unit = "datetime64[D]" if by_day else "datetime64[M]"
    starts = np.unique(times.astype("datetime64[ms]").astype(unit)).astype("datetime64[ms]").astype(np.int64)
    return [period_at(int(start), by_day=by_day) for start in starts]
