"""The audit database: one SQLite file whose schema is known to the letter and whose commits are durable.

A rollback journal, not a write-ahead log: the file alone is the whole truth, so it can be copied, checked byte by byte
and read by other processes. `TRUNCATE` with `synchronous=FULL` syncs the journal's end too, so a commit that returned
survives a loss of power.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from desk.domain.errors import JournalError, PrerequisiteError, UnwritableError

APPLICATION_ID = 0x41554454
BUSY_SECONDS = 30.0
# What SQLite and its driver raise on a damaged file; a text that is no longer text is a ValueError.
DAMAGE = (sqlite3.Error, ValueError, OverflowError)

_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)

SCHEMA = {
    "blobs": "CREATE TABLE blobs (digest TEXT PRIMARY KEY NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL) STRICT",
    "head": (
        "CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL) STRICT"
    ),
    "rows": (
        "CREATE TABLE rows (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, decision_id TEXT NOT NULL, "
        "kind TEXT NOT NULL, agent TEXT NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL) STRICT"
    ),
    "snapshots": "CREATE TABLE snapshots (digest TEXT PRIMARY KEY NOT NULL, parts BLOB NOT NULL) STRICT",
    "rows_by_decision": "CREATE INDEX rows_by_decision ON rows (decision_id)",
    "runs": "CREATE INDEX runs ON rows (seq) WHERE kind = 'run'",
    "intents": "CREATE INDEX intents ON rows (json_extract(body, '$.intent_id')) WHERE kind = 'intent'",
}


def connect(path: Path, *, create: bool, genesis: str) -> sqlite3.Connection:
    """Open the database, and make it when `create` allows.

    Raises:
        PrerequisiteError: when there is no log and none may be made.
        JournalError: when the file is not an audit log.
    """
    if not create and not path.exists():
        raise PrerequisiteError(f"there is no audit log at {path}", hint="run `crew kickoff` first")
    try:
        if create:
            _touch_private(path)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS)
    except (sqlite3.Error, OSError) as error:
        hint = "is the folder writable, and the disk not full?"
        raise UnwritableError(f"the audit log {path} cannot be opened: {error}", hint=hint) from None
    try:
        _prepare(connection, path, genesis)
    except DAMAGE as error:
        connection.close()
        raise JournalError(
            f"{path} is not a readable audit log: {error}",
            hint="keep it as evidence; `crew kickoff --fresh` sets it aside and starts anew",
        ) from None
    except JournalError:
        connection.close()
        raise
    return connection


def schema_of(connection: sqlite3.Connection) -> dict[str, str]:
    """Every object of the database with the text that made it; SQLite's own indexes have none and are left out."""
    return dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """One durable step: all of it, or nothing. Raises JournalError when SQLite cannot keep it."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise _unkept(error) from None


def _unkept(error: sqlite3.Error) -> JournalError:
    """Why a step was not kept: for want of room or of permission, or because the file is damaged."""
    message = f"the audit log could not be written: {error}"
    # The low byte is SQLite's primary code, the rest tells more of it.
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NO_ROOM:
        return UnwritableError(message, hint="free some space, or make the folder writable; what was kept is safe")
    return JournalError(message)


def _prepare(connection: sqlite3.Connection, path: Path, genesis: str) -> None:
    connection.execute("PRAGMA journal_mode = TRUNCATE")
    connection.execute("PRAGMA synchronous = FULL")
    if schema_of(connection):
        _refuse_strangers(connection)
        return
    with writing(connection):
        # Another process may have made the tables while this one waited for the lock.
        if not schema_of(connection):
            if path.stat().st_size:
                raise JournalError("the file has lost its tables", hint="restore it from a copy; do not write to it")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            for statement in SCHEMA.values():
                connection.execute(statement)
            connection.execute("INSERT INTO head VALUES (1, 0, ?)", (genesis,))


def _refuse_strangers(connection: sqlite3.Connection) -> None:
    if schema_of(connection) != SCHEMA:
        raise JournalError("the file holds other tables than an audit log has", hint="was the right file named?")


def _touch_private(path: Path) -> None:
    """Prompts hold account figures, so the file is the owner's alone from its first byte."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
