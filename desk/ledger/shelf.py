"""The shelf of fetched pages: a cache that outlives a run, one row a source. Losing it costs a request, no trade."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from desk.ledger.database import INSERTS, failing_loud
from desk.ledger.revisions import open_engine
from desk.ledger.tables import PAGES


class Shelf:
    """A `PageShelf` in the ledger's database. Thread-safe; close it after use."""

    def __init__(self, url: str) -> None:
        """Open or make the database at a SQLAlchemy URL. Raises PrerequisiteError or JournalError."""
        self._engine = open_engine(url)

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    def page(self, key: str) -> tuple[datetime, bytes] | None:
        """The page under this key and when it was fetched, or None."""
        query = select(PAGES.c.at, PAGES.c.body).where(PAGES.c.key == key)
        with failing_loud("read"), self._engine.connect() as connection:
            row = connection.execute(query).first()
        return None if row is None else (row.at, bytes(row.body))

    def keep_page(self, key: str, at: datetime, body: bytes) -> None:
        """Keep a page in place of the one before it."""
        insert = INSERTS[self._engine.dialect.name](PAGES).values(key=key, at=at, body=body)
        write = insert.on_conflict_do_update(index_elements=[PAGES.c.key], set_={"at": at, "body": body})
        with failing_loud("written"), self._engine.begin() as connection:
            connection.execute(write)
