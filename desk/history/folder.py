"""Recordings that lie in a folder already, into the store: Vision's zips, and Parquet named for what is in it.

    BTCUSDT-1m-2024-08.zip                          as Binance Vision calls it
    BTCUSDT-15m-um-20230101-20250603.parquet        symbol, interval, market, from, to
    BTCUSDT-1h-um-mark-20191223-20250603.parquet    the same of the mark price; `funding` likewise

What is in the store already stays: a file fills gaps, and rows that it tells otherwise are counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from desk.domain.errors import DataError, PrerequisiteError
from desk.domain.moments import to_ms
from desk.history.kinds import SHAPES, Kind, Market
from desk.history.parquet import Source
from desk.history.rows import read_rows
from desk.history.series import Series
from desk.history.store import HistoryStore
from desk.history.vision import sha256_of

_ENDINGS = frozenset({".zip", ".csv", ".parquet"})
_SYMBOL = r"(?P<symbol>[A-Z0-9]{2,20}(?:_\d{6})?)"
_OURS = re.compile(
    rf"{_SYMBOL}-(?P<interval>\d+[mhdw])-(?P<market>um|spot)(?:-(?P<kind>mark|funding))?-\d{{8}}-\d{{8}}"
)
_THEIRS = re.compile(rf"(?:futures-|spot-)?{_SYMBOL}-(?P<middle>[A-Za-z0-9]+)-\d{{4}}-\d{{2}}(?:-\d{{2}})?")
_FOLDERS = {shape.folder: kind for kind, shape in SHAPES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of one file: its series, rows added, rows it tells otherwise, or why it was left alone."""

    path: Path
    series: Series | None = None
    rows: int = 0
    added: int = 0
    changed: int = 0
    trouble: str = ""


def recordings(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Every file among these, and below those that are folders, that may be a recording. Raises PrerequisiteError."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise PrerequisiteError(f"{path}: no such file or folder")
        inside = path.rglob("*") if path.is_dir() else (path,)
        found += sorted(one for one in inside if one.suffix in _ENDINGS and one.is_file())
    return tuple(dict.fromkeys(found))


def import_files(
    paths: Sequence[Path], store: HistoryStore, now: datetime, done: Callable[[Imported], None]
) -> tuple[Imported, ...]:
    """Read each into the store. One that cannot be read is told and left alone. Raises OSError for a full disk."""
    told: list[Imported] = []
    with store.writing():
        for path in paths:
            told.append(_import(path, store, now))
            done(told[-1])
    return tuple(told)


def series_of(path: Path) -> Series:
    """What a file's name, and for Vision's the folders it lies in, say is in it. Raises DataError when they do not."""
    ours = _OURS.fullmatch(path.stem)
    if ours is not None:
        kind = Kind(ours["kind"] or Kind.KLINES)
        return Series(Market(ours["market"]), kind, ours["symbol"], ours["interval"] if SHAPES[kind].barred else "")
    theirs = _THEIRS.fullmatch(path.stem)
    if theirs is None:
        raise DataError("its name does not say what is in it", hint="SYMBOL-INTERVAL-um-FROM-TO.parquet")
    market = Market.SPOT if "spot" in path.parts or path.stem.startswith("spot-") else Market.UM
    kind = _FOLDERS.get(theirs["middle"])
    if kind is not None:
        return Series(market, kind, theirs["symbol"])
    barred = next((_FOLDERS[part] for part in path.parts if part in _FOLDERS), Kind.KLINES)
    return Series(market, barred, theirs["symbol"], theirs["middle"])


def _import(path: Path, store: HistoryStore, now: datetime) -> Imported:
    try:
        series = series_of(path)
        table = read_rows(path, series).table
    except DataError as error:
        return Imported(path=path, trouble=error.message)
    times = table[series.shape.time]
    source = Source(
        name=path.name,
        sha256=sha256_of(path),
        from_ms=int(times[0]),
        to_ms=int(times[-1]) + 1,
        rows=len(times),
        at_ms=to_ms(now),
    )
    kept = store.fill(series, table, source)
    return Imported(path=path, series=series, rows=len(times), added=kept.added, changed=kept.changed)
