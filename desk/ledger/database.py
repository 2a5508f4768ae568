"""Open the ledger's database by URL: SQLite in its own file by default, PostgreSQL where the operator names one."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from desk.domain.errors import JournalError, PrerequisiteError
from desk.ledger.tables import METADATA, SCHEMA_VERSION, VERSION

INSERTS = {"sqlite": sqlite_insert, "postgresql": postgresql_insert}


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{path}"


def open_engine(url: str) -> Engine:
    """A database with the ledger's tables.

    Raises:
        PrerequisiteError: when the URL is not one of ours, or its driver is not installed.
        JournalError: when the database cannot be reached, or holds a ledger of another shape.
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
    with failing_loud("opened"):
        METADATA.create_all(engine)
        with engine.begin() as connection:
            _agree_on_shape(connection)
    return engine


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
    cursor.execute("PRAGMA journal_mode = WAL")
    # A trade that was recorded survives a loss of power: in WAL mode only FULL syncs every commit.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA busy_timeout = 10000")
    cursor.close()


def _agree_on_shape(connection: Connection) -> None:
    statement = INSERTS[connection.dialect.name](SCHEMA_VERSION).values(version=VERSION).on_conflict_do_nothing()
    connection.execute(statement)
    found = sorted(connection.execute(select(SCHEMA_VERSION.c.version)).scalars())
    if found != [VERSION]:
        raise JournalError(f"the ledger has shape {found[-1]}, this program writes {VERSION}", hint="use a new file")
