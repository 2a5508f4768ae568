"""Where access is kept: one small SQLite file, its owner's alone, that outlives restarts.

Full syncs: a lockout that was decided is a lockout after a loss of power. Sessions stand here too, so that a restart of
the server logs nobody out and forgets no logout.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from desk.domain.errors import PrerequisiteError

_TABLES = """
CREATE TABLE IF NOT EXISTS people (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, secret TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS sessions (
    digest TEXT PRIMARY KEY, name TEXT NOT NULL, csrf TEXT NOT NULL, began REAL NOT NULL, seen REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS tokens (
    name TEXT PRIMARY KEY, digest TEXT NOT NULL UNIQUE, scope TEXT NOT NULL, made REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS guesses (
    who TEXT PRIMARY KEY, failures INTEGER NOT NULL, since REAL NOT NULL, not_before REAL NOT NULL,
    locks INTEGER NOT NULL) STRICT;
"""


class AccessStore:
    """The file, opened. Threads may share it; `crew console` in another process may write it meanwhile."""

    def __init__(self, path: Path) -> None:
        """Open or make it. Raises PrerequisiteError when it cannot be kept."""
        self._lock = RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(_TABLES)
        except (sqlite3.Error, OSError) as error:
            raise PrerequisiteError(f"who may log in cannot be kept in {path}: {error}") from None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One step that nobody else's step comes between: all of it, or nothing."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def row(self, query: str, *values: object) -> tuple[object, ...] | None:
        """The first row of a query, or None."""
        with self._lock:
            found = self._connection.execute(query, values).fetchone()
        return tuple(found) if found else None

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Every row of a query."""
        with self._lock:
            return [tuple(row) for row in self._connection.execute(query, values)]
