"""What of the history to doubt: files that are damaged, bars that are missing, and bars that contradict each other.

Every page is read against its checksum and every row is judged again. Bars are then held against those of one hour,
which come from files of their own: an hour made of its minutes must be the hour that was recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from desk.domain.errors import DataError
from desk.history.kinds import Kind
from desk.history.series import Series
from desk.history.store import HistoryStore
from desk.indicators.columns import Times
from desk.market.candles import Candles
from desk.market.funding import USUAL_HOURS
from desk.market.holes import Hole, holes_in
from desk.market.intervals import interval_ms
from desk.market.resample import resample
from desk.market.tables import Table

_HOUR = "1h"
_SHOWN = 5
# Prices are the same decimals read twice; volumes are sums in another order.
_SAME_PRICE, _SAME_VOLUME = 1e-9, 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """One bar that two recordings tell differently."""

    open_ms: int
    column: str
    recorded: float
    computed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """All that was found about one series.

    `trouble` is why it could not be read. `compared` bars were held against others, of which `differ` do; the first of
    them are in `contradictions`. `repeated` rows have the key of the row before.
    """

    series: Series
    rows: int = 0
    holes: tuple[Hole, ...] = ()
    repeated: int = 0
    compared: int = 0
    differ: int = 0
    contradictions: tuple[Contradiction, ...] = ()
    trouble: str = ""

    @property
    def sound(self) -> bool:
        """Whether nothing contradicts anything. Holes are the venue's, and do not count."""
        return not (self.trouble or self.repeated or self.differ)


def check_history(store: HistoryStore, done: Callable[[Finding], None]) -> tuple[Finding, ...]:
    """Look at every series; `done` hears of each."""
    found: list[Finding] = []
    for series in store.series():
        found.append(_check(store, series))
        done(found[-1])
    return tuple(found)


def _check(store: HistoryStore, series: Series) -> Finding:
    try:
        if series.shape.by_day:
            return _each_file(store, series)
        table = store.table(series)
        repeated = _repeated(table, series)
        differ, compared = _against_the_hour(store, series) if series.kind is Kind.KLINES and not repeated else ((), 0)
    except DataError as error:
        return Finding(series=series, trouble=error.message)
    times = table[series.shape.time]
    return Finding(
        series=series,
        rows=len(times),
        holes=_holes(times, series, table),
        repeated=repeated,
        compared=compared,
        differ=len({one.open_ms for one in differ}),
        contradictions=differ[:_SHOWN],
    )


def _each_file(store: HistoryStore, series: Series) -> Finding:
    """One file in memory at a time: what is kept by the day is too much for more."""
    rows = repeated = 0
    for period, _ in store.files(series):
        table = store.table(series, period.from_ms, period.to_ms)
        rows, repeated = rows + len(table[series.shape.time]), repeated + _repeated(table, series)
    days = np.array([period.from_ms for period, _ in store.files(series)], dtype=np.int64)
    return Finding(series=series, rows=rows, repeated=repeated, holes=holes_in(days, interval_ms("1d")))


def _repeated(table: Table, series: Series) -> int:
    same = [np.diff(table[name]) == 0 for name in series.shape.key]
    return int(np.logical_and.reduce(same).sum())


def _holes(times: Times, series: Series, table: Table) -> tuple[Hole, ...]:
    if series.shape.barred:
        return holes_in(times, series.step_ms)
    # A charge is stamped some milliseconds late; the hour is what counts.
    hours = table["interval_hours"]
    usual = int(np.nanmax(hours)) if np.isfinite(hours).any() else USUAL_HOURS
    return holes_in(times // interval_ms(_HOUR) * interval_ms(_HOUR), usual * interval_ms(_HOUR))


def _against_the_hour(store: HistoryStore, series: Series) -> tuple[tuple[Contradiction, ...], int]:
    hours = Series(series.market, Kind.KLINES, series.symbol, _HOUR)
    if series == hours or not store.files(hours):
        return (), 0
    mine, hourly = (store.candles(one.symbol, one.interval, market=one.market) for one in (series, hours))
    try:
        if series.step_ms < hours.step_ms:
            return _compared(recorded=hourly, computed=resample(mine, _HOUR))
        return _compared(recorded=mine, computed=resample(hourly, series.interval))
    except DataError:
        # No whole bar to compare.
        return (), 0


def _compared(*, recorded: Candles, computed: Candles) -> tuple[tuple[Contradiction, ...], int]:
    times, one, other = np.intersect1d(recorded.open_time, computed.open_time, assume_unique=True, return_indices=True)
    found: list[Contradiction] = []
    for name in ("open", "high", "low", "close", "volume"):
        told, made = getattr(recorded, name)[one], getattr(computed, name)[other]
        bound = _SAME_VOLUME if name == "volume" else _SAME_PRICE
        for place in np.flatnonzero(np.abs(told - made) > bound * np.maximum(np.abs(told), np.abs(made))):
            found.append(
                Contradiction(
                    open_ms=int(times[place]),
                    column=name,
                    recorded=float(told[place]),
                    computed=float(made[place]),
                )
            )
    return tuple(sorted(found, key=lambda one: one.open_ms)), len(times)
