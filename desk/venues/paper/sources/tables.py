"""Columns of a file as numpy arrays: Parquet, csv, or a zip that holds one csv. What they mean is not asked here."""

from __future__ import annotations

# pyarrow ships no types; nothing of it leaves this file but numpy arrays.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
import io
import zipfile
from collections.abc import Mapping
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
_VISION = (
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


def read_table(path: Path) -> tuple[Table, int]:
    """The file's columns by name, and the number its first row has for a person who opens the file.

    Raises:
        DataError: naming the file, when it cannot be read.
    """
    try:
        if path.suffix == ".parquet":
            return _columns(pq.ParquetFile(path).read(use_threads=False)), 1
        raw = _csv_bytes(path)
        headless = raw[:1].isdigit()
        options = pacsv.ReadOptions(column_names=list(_VISION) if headless else None)
        return _columns(pacsv.read_csv(io.BytesIO(raw), read_options=options)), 1 if headless else 2
    except (OSError, pa.ArrowException, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: cannot be read as a table: {error}") from error


def _columns(table: Any) -> Table:  # noqa: ANN401 - pyarrow ships no types
    names: list[str] = table.column_names
    return {_ALIASES.get(name, name): _array(table.column(name)) for name in names}


def _array(column: Any) -> NDArray[Any]:  # noqa: ANN401 - pyarrow ships no types
    """Numbers by their memory, a missing one as NaN; text as objects. Asking pyarrow itself would import pandas."""
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return np.array(column.to_pylist(), dtype=object)
    if column.null_count:
        column = column.cast(pa.float64()).fill_null(float("nan"))
    return np.from_dlpack(column.combine_chunks())


def _csv_bytes(path: Path) -> bytes:
    if path.suffix != ".zip":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".csv")]
        if len(names) != 1:
            raise DataError(f"{path}: holds {len(names)} csv files, expected one")
        return archive.read(names[0])
