"""The guard's memory on disk: every row chained to the one before, durable before anything leaves for the venue.

SQLite with a rollback journal and `synchronous=FULL`: a commit that returned survives a power cut. Each row's hash
covers its number, kind, predecessor and body, and a head row is written in the same transaction, so an altered,
missing, added or reordered row does not verify. A small file beside the journal (`.head`) names the newest row: an
older copy put back in its place, or a journal that vanished, is found at the next start. Whatever does not verify is
not opened. An OS lock keeps a second guard away.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from desk.domain.errors import JournalError, PrerequisiteError

GENESIS = "0" * 64
_SCHEMA = """
CREATE TABLE IF NOT EXISTS row (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS head (
    id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL
) STRICT;
"""
_HINT = "The journal is evidence: keep it, move it away, and start again with the account flat."


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: `body` is canonical JSON, `previous` the hash of the row before."""

    seq: int
    kind: str
    body: str
    previous: str
    hash: str


class Journal(Protocol):
    """Where the guard remembers. Raises JournalError when a row may not be durable."""

    def append(self, kind: str, body: str) -> Row:
        """Make a row durable, then return it."""
        ...

    def append_all(self, kind: str, bodies: Sequence[str]) -> tuple[Row, ...]:
        """Make all of these rows durable at once, or none."""
        ...

    def head(self) -> tuple[int, str]:
        """Number and hash of the newest row; (0, GENESIS) when there is none."""
        ...

    def rows(self, after: int = 0, limit: int | None = None) -> Iterator[Row]:
        """Rows with a number above `after`, in order."""
        ...


def row_hash(seq: int, kind: str, body: str, previous: str) -> str:
    """SHA-256 over number, kind, predecessor's hash and body."""
    return hashlib.sha256(f"{seq}\n{kind}\n{previous}\n{body}".encode()).hexdigest()


def _chained(seq: int, previous: str, kind: str, body: str) -> Row:
    """The row that follows row `seq`, whose hash is `previous`."""
    number = seq + 1
    return Row(seq=number, kind=kind, body=body, previous=previous, hash=row_hash(number, kind, body, previous))


class MemoryJournal:
    """A journal for tests and backtests: the same rows and hashes, nothing on disk."""

    def __init__(self, rows: tuple[Row, ...] = ()) -> None:
        self._rows = list(rows)

    def append(self, kind: str, body: str) -> Row:
        """Chain a row."""
        seq, previous = self.head()
        row = _chained(seq, previous, kind, body)
        self._rows.append(row)
        return row

    def append_all(self, kind: str, bodies: Sequence[str]) -> tuple[Row, ...]:
        """Chain rows."""
        return tuple(self.append(kind, body) for body in bodies)

    def head(self) -> tuple[int, str]:
        """Number and hash of the newest row."""
        return (self._rows[-1].seq, self._rows[-1].hash) if self._rows else (0, GENESIS)

    def rows(self, after: int = 0, limit: int | None = None) -> Iterator[Row]:
        """Rows above `after`."""
        return iter(self._rows[after : None if limit is None else after + limit])


class SqliteJournal:
    """The durable journal. One process, one writer; open it with `open_journal`."""

    def __init__(self, path: Path, lock: int, anchor: int) -> None:
        self._path, self._lock, self._anchor = path, lock, anchor
        self._db = _connect(path)
        self._seq, self._hash = _head(self._db)

    def append(self, kind: str, body: str) -> Row:
        """Commit a row with its head. Raises JournalError when the disk refused: nothing may leave on it."""
        return self.append_all(kind, (body,))[0]

    def append_all(self, kind: str, bodies: Sequence[str]) -> tuple[Row, ...]:
        """Commit rows with their head in one transaction. Raises JournalError when the disk refused any of it."""
        rows: list[Row] = []
        seq, previous = self._seq, self._hash
        for body in bodies:
            rows.append(_chained(seq, previous, kind, body))
            seq, previous = rows[-1].seq, rows[-1].hash
        values = [(row.seq, row.kind, row.body, row.previous, row.hash) for row in rows]
        try:
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                self._db.executemany("INSERT INTO row VALUES (?, ?, ?, ?, ?)", values)
                self._db.execute("INSERT OR REPLACE INTO head VALUES (1, ?, ?)", (seq, previous))
        except sqlite3.Error as error:
            raise JournalError(f"the journal cannot be written: {error}", position=self._seq + 1, hint=_HINT) from error
        self._seq, self._hash = seq, previous
        os.pwrite(self._anchor, _anchor_text(seq, previous), 0)
        return tuple(rows)

    def head(self) -> tuple[int, str]:
        """Number and hash of the newest row."""
        return self._seq, self._hash

    def rows(self, after: int = 0, limit: int | None = None) -> Iterator[Row]:
        """Rows above `after`, over a connection of their own, so that any thread may read."""
        return read_rows(self._path, after, limit)

    def close(self) -> None:
        """Close the file and release the lock."""
        self._db.close()
        os.close(self._anchor)
        os.close(self._lock)


def open_journal(path: Path) -> SqliteJournal:
    """Open or create the journal, verify all of it, and lock it for this process.

    Raises:
        PrerequisiteError: another guard holds it.
        JournalError: it is missing where one was, older than it was, torn or altered.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = _take_lock(path)
    try:
        told = _read_anchor(_anchor_path(path))
        fresh = not path.exists()
        if fresh and told is not None:
            raise JournalError(f"{path} is missing: a journal was here", hint=_HINT)
        if not fresh:
            _check(verify(path), told, path)
        anchor = os.open(_anchor_path(path), os.O_RDWR | os.O_CREAT, 0o600)
        journal = SqliteJournal(path, lock, anchor)
        if fresh:
            os.pwrite(anchor, _anchor_text(0, GENESIS), 0)
            os.fsync(anchor)
        return journal
    except BaseException:
        os.close(lock)
        raise


def _take_lock(path: Path) -> int:
    lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise PrerequisiteError(
            f"another guard holds {path.name}", hint="one account, one guard: stop the other first"
        ) from error
    return lock


def _connect(path: Path) -> sqlite3.Connection:
    try:
        db = sqlite3.connect(path, isolation_level=None, timeout=5.0, check_same_thread=False)
        os.chmod(path, 0o600)
        db.execute("PRAGMA journal_mode=DELETE")
        db.execute("PRAGMA synchronous=FULL")
        db.executescript(_SCHEMA)
    except sqlite3.Error as error:
        raise JournalError(f"{path} does not open: {error}", hint=_HINT) from error
    return db


def _head(db: sqlite3.Connection) -> tuple[int, str]:
    found = db.execute("SELECT seq, hash FROM head WHERE id = 1").fetchone()
    return (0, GENESIS) if found is None else (int(found[0]), str(found[1]))


def _anchor_path(path: Path) -> Path:
    return path.with_name(path.name + ".head")


def _anchor_text(seq: int, hash_: str) -> bytes:
    return f"{seq:020d} {hash_}\n".encode()


def _read_anchor(path: Path) -> tuple[int, str] | None:
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise JournalError(f"{path} does not read: {error}", hint=_HINT) from error
    parts = text.split()
    if len(parts) != 2 or not parts[0].isdigit() or len(parts[1]) != len(GENESIS):
        raise JournalError(f"{path} is torn", hint=_HINT)
    return int(parts[0]), parts[1]


def _check(rows: dict[int, str], told: tuple[int, str] | None, path: Path) -> None:
    """The anchor may lag by the row that a kill cut off; it may never be ahead of, or beside, the chain."""
    if told is not None and told[0] > 0 and rows.get(told[0]) != told[1]:
        raise JournalError(f"{path} is not the journal that was written last", position=told[0], hint=_HINT)


def _connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that writes nothing of its own, but may undo a commit that a kill cut off: that needs `mode=rw`."""
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=5.0)
    db.execute("PRAGMA query_only=ON")
    return db


