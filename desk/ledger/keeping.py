"""Copies of a SQLite file that are whole, whoever writes to it meanwhile: SQLite's own backup, checked and then named.

A copy appears under its name only once it is complete and on the disk.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path

from sqlalchemy import Engine

from desk.domain.errors import JournalError
from desk.ledger.database import file_of

_BUSY_SECONDS = 30.0


def copy_file(source: Path, target: Path) -> None:
    """Copy a SQLite database as it stands between two commits.

    Raises:
        JournalError: when it cannot be read, or what was read is damaged; there is no copy then.
    """
    unfinished = target.with_name(f".{target.name}.unfinished")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600))
        with (
            closing(sqlite3.connect(source, timeout=_BUSY_SECONDS)) as reads,
            closing(sqlite3.connect(unfinished)) as writes,
        ):
            reads.backup(writes)
            # The copy stands alone: one file, without the log of a writer beside it.
            writes.execute("PRAGMA journal_mode = DELETE")
            sound = writes.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if sound != "ok":
            raise JournalError(f"{source.name} is damaged: {' '.join(str(sound).split())[:200]}")
        _sync(unfinished)
        unfinished.replace(target)
        _sync(target.parent)
    except sqlite3.Error as error:
        raise JournalError(f"{source.name} cannot be copied: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def copy_beside(engine: Engine, revision: str) -> Path | None:
    """Keep a ledger's file beside itself, under a name that tells its revision; None of a database without a file."""
    file = file_of(engine)
    if file is None:
        return None
    target = next(name for name in _names(file, revision) if not name.exists())
    copy_file(file, target)
    return target


def _names(file: Path, revision: str) -> list[Path]:
    stem = f"{file.stem}-{revision}"
    numbers = count(2)
    return [file.with_name(f"{stem}.bak"), *(file.with_name(f"{stem}-{next(numbers)}.bak") for _ in range(1000))]


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
