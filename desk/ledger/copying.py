"""A whole ledger from one database to another: what `crew db copy` does, and what a backup of a server's ledger is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, MetaData, event

from desk.domain.errors import JournalError
from desk.ledger.columns import Amount, Moment
from desk.ledger.database import engine_of, failing_loud, file_of, reading, sqlite_url
from desk.ledger.keeping import copy_file
from desk.ledger.revisions import MARKS, open_engine
from desk.ledger.tables import METADATA
from desk.ledger.transfer import Moved, Note, move


def copy_ledger(source: str, target: str, note: Note = lambda table, rows: None) -> tuple[Moved, ...]:
    """Copy every row of the ledger at one URL to an empty database at another, and compare all of them.

    Either may be SQLite or PostgreSQL. The source is read as of one moment, whoever writes to it meanwhile; the target
    has all of it in the end, or nothing.

    Raises:
        PrerequisiteError: when the target has rows already, or a URL is not one of ours.
        JournalError: when a database cannot be reached, read or written, or a row differs.
    """
    first, second = open_engine(source), open_engine(target)
    try:
        with failing_loud("copied"), reading(first) as reads, second.begin() as writes:
            return move(reads, writes, METADATA, note)
    finally:
        first.dispose()
        second.dispose()


def keep_copy(engine: Engine, target: Path) -> Path:
    """Keep a ledger of any revision as one SQLite file; a server's is read as of one moment. Raises JournalError."""
    file = file_of(engine)
    if file is not None:
        copy_file(file, target)
        return target
    unfinished = target.with_name(f".{target.name}.rows")
    unfinished.unlink(missing_ok=True)
    written = engine_of(sqlite_url(unfinished))
    try:
        with failing_loud("copied"), reading(engine) as reads, written.begin() as writes:
            tables = MetaData()
            event.listen(tables, "column_reflect", _of_ours)
            tables.reflect(reads, only=lambda name, _: name in METADATA.tables or name in MARKS)
            if not tables.tables:
                raise JournalError("no ledger is there to copy")
            tables.create_all(writes)
            move(reads, writes, tables, lambda table, rows: None)
        written.dispose()
        copy_file(unfinished, target)
    finally:
        written.dispose()
        for left in unfinished.parent.glob(f"{unfinished.name}*"):
            left.unlink()
    return target


def _of_ours(_: object, __: object, column: dict[str, Any]) -> None:
    """A server's own types as those that SQLite keeps exactly."""
    generic = column["type"].as_generic()
    column["type"] = {"Numeric": Amount(), "DateTime": Moment()}.get(type(generic).__name__, generic)
