"""Rows from one database to another, in the order of their keys, and the proof that they are the same in both.

The order of texts is that of their bytes on both sides, whatever the server's language: so two databases are walked
side by side, row by row, and neither has to fit into memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, MetaData, String, Table, collate, func, insert, select

from desk.domain.errors import JournalError, PrerequisiteError

_AT_ONCE = 1000
Note = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """How many rows of a table are in both databases, the same in every value."""

    table: str
    rows: int


def move(source: Connection, target: Connection, tables: MetaData, note: Note) -> tuple[Moved, ...]:
    """Copy every row of these tables, then compare all of them. `note` hears each table's name and rows so far.

    Raises:
        PrerequisiteError: when the target has rows already.
        JournalError: when a row differs after it was copied.
    """
    for table in tables.sorted_tables:
        if target.execute(select(func.count()).select_from(table)).scalar_one():
            raise PrerequisiteError(f"the target has rows in {table.name} already", hint="name an empty database")
    for table in tables.sorted_tables:
        done = 0
        for rows in _parts(source, table):
            target.execute(insert(table), rows)
            note(table.name, done := done + len(rows))
    return tuple(_compared(source, target, table) for table in tables.sorted_tables)


def _compared(source: Connection, target: Connection, table: Table) -> Moved:
    keys, number = [column.name for column in table.primary_key], 0
    for here, there in zip_longest(_rows(source, table), _rows(target, table)):
        if here != there:
            key = ", ".join(str((here or there or {})[name]) for name in keys)
            raise JournalError(f"a row of {table.name} is not the same in both databases: {key[:120]}")
        number += 1
    return Moved(table=table.name, rows=number)


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    for rows in _parts(connection, table):
        yield from rows


def _parts(connection: Connection, table: Table) -> Iterator[Sequence[dict[str, Any]]]:
    query = select(table).order_by(*(_bytewise(column, connection) for column in table.primary_key))
    with connection.execute(query.execution_options(yield_per=_AT_ONCE)) as result:
        for part in result.mappings().partitions():
            yield [dict(row) for row in part]


def _bytewise(column: Column[Any], connection: Connection) -> ColumnElement[Any]:
    """SQLite orders texts by their bytes; PostgreSQL does so where it is told."""
    told = connection.dialect.name == "postgresql" and isinstance(column.type, String)
    return collate(column, "C") if told else column
