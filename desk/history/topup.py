"""From the end of the files to now: the bars and charges that no file has yet, over the venue's public side.

The venue's own clock says which bar is finished (`desk.ports.MarketData`); the one still growing never comes here. The
newest bar of the store is asked for again, and one that the venue tells otherwise is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from desk.domain.errors import DataError
from desk.domain.moments import to_ms
from desk.history.kinds import Kind
from desk.history.parquet import Source
from desk.history.series import Series
from desk.history.store import HistoryStore, Kept
from desk.market.tables import Table
from desk.ports import MarketData

# Two weeks of minutes: fourteen requests of weight ten.
MOST_BARS = 20_160
_MOST_CHARGES = 1_000
# A charge is stamped some milliseconds late, and not everywhere by as many.
_JITTER_MS = 60_000
NAME = "REST"


@dataclass(frozen=True, slots=True)
class Topped:
    """What the venue added to one series; `changed` rows were told otherwise than they stand here."""

    series: Series
    added: int
    changed: int


def top_up(series: Series, venue: MarketData, store: HistoryStore, now: datetime) -> Topped:
    """Add what has happened since the newest row.

    Raises:
        DataError: for a series without a row, one that is not topped up, or one whose files end too long ago;
            StaleDataError when the venue's newest bar is old. VenueError.
    """
    last = store.last_ms(series)
    if last is None:
        raise DataError(f"nothing of {series} is here to be continued", hint="crew history download brings its files")
    if series.kind is Kind.KLINES:
        rows = _bars(series, venue, last, now)
    elif series.kind is Kind.FUNDING:
        rows = _charges(series, venue, last)
    else:
        raise DataError(f"{series} comes in files alone")
    times = rows[series.shape.time]
    if not len(times):
        return Topped(series, 0, 0)
    source = Source(name=NAME, sha256="", from_ms=last, to_ms=int(times[-1]) + 1, rows=len(times), at_ms=to_ms(now))
    kept: Kept = store.fill(series, rows, source)
    return Topped(series, kept.added, kept.changed)


def _bars(series: Series, venue: MarketData, last: int, now: datetime) -> Table:
    count = (to_ms(now) - last) // series.step_ms + 1
    if count > MOST_BARS:
        raise DataError(
            f"{series} ends {count:,} bars ago, more than the venue should be asked for",
            hint="crew history download brings them as files",
        )
    bars = [bar for bar in venue.bars(series.symbol, series.interval, max(2, count)) if bar.open_time >= last]
    if not bars or bars[0].open_time != last:
        raise DataError(f"the venue's bars of {series} do not reach back to where the files end")
    told = np.array([(b.open, b.high, b.low, b.close, b.volume) for b in bars], dtype=np.float64).T
    unknown = np.full(len(bars), np.nan)
    return {
        "open_time": np.array([bar.open_time for bar in bars], dtype=np.int64),
        **dict(zip(("open", "high", "low", "close", "volume"), told, strict=True)),
        **dict.fromkeys(("quote_volume", "trades", "taker_base", "taker_quote"), unknown),
    }


def _charges(series: Series, venue: MarketData, last: int) -> Table:
    told = venue.funding(series.symbol, _MOST_CHARGES)
    if to_ms(told[0].at) > last + _JITTER_MS:
        raise DataError(f"the venue's charges of {series} do not reach back to where the files end")
    points = [point for point in told if to_ms(point.at) > last + _JITTER_MS]
    return {
        "funding_time": np.array([to_ms(point.at) for point in points], dtype=np.int64),
        "funding_rate": np.array([point.rate for point in points], dtype=np.float64),
        "interval_hours": np.full(len(points), np.nan),
    }
