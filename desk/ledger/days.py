"""An account by UTC days, read without reading each of its minutes: one look-up a day, from the newest backwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, Table, select, true

from desk.ledger.database import failing_loud
from desk.ledger.tables import EQUITY
from desk.ledger.units import Point, Units


def last_of_days(engine: Engine, table: Table, where: ColumnElement[bool] | None = None) -> dict[date, Decimal]:
    """The last equity of each day that this table tells of. Raises JournalError."""
    with failing_loud("read"), engine.connect() as connection:
        return {day: row["equity"] for day, row in _closes(connection, table, where)}


def prices_of_days(engine: Engine) -> dict[date, Decimal]:
    """What a unit of the account was worth at the end of each day on which it was seen, the first one's in equity.

    A day on which as much went out as came in is read by its close alone, as a day without either. Raises JournalError.
    """
    found: dict[date, Decimal] = {}
    units = Units()
    with failing_loud("read"), engine.connect() as connection:
        for day, row in reversed(list(_closes(connection, EQUITY))):
            close = _point(row)
            # Only a day on which money came or went is read as a whole: what the hours before it gained was gained on
            # less, or on more.
            whole = bool(found) and close.transfers != units.transfers
            for point in _points(connection, day) if whole else (close,):
                units, found[day] = units.after(point)
    return found


def _closes(
    connection: Connection, table: Table, where: ColumnElement[bool] | None = None
) -> Iterator[tuple[date, RowMapping]]:
    newest = select(table).where(true() if where is None else where).order_by(table.c.at.desc()).limit(1)
    query = newest
    while (row := connection.execute(query).mappings().first()) is not None:
        day = row["at"].astimezone(UTC).date()
        yield day, row
        query = newest.where(table.c.at < datetime.combine(day, time(), UTC))


def _points(connection: Connection, day: date) -> Iterator[Point]:
    begin, end = (datetime.combine(day, one, UTC) for one in (time(), time.max))
    query = select(EQUITY).where(EQUITY.c.at >= begin, EQUITY.c.at <= end).order_by(EQUITY.c.at)
    for row in connection.execute(query).mappings():
        yield _point(row)


def _point(row: RowMapping) -> Point:
    return Point(row["at"], row["equity"], row["transfers"])
