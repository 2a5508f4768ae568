"""What the store holds, from the footers of its files alone: years of minutes are told in a blink."""

from __future__ import annotations

from dataclasses import dataclass

from desk.history.series import Series
from desk.history.store import HistoryStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One series: rows, first and last time in ms UTC, bars missing between them (None for what has no grid).

    `files` and `size` in bytes are its Parquet files, `sources` what they were made of, `reissues` how many of those
    came again with other contents.
    """

    series: Series
    rows: int
    first_ms: int
    last_ms: int
    missing: int | None
    files: int
    size: int
    sources: int
    reissues: int


def holdings(store: HistoryStore) -> tuple[Holding, ...]:
    """Every series of the store, in order. Raises DataError for a damaged file."""
    return tuple(_holding(store, series) for series in store.series())


def _holding(store: HistoryStore, series: Series) -> Holding:
    glances = store.glances(series)
    rows = sum(one.rows for one in glances)
    first, last = glances[0].first_ms, glances[-1].last_ms
    sources = {source.name: source for one in glances for source in one.sources}
    return Holding(
        series=series,
        rows=rows,
        first_ms=first,
        last_ms=last,
        missing=(last - first) // series.step_ms + 1 - rows if series.shape.barred else None,
        files=len(glances),
        size=sum(one.size for one in glances),
        sources=len(sources),
        reissues=sum(source.reissues for source in sources.values()),
    )