def read_rows(path: Path, after: int = 0, limit: int | None = None) -> Iterator[Row]:
    """Rows of a journal file in order. Raises JournalError when the file does not read."""
    query = "SELECT seq, kind, body, previous, hash FROM row WHERE seq > ? ORDER BY seq LIMIT ?"
    try:
        db = _connect_to_read(path)
        try:
            for seq, kind, body, previous, hash_ in db.execute(query, (after, -1 if limit is None else limit)):
                yield Row(seq=seq, kind=kind, body=body, previous=previous, hash=hash_)
        finally:
            db.close()
    except (sqlite3.Error, ValueError, OverflowError) as error:
        # A damaged file may break SQLite's own words: not every error of it is a sqlite3.Error.
        raise JournalError(f"{path} does not read: {error}", hint=_HINT) from error


def verify(path: Path) -> dict[int, str]:
    """Check every row, the chain and the head; returns the hash of each row by number.

    Raises:
        JournalError: naming the first row that is altered, missing, added or out of order.
    """
    if not path.is_file():
        raise JournalError(f"{path} is missing", hint=_HINT)
    hashes: dict[int, str] = {}
    previous = GENESIS
    for expected, row in enumerate(read_rows(path), start=1):
        if row.seq != expected or row.previous != previous or not _intact(row):
            raise JournalError(f"row {expected} of {path.name} does not verify", position=expected, hint=_HINT)
        hashes[row.seq] = previous = row.hash
    try:
        db = _connect_to_read(path)
        try:
            head = _head(db)
            sound = db.execute("PRAGMA integrity_check").fetchone()[0]
            heads = db.execute("SELECT count(*) FROM head").fetchone()[0]
        finally:
            db.close()
    except (sqlite3.Error, ValueError, OverflowError) as error:
        raise JournalError(f"{path} does not read: {error}", hint=_HINT) from error
    if head != (len(hashes), previous) or heads > 1 or sound != "ok":
        raise JournalError(f"the head of {path.name} does not verify", position=len(hashes) + 1, hint=_HINT)
    return hashes


def _intact(row: Row) -> bool:
    texts = (row.kind, row.body, row.previous, row.hash)
    return all(type(text) is str for text in texts) and row.hash == row_hash(row.seq, row.kind, row.body, row.previous)
