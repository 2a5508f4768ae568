"""Candle files small enough to read with the eye, and the shared recordings where a machine has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

SHARED = Path(__file__).parents[7] / "shared" / "data"

Row = tuple[int, float, float, float, float, float]
WriteParquet = Callable[[Sequence[Row]], Path]


@pytest.fixture
def write_parquet(tmp_path: Path) -> WriteParquet:
    """Writes bars as a Parquet file in the shared schema."""

    def write(rows: Sequence[Row]) -> Path:
        names = ("open_time", "open", "high", "low", "close", "volume")
        path = tmp_path / f"bars-{len(list(tmp_path.iterdir()))}.parquet"
        pq.write_table(pa.table({name: [row[i] for row in rows] for i, name in enumerate(names)}), path)
        return path

    return write


@pytest.fixture
def shared() -> Path:
    """The folder of real recordings."""
    if not (SHARED / "klines").is_dir():
        pytest.skip("the shared recordings are not on this machine")
    return SHARED
