"""The ledger's tables change by revisions, up and down, with every row kept, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from threading import Thread, Timer
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Table, inspect, make_url, select, text

from desk.domain.errors import DeskError, JournalError, PrerequisiteError
from desk.ledger import UNCERTIFIED, Ledger, sqlite_url
from desk.ledger import revisions as rooms
from desk.ledger.copying import copy_ledger, keep_copy
from desk.ledger.database import alone, engine_of
from desk.ledger.revisions import HEAD, MARK, REVISIONS, UNMARKED, standing, walk_to
from desk.ledger.tables import EQUITY, METADATA, TRADES
from tests.postgres_server import PostgresServer

# What the program of before revisions wrote: three rows in every table.
OLD = (Path(__file__).parent / "store_0001.sql").read_text()
Rows = dict[str, list[dict[str, Any]]]


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = engine_of(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def rows_of(url: str) -> Rows:
    """Every row of every table; a column that is not there yet holds nothing."""
    with connected(url) as connection:
        return {name: list(_rows(connection, table)) for name, table in METADATA.tables.items()}


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    there = {one["name"] for one in inspect(connection).get_columns(table.name)}
    query = select(*(column for column in table.columns if column.name in there)).order_by(*table.primary_key)
    for row in connection.execute(query).mappings():
        yield {**dict.fromkeys(table.columns.keys()), **row}


def old_file(path: Path) -> str:
    """A file of the time before revisions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(OLD)
    return sqlite_url(path)


@pytest.fixture
def filled(url: str, tmp_path: Path) -> str:
    """A ledger of today, on either database, with the old rows in it."""
    copy_ledger(old_file(tmp_path / "old.sqlite"), url)
    return url


def down(url: str, tmp_path: Path) -> None:
    assert walk_to(url, "0001", keep=lambda engine, found: keep_copy(engine, tmp_path / f"before-{found}.sqlite"))


def shape(url: str) -> set[str]:
    """Every index of the ledger's tables, and every table."""
    with connected(url) as connection:
        seen = inspect(connection)
        tables = set(seen.get_table_names()) - {MARK.name}
        return tables | {f"{table}.{one['name']}" for table in tables for one in seen.get_indexes(table)}


def test_the_numbers_known_here_are_the_files_that_are_there() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(rooms.__file__).parent / "migrations"))
    found = [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(found)) == REVISIONS


def test_todays_tables_are_what_the_revisions_come_to(url: str) -> None:
    engine = engine_of(url)
    with alone(engine) as connection:
        rooms._walk(connection, UNMARKED, HEAD)
        context = MigrationContext.configure(connection, opts={"compare_type": True, "version_table": MARK.name})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()
    Ledger(url).close()
    assert standing(url).current


def test_a_file_of_before_revisions_is_brought_up_with_every_row_and_a_copy_beside_it(tmp_path: Path) -> None:
    url = old_file(tmp_path / "ledger.sqlite")
    before = rows_of(url)
    assert standing(url).found == UNMARKED
    Ledger(url).close()
    assert standing(url).current
    assert rows_of(url) == before
    assert all(len(rows) == 3 for rows in before.values())
    copy = sqlite_url(tmp_path / "ledger-unmarked.bak")
    assert (standing(copy).found, rows_of(copy)) == (UNMARKED, before)


def test_down_and_up_again_keeps_every_row(filled: str, tmp_path: Path) -> None:
    before, today = rows_of(filled), shape(filled)
    down(filled, tmp_path)
    assert standing(filled).found == "0001"
    assert "signals.signals_by_time" in today - shape(filled)
    assert rows_of(filled) == before
    assert walk_to(filled, HEAD, keep=lambda engine, found: keep_copy(engine, tmp_path / f"before-{found}.sqlite"))
    assert (rows_of(filled), shape(filled)) == (before, today)


def test_what_a_trade_was_opened_under_is_not_known_of_older_ones_and_goes_on_the_way_down_alone(
    filled: str, tmp_path: Path
) -> None:
    assert {(row["strategy"], row["certificate"]) for row in rows_of(filled)["trades"]} == {(None, None)}
    with connected(filled) as connection:
        connection.execute(TRADES.update().values(strategy="crew", certificate=UNCERTIFIED))
    kept = tmp_path / "kept.sqlite"
    walk_to(filled, "0002", keep=lambda engine, found: keep_copy(engine, kept))
    below, copied = rows_of(filled)["trades"], rows_of(sqlite_url(kept))["trades"]
    assert [row["pnl"] for row in below] == [row["pnl"] for row in copied]
    assert {row["strategy"] for row in below} == {None}
    assert {row["strategy"] for row in copied} == {"crew"}


