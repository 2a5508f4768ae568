"""Rows that are here and rows that came: the new take their place or fill their gaps, and what differs is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desk.history.parquet import Source
from desk.history.series import Series
from desk.market.tables import Table


@dataclass(frozen=True, slots=True)
class Joined:
    """What is to stand here now; how many rows are new, and how many stood otherwise or are no more."""

    table: Table
    added: int
    changed: int


def replaced(old: Table, new: Table, series: Series, source: Source) -> Joined:
    """The new rows in place of everything in the stretch that their source speaks for."""
    time = old[series.shape.time]
    before, after = _rows(old, time < source.from_ms), _rows(old, time >= source.to_ms)
    gone = _rows(old, (time >= source.from_ms) & (time < source.to_ms))
    shared = _shared(gone, new, series)
    differing = int((~_same(gone, new, *shared)).sum()) + len(gone[series.shape.time]) - len(shared[0])
    table = {name: np.concatenate([before[name], new[name], after[name]]) for name in new}
    return Joined(table, len(new[series.shape.time]) - len(shared[0]), differing)


def filled(old: Table, new: Table, series: Series, source: Source) -> Joined:
    """The new rows where there are none yet. What differs is counted and stays as it was."""
    mine, theirs = _shared(old, new, series)
    fresh = np.ones(len(new[series.shape.time]), dtype=np.bool_)
    fresh[theirs] = False
    table = {name: np.concatenate([old[name], new[name][fresh]]) for name in new}
    order = np.lexsort([table[name] for name in reversed(series.shape.key)])
    differing = int((~_same(old, new, mine, theirs)).sum())
    return Joined({name: column[order] for name, column in table.items()}, int(fresh.sum()), differing)


def _rows(table: Table, kept: NDArray[np.bool_]) -> Table:
    """The rows of a table that are kept."""
    return {name: column[kept] for name, column in table.items()}


def _shared(old: Table, new: Table, series: Series) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where both have the same key: the places in the old and in the new rows."""
    keys = [_keys(table, series.shape.key) for table in (old, new)]
    _, mine, theirs = np.intersect1d(keys[0], keys[1], assume_unique=True, return_indices=True)
    return mine, theirs


def _keys(table: Table, key: tuple[str, ...]) -> NDArray[Any]:
    if len(key) == 1:
        return table[key[0]]
    rows = np.empty(len(table[key[0]]), dtype=[(name, table[name].dtype) for name in key])
    for name in key:
        rows[name] = table[name]
    return rows


def _same(old: Table, new: Table, mine: NDArray[np.intp], theirs: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether rows agree in everything that both tell; what either does not know contradicts nothing."""
    agree = np.ones(len(mine), dtype=np.bool_)
    for name in new:
        one, other = old[name][mine], new[name][theirs]
        unknown = np.isnan(one) | np.isnan(other) if one.dtype.kind == "f" else False
        agree &= (one == other) | unknown
    return agree


def sources_with(known: Sequence[Source], mine: Source, *, supersedes: bool) -> tuple[Source, ...]:
    """The sources after this one: of the same name there is one, and of a stretch that was replaced none."""
    before = next((one for one in known if one.name == mine.name), None)
    if before is not None:
        mine = replace(
            mine,
            from_ms=min(before.from_ms, mine.from_ms),
            to_ms=max(before.to_ms, mine.to_ms),
            reissues=before.reissues + (before.sha256 != mine.sha256),
            changed=before.changed + mine.changed,
        )
    inside = [one for one in known if supersedes and mine.from_ms <= one.from_ms and one.to_ms <= mine.to_ms]
    return (*(one for one in known if one.name != mine.name and one not in inside), mine)
