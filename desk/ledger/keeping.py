"""Copies of a SQLite file that are whole, whoever writes to it meanwhile: SQLite's own backup, checked and then named.

A file that one program holds for itself (the paper exchange does) is read twice until nothing moved in between. A copy
appears under its name only once it is complete and on the disk.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from itertools import count
from pathlib import Path

from sqlalchemy import Engine

from desk.domain.errors import JournalError
from desk.ledger.database import file_of

# Commits of the desk are short: who is locked out longer stands before a file that is held for good.
_BUSY_SECONDS = 5.0
_READINGS = 200
_PAUSE_SECONDS = 0.02
# A rollback journal begins with these bytes while its transaction is open, and with zeros, or nothing, after it.
_HOT = bytes.fromhex("d9d505f920a163d7")


def copy_file(source: Path, target: Path) -> None:
    """Copy a SQLite database as it stands between two commits.

    Raises:
        JournalError: when it cannot be read, or what was read is damaged; there is no copy then.
    """
    unfinished = target.with_name(f".{target.name}.unfinished")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600))
        if not _backed_up(source, unfinished):
            unfinished.write_bytes(_steady(source))
        with closing(sqlite3.connect(unfinished)) as copy:
            # The copy stands alone: one file, without the log of a writer beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
            sound = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if sound != "ok":
            raise JournalError(f"{source.name} is damaged: {' '.join(str(sound).split())[:200]}")
        _sync(unfinished)
        unfinished.replace(target)
        _sync(target.parent)
    except sqlite3.Error as error:
        raise JournalError(f"{source.name} cannot be copied: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _backed_up(source: Path, target: Path) -> bool:
    """Whether SQLite's own backup could be made; not, where another program holds the file for itself."""
    with closing(sqlite3.connect(source, timeout=_BUSY_SECONDS)) as reads, closing(sqlite3.connect(target)) as writes:
        try:
            # The backup itself would wait without end for a lock that it cannot have.
            reads.execute("BEGIN")
            reads.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            return False
        reads.backup(writes)
    return True


def _steady(source: Path) -> bytes:
    """The bytes of a held file between two of its commits: the same twice, with no transaction open either time.

    Raises:
        JournalError: when it never stands still.
    """
    before: bytes | None = None
    for _ in range(_READINGS):
        now = None if _in_transaction(source) else source.read_bytes()
        if now is not None and now == before and not _in_transaction(source):
            return now
        before = now
        time.sleep(_PAUSE_SECONDS)
    raise JournalError(f"{source.name} is written without a pause", hint="stop the desk, or try again later")


def _in_transaction(source: Path) -> bool:
    """Whether a writer is between the first and the last page of a change."""
    journal = source.with_name(f"{source.name}-journal")
    try:
        with journal.open("rb") as rows:
            return rows.read(len(_HOT)) == _HOT
    except FileNotFoundError:
        return False


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