def test_what_came_in_is_not_known_of_older_points_and_goes_on_the_way_down_alone(filled: str, tmp_path: Path) -> None:
    assert {row["transfers"] for row in rows_of(filled)["equity"]} == {None}
    with connected(filled) as connection:
        connection.execute(EQUITY.update().values(transfers=Decimal("-5000.25")))
    kept = tmp_path / "kept.sqlite"
    walk_to(filled, "0003", keep=lambda engine, found: keep_copy(engine, kept))
    below, copied = rows_of(filled)["equity"], rows_of(sqlite_url(kept))["equity"]
    assert below == [{**row, "transfers": None} for row in copied]
    assert {row["transfers"] for row in copied} == {Decimal("-5000.25")}
    walk_to(filled, HEAD, keep=lambda engine, found: None)
    assert rows_of(filled)["equity"] == below


def test_what_came_in_is_copied_from_one_database_to_the_other(url: str, tmp_path: Path) -> None:
    here = old_file(tmp_path / "here.sqlite")
    Ledger(here).close()
    with connected(here) as connection:
        connection.execute(EQUITY.update().values(transfers=Decimal("0.1")))
    copy_ledger(here, url)
    assert [row["transfers"] for row in rows_of(url)["equity"]] == [Decimal("0.1")] * 3


def test_a_copy_kept_of_either_database_is_a_whole_ledger_in_a_file(filled: str, tmp_path: Path) -> None:
    down(filled, tmp_path)
    engine = engine_of(filled)
    keep_copy(engine, tmp_path / "kept.sqlite")
    engine.dispose()
    kept = sqlite_url(tmp_path / "kept.sqlite")
    assert (standing(kept).found, rows_of(kept)) == ("0001", rows_of(filled))
    Ledger(kept).close()
    assert (standing(kept).current, rows_of(kept)) == (True, rows_of(filled))


def test_a_servers_ledger_is_not_changed_because_somebody_opens_it(postgres: PostgresServer, tmp_path: Path) -> None:
    url = postgres.database()
    Ledger(url).close()
    down(url, tmp_path)
    with pytest.raises(PrerequisiteError, match=f"revision 0001, this program works with {HEAD}") as refused:
        Ledger(url)
    assert "crew db upgrade" in refused.value.hint
    assert standing(url).found == "0001"


def test_a_revision_of_a_newer_program_is_left_alone(url: str) -> None:
    Ledger(url).close()
    with connected(url) as connection:
        connection.execute(MARK.update().values(version_num="9999"))
    for attempt in (lambda: Ledger(url), lambda: walk_to(url, "0001", keep=lambda engine, found: None)):
        with pytest.raises(JournalError, match="revision 9999"):
            attempt()
    assert standing(url).found == "9999"


def test_tables_of_another_program_are_left_alone(url: str) -> None:
    with connected(url) as connection:
        connection.execute(text("CREATE TABLE trades (id INTEGER PRIMARY KEY)"))
    with pytest.raises(JournalError, match="another program: trades"):
        Ledger(url)


def test_a_walk_that_fails_half_way_has_changed_nothing(filled: str, tmp_path: Path) -> None:
    down(filled, tmp_path)
    with connected(filled) as connection:
        connection.execute(text("CREATE INDEX costs_by_agent ON costs (model)"))
    before, rows = shape(filled), rows_of(filled)
    with pytest.raises(JournalError, match="could not be changed"):
        walk_to(filled, HEAD, keep=lambda engine, found: tmp_path)
    assert (standing(filled).found, shape(filled), rows_of(filled)) == ("0001", before, rows)


def test_programs_that_open_an_old_file_at_once_bring_it_up_once(tmp_path: Path) -> None:
    url, failed = old_file(tmp_path / "ledger.sqlite"), list[DeskError]()

    def open_it() -> None:
        try:
            Ledger(url).close()
        except DeskError as error:
            failed.append(error)

    threads = [Thread(target=open_it) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert (failed, standing(url).current, len(list(tmp_path.glob("*.bak")))) == ([], True, 1)


def test_a_file_that_another_program_writes_is_waited_for(tmp_path: Path) -> None:
    """SQLite turns down the switch to its write-ahead log at once where a writer is in: the desk tries again."""
    url = old_file(tmp_path / "ledger.sqlite")
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None, check_same_thread=False)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        ends = Timer(0.3, writer.execute, ("COMMIT",))
        ends.start()
        Ledger(url).close()
        ends.join()
    assert standing(url).current


def test_there_is_nothing_to_walk_in_an_empty_database_nor_to_a_revision_that_is_none(url: str) -> None:
    with pytest.raises(PrerequisiteError, match="no ledger"):
        walk_to(url, HEAD, keep=lambda engine, found: None)
    with pytest.raises(PrerequisiteError, match="no revision 0000"):
        walk_to(url, "0000", keep=lambda engine, found: None)
    assert make_url(url).get_backend_name() in ("sqlite", "postgresql")
