"""The venue's durable memory: one SQLite file, one transaction per save, on the disk before anybody is answered.

Rollback journal with `synchronous=FULL`: after a kill or a power cut the file holds the last save whole, or the one
before it, never a mixture. Only rows that changed are written.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from desk.domain.errors import JournalError
from desk.venues.paper.engine.exchange import Exchange

_SCHEMA = 3
_CLOCK = ("clock", "")


class Store:
    """One venue's file. Not for use by several threads at once."""

    def __init__(self, path: Path) -> None:
        """Open or create the file.

        Raises:
            JournalError: when the file is damaged, in use by another venue, or of a layout this code does not know.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=1)
            self._prepare()
        except sqlite3.Error as error:
            raise JournalError(f"{path} cannot be opened: {error}", hint=_way_out(error)) from error

    def save(self, exchange: Exchange, *, clock_ms: int | None = None) -> int:
        """Write what changed since the last save, and the venue's time; returns how many rows that were.

        Raises:
            JournalError: when it could not be written; the exchange then still counts everything as unsaved.
        """
        rows = list(exchange.changed())
        if clock_ms is not None:
            rows.append((*_CLOCK, str(clock_ms)))
        if rows:
            self._write(rows)
        exchange.note_saved()
        return len(rows)

    def load(self, exchange: Exchange) -> bool:
        """Fill a fresh exchange with what was saved; False when nothing ever was.

        Raises:
            JournalError: when a row is missing, altered or of a symbol no longer listed.
        """
        try:
            found = self._db.execute("SELECT kind, key, body FROM rows WHERE kind <> 'clock' ORDER BY kind, key")
            rows = [(str(kind), str(key), str(body)) for kind, key, body in found]
        except sqlite3.Error as error:
            raise JournalError(f"{self._path} cannot be read: {error}") from error
        exchange.restore(rows)
        return bool(rows)

    def clock_ms(self) -> int | None:
        """The venue's time at the last save that gave one."""
        found = self._db.execute("SELECT body FROM rows WHERE kind = ? AND key = ?", _CLOCK).fetchone()
        return None if found is None else int(found[0])

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode=DELETE")
        self._db.execute("PRAGMA synchronous=FULL")
        # One venue owns the file: the lock is kept, and a second venue is told at once.
        self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
        version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        if version not in (0, _SCHEMA):
            raise JournalError(
                f"{self._path} has layout {version}; this venue knows layout {_SCHEMA}",
                hint="keep it; `crew kickoff --fresh` sets the profile's data aside and starts anew",
            )
        self._db.execute("BEGIN EXCLUSIVE")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS rows "
            "(kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID"
        )
        self._db.execute(f"PRAGMA user_version={_SCHEMA}")
        self._db.execute("COMMIT")

    def _write(self, rows: list[tuple[str, str, str]]) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT OR REPLACE INTO rows (kind, key, body) VALUES (?, ?, ?)", rows)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise JournalError(f"{self._path} cannot be written: {error}") from error


def _way_out(error: sqlite3.Error) -> str:
    """What the reader can do about a file that does not open."""
    # The low byte is SQLite's primary code, the rest tells more of it.
    reason = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if reason in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "is another venue using it?"
    if reason in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return "keep it; `crew kickoff --fresh` sets the profile's data aside and starts anew"
    return "is the disk full, or the folder read-only?"
