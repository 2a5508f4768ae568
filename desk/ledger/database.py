"""Open the ledger's database by URL: SQLite in its own file by default, PostgreSQL where the operator names one."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, func, make_url, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from desk.domain.errors import JournalError, PrerequisiteError

INSERTS = {"sqlite": sqlite_insert, "postgresql": postgresql_insert}
# Any number that is the same in every program of the desk: "crew" in bytes.
_LOCK = 0x63726577
_PATIENCE_SECONDS, _PAUSE_SECONDS = 10, 0.01


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{path}"


def engine_of(url: str) -> Engine:
    """Connections to a database, whatever it holds.

    Raises:
        PrerequisiteError: when the URL is not one of ours, or its driver is not installed.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() not in INSERTS:
            raise PrerequisiteError(
                "the ledger needs SQLite or PostgreSQL", hint="sqlite:///path or postgresql+psycopg://…"
            )
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, pool_pre_ping=parsed.get_backend_name() != "sqlite")
    except (ArgumentError, NoSuchModuleError) as error:
        # The URL itself may hold a password, so it is not repeated.
        raise PrerequisiteError("the ledger's URL does not read", hint="sqlite:///path") from error
    except ModuleNotFoundError as error:
        raise PrerequisiteError(f"the database driver {error.name} is not installed") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _make_durable)
    return engine


def file_of(engine: Engine) -> Path | None:
    """The file of a SQLite database; None of a server's, or of one in memory."""
    database = engine.url.database
    return Path(database) if engine.dialect.name == "sqlite" and database else None


def insert_new(connection: Connection, table: Table, values: Any) -> int:  # noqa: ANN401  a row, or several
    """Insert rows whose keys are not there yet, and tell how many those were."""
    insert = INSERTS[connection.dialect.name](table).values(values).on_conflict_do_nothing()
    # PostgreSQL's driver would not tell the number otherwise, and -1 reads as true.
    return connection.execute(insert.execution_options(preserve_rowcount=True)).rowcount


@contextmanager
def alone(engine: Engine) -> Generator[Connection]:
    """One transaction that no other program of the desk is in: what changes tables happens whole or not at all."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            yield connection
        return
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        # By itself the driver begins no transaction before a statement that changes tables.
        driver.isolation_level = None
        try:
            with connection.begin():
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection
        finally:
            driver.isolation_level = ""


@contextmanager
def reading(engine: Engine) -> Generator[Connection]:
    """One transaction that sees the database as of one moment and changes nothing."""
    if engine.dialect.name != "sqlite":
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            yield connection
        return
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.isolation_level = None
        try:
            connection.exec_driver_sql("BEGIN")
            yield connection
        finally:
            connection.rollback()
            driver.isolation_level = ""


@contextmanager
def failing_loud(what: str) -> Generator[None]:
    """Any trouble of the database as a JournalError that names no value and no URL."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or type(error).__name__
        raise JournalError(f"the ledger could not be {what}: {cause}") from error


def _make_durable(connection: Any, _: object) -> None:  # noqa: ANN401  the driver's connection
    cursor = connection.cursor()
    _switch_to_wal(cursor)
    # A trade that was recorded survives a loss of power: in WAL mode only FULL syncs every commit.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE_SECONDS * 1000}")
    cursor.close()


def _switch_to_wal(cursor: Any) -> None:  # noqa: ANN401  the driver's cursor
    """Have a file in WAL mode that another program may be switching, or writing, at this very moment.

    SQLite refuses the switch of a file that is being written at once, without the patience that it has elsewhere.
    """
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() >= until:
                raise
        time.sleep(_PAUSE_SECONDS)
