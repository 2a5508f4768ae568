"""The rows of one recording, strictly: every column typed, every row possible, each key once and in order, or refused.

Binance's own quirks are met here and nowhere else: files with and without a header, microseconds in spot files since
2025, times as text in bookDepth, rows told twice. A row told twice in the same words is dropped and counted; one that
contradicts another spoils the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desk.domain.errors import DataError
from desk.history.kinds import MAY_LACK, Kind
from desk.history.periods import Period
from desk.history.series import Series
from desk.market.tables import Table, milliseconds, read_table, refuse, refuse_bars

_PRICES = ("open", "high", "low", "close")


@dataclass(frozen=True, slots=True)
class Rows:
    """Checked columns in order of time, and how many rows of the file were told a second time."""

    table: Table
    repeated: int = 0


def read_rows(path: Path, series: Series, period: Period | None = None) -> Rows:
    """The rows of a zip, csv or Parquet file of this series; all of `period` when one is given.

    Raises:
        DataError: naming file and row, when a column is missing or a row cannot be.
    """
    shape = series.shape
    told, first_row = read_table(path, shape.headless)
    named = {shape.aliases.get(name, name): column for name, column in told.items()}
    if not len(next(iter(named.values()), np.empty(0))):
        raise DataError(f"{path}: holds no row")
    table = {name: _column(named, name, kind, path) for name, kind in shape.columns.items()}
    table[shape.time] = milliseconds(table[shape.time])
    _refuse_impossible(table, series, path, first_row)
    if period is not None:
        outside = (table[shape.time] < period.from_ms) | (table[shape.time] >= period.to_ms)
        refuse(outside, f"outside of {period}", path, first_row)
    return _each_once(table, shape.key, path, first_row)


def _column(named: Table, name: str, kind: str, path: Path) -> NDArray[Any]:
    column = named.get(name)
    if column is None:
        if name in MAY_LACK:
            return np.full(len(next(iter(named.values()))), np.nan)
        raise DataError(f"{path}: no column {name}", hint=f"it has {', '.join(named)[:200]}")
    if kind == "i8" and column.dtype.kind not in "iu":
        raise DataError(f"{path}: column {name} holds what is not a whole number in every row")
    if kind == "?" and column.dtype.kind != "b":
        raise DataError(f"{path}: column {name} holds what is neither true nor false")
    try:
        return column.astype(kind)
    except (ValueError, TypeError) as error:
        raise DataError(f"{path}: column {name} holds what is not a number: {error}") from error


def _refuse_impossible(table: Table, series: Series, path: Path, first_row: int) -> None:
    if series.shape.barred:
        prices = _PRICES if series.kind is Kind.MARK else (*_PRICES, "volume")
        refuse_bars({name: table[name] for name in prices}, path, first_row)
        refuse(table["open_time"] % series.step_ms != 0, "the bar does not start on its interval", path, first_row)
    for name, column in table.items():
        if column.dtype.kind == "f" and name not in MAY_LACK:
            refuse(~np.isfinite(column), f"{name} is not a number", path, first_row)
    if series.kind is Kind.AGGTRADES:
        refuse((table["price"] <= 0) | (table["quantity"] <= 0), "price or quantity not above zero", path, first_row)
    refuse(table[series.shape.time] <= 0, "a time before 1970", path, first_row)


def _each_once(table: Table, key: tuple[str, ...], path: Path, first_row: int) -> Rows:
    order = np.lexsort([table[name] for name in reversed(key)])
    ordered = {name: column[order] for name, column in table.items()}
    again = np.logical_and.reduce([_as_before(ordered[name]) for name in key])
    other = again & ~np.logical_and.reduce([_as_before(column) for column in ordered.values()])
    if other.any():
        row = int(order[np.flatnonzero(other)[0]]) + first_row
        raise DataError(f"{path}: row {row}: contradicts another row of the same {' and '.join(key)}")
    return Rows({name: column[~again] for name, column in ordered.items()}, int(again.sum()))


def _as_before(column: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether each value is that of the row before it; two unknowns are the same."""
    same = np.zeros(len(column), dtype=np.bool_)
    same[1:] = column[1:] == column[:-1]
    if column.dtype.kind == "f":
        same[1:] |= np.isnan(column[1:]) & np.isnan(column[:-1])
    return same
