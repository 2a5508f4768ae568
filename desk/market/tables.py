"""Columns of a file as numpy arrays: Parquet, csv, or a zip that holds one csv; and the row that spoils one, by number.

What the columns mean is not asked here. A csv without a header is read under the names it is told; times written as
text become milliseconds, and `true`, `True` and `TRUE` are all true.
"""

from __future__ import annotations

# pyarrow ships no types; nothing of it leaves this file but numpy arrays.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from desk.domain.errors import DataError

Table = Mapping[str, NDArray[Any]]

# Columns of Binance Vision's kline files, which had no header before 2022, in the names used here.
VISION_BARS = (
    *("open_time", "open", "high", "low", "close", "volume"),
    *("close_time", "quote_volume", "trades", "taker_base", "taker_quote", "ignore"),
)
_ALIASES = {
    "count": "trades",
    "number_of_trades": "trades",
    "quote_asset_volume": "quote_volume",
    "taker_buy_volume": "taker_base",
    "taker_buy_quote_volume": "taker_quote",
}
_MICROSECONDS_FROM = 10**13
# A day of the busiest symbol's trades is a tenth of this. What unpacks to more was made to fill a memory.
_LARGEST_CSV = 4 * 1024**3


def read_table(path: Path, headless: Sequence[str] = VISION_BARS) -> tuple[Table, int]:
    """The file's columns by name, and the number its first row has for a person who opens the file.

    `headless` names the columns of a csv that begins with a digit.

    Raises:
        DataError: naming the file, when it cannot be read.
    """
    try:
        if path.suffix == ".parquet":
            return columns_of(pq.ParquetFile(path).read(use_threads=False)), 1
        raw = _csv_bytes(path)
        bare = raw[:1].isdigit()
        # Some files have fewer columns than others of their kind, always the last ones.
        names = list(headless)[: raw.partition(b"\n")[0].count(b",") + 1]
        options = pacsv.ReadOptions(column_names=names if bare else None, use_threads=False)
        return columns_of(pacsv.read_csv(io.BytesIO(raw), read_options=options)), 1 if bare else 2
    except (OSError, pa.ArrowException, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise DataError(f"{path}: cannot be read as a table: {error}") from error


def columns_of(table: Any) -> Table:  # noqa: ANN401 - pyarrow ships no types
    """The columns of one of pyarrow's tables, under the names used here."""
    names: list[str] = table.column_names
    return {_ALIASES.get(name, name): _array(table.column(name)) for name in names}


def milliseconds(times: NDArray[np.int64]) -> NDArray[np.int64]:
    """Times in ms, where 10^13 and more are microseconds: Binance's spot files since 2025."""
    return np.where(times >= _MICROSECONDS_FROM, times // 1_000, times)


def refuse(bad: NDArray[np.bool_], what: str, path: Path, first_row: int) -> None:
    """Refuse a file for its first bad row. Raises DataError with the file, the row and what is wrong with it."""
    places = np.flatnonzero(bad)
    if len(places):
        more = f" (and {len(places) - 1} more)" if len(places) > 1 else ""
        raise DataError(f"{path}: row {int(places[0]) + first_row}: {what}{more}")


def refuse_bars(values: Table, path: Path, first_row: int) -> None:
    """Refuse rows that cannot be bars: open, high, low and close, and volume where there is one."""
    for name, column in values.items():
        refuse(~np.isfinite(column), f"{name} is not a number", path, first_row)
    refuse(values["low"] <= 0, "a price that is not above zero", path, first_row)
    refuse(values["high"] < values["low"], "high below low", path, first_row)
    for name in ("open", "close"):
        outside = (values[name] > values["high"]) | (values[name] < values["low"])
        refuse(outside, f"{name} outside low and high", path, first_row)
    if "volume" in values:
        refuse(values["volume"] < 0, "a volume below zero", path, first_row)


def _array(column: Any) -> NDArray[Any]:  # noqa: ANN401 - pyarrow ships no types
    """Numbers by their memory, a missing one as NaN; text as objects. Asking pyarrow itself would import pandas."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("ms")).cast(pa.int64())
    if pa.types.is_boolean(column.type) and not column.null_count:
        return np.array(column.to_pylist(), dtype=np.bool_)
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return np.array(column.to_pylist(), dtype=object)
    if column.null_count:
        column = column.cast(pa.float64()).fill_null(float("nan"))
    return np.from_dlpack(column.combine_chunks())


def _csv_bytes(path: Path) -> bytes:
    if path.suffix != ".zip":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        found = [entry for entry in archive.infolist() if entry.filename.endswith(".csv")]
        if len(found) != 1:
            raise DataError(f"{path}: holds {len(found)} csv files, expected one")
        if found[0].file_size > _LARGEST_CSV:
            raise DataError(f"{path}: unpacks to {found[0].file_size:,} bytes, more than any recording has")
        return archive.read(found[0])
