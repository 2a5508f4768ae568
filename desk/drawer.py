"""A small SQLite file that several processes share: every step is all or nothing, and durable when it returns.

For what must survive a kill and is neither money nor evidence: which slots were claimed, which alerts wait to be sent.
Money is in the guard's journal, evidence in the audit log, and both are chained; this is not.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from desk.domain.errors import JournalError, PrerequisiteError, UnwritableError

_BUSY_SECONDS = 10.0


class Drawer:
    """The file, opened. Threads may share it; other processes may read and write it meanwhile. Close it after use."""

    def __init__(self, path: Path, tables: str) -> None:
        """Open or make it with these tables. Raises PrerequisiteError when it cannot be kept."""
        self._lock, self._name = RLock(), path.name
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS
            )
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(tables)
        except (sqlite3.Error, OSError) as error:
            raise PrerequisiteError(f"{path} cannot be kept: {error}", hint="is the folder writable?") from None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """One step that nobody else's step comes between: all of it, or nothing. Raises UnwritableError."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                except BaseException:
                    self._connection.execute("ROLLBACK")
                    raise
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._undo()
                raise UnwritableError(f"{self._name} cannot be written: {error}", hint="is the disk full?") from None

    def rows(self, query: str, *values: object) -> Sequence[Sequence[Any]]:
        """Every row of a query. Raises JournalError when the file cannot be read."""
        with self._lock:
            try:
                return [tuple(row) for row in self._connection.execute(query, values)]
            except sqlite3.Error as error:
                raise JournalError(f"{self._name} cannot be read: {error}") from None

    def row(self, query: str, *values: object) -> Sequence[Any] | None:
        """The first row of a query, or None. Raises JournalError."""
        return next(iter(self.rows(query, *values)), None)

    def _undo(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
