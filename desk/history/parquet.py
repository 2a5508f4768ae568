"""One Parquet file of the store: written whole or not at all, every page with its checksum, its sources in its footer.

Provenance lies in the same file as the rows it is about, so the two can never be out of step.
"""

from __future__ import annotations

# pyarrow ships no types; nothing of it leaves this file but numpy arrays.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from desk.domain.errors import DataError
from desk.market.tables import Table, columns_of

_NOTE = b"crewdesk"
_FRESH = "import it or download it again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where rows came from: a file by name and sha256 (empty for the REST interface), for which stretch, and when.

    `from_ms` up to, not including, `to_ms` is what the source speaks for; `at_ms` is when it was read, ms UTC.
    `reissues` counts how often the same name came again with another sum, `changed` the rows that then differed.
    """

    name: str
    sha256: str
    from_ms: int
    to_ms: int
    rows: int
    at_ms: int
    reissues: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What a footer tells without reading a row: counts, the first and last time in ms, bytes, and the sources."""

    rows: int
    first_ms: int
    last_ms: int
    size: int
    sources: tuple[Source, ...]


def write(path: Path, table: Table, sources: Sequence[Source]) -> None:
    """Put a file in place of the one before it, durably. Raises OSError."""
    note = json.dumps([asdict(source) for source in sources])
    arrow = pa.table({name: _arrow(column) for name, column in table.items()}).replace_schema_metadata({_NOTE: note})
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".writing")
    with fresh.open("wb") as file:
        pq.write_table(arrow, file, compression="zstd", write_page_checksum=True)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def read(path: Path) -> Table:
    """All columns, every page held against its checksum. Raises DataError for a damaged file."""
    try:
        return columns_of(pq.ParquetFile(path, page_checksum_verification=True).read(use_threads=False))
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path}: damaged: {error}", hint=_FRESH) from error


def glance(path: Path, time: str) -> Glance:
    """The footer of a file whose rows are in order of `time`. Raises DataError for a damaged one."""
    try:
        footer = pq.read_metadata(path)
        at = footer.schema.names.index(time)
        spans = [footer.row_group(number).column(at).statistics for number in range(footer.num_row_groups)]
        return Glance(
            rows=footer.num_rows,
            first_ms=min(int(span.min) for span in spans),
            last_ms=max(int(span.max) for span in spans),
            size=path.stat().st_size,
            sources=_sources(footer.metadata),
        )
    except (OSError, pa.ArrowException, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: damaged: {error}", hint=_FRESH) from error


def _arrow(column: NDArray[Any]) -> Any:  # noqa: ANN401 - pyarrow ships no types
    """The column by its memory. Asking pyarrow to take it would import pandas, which costs more than the file does."""
    kind = {"i": pa.int64(), "f": pa.float64(), "b": pa.bool_()}[column.dtype.kind]
    raw = np.packbits(column, bitorder="little") if column.dtype.kind == "b" else np.ascontiguousarray(column)
    return pa.Array.from_buffers(kind, len(column), [None, pa.py_buffer(raw)])


def _sources(metadata: Any) -> tuple[Source, ...]:  # noqa: ANN401 - pyarrow ships no types
    return tuple(Source(**row) for row in json.loads(metadata[_NOTE]))
