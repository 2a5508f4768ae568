"""The books: what the ledger holds, page by page, and nothing where no ledger is yet."""

from __future__ import annotations

from threading import Lock

from config.loader import DeskConfig
from crews.record.bookkeeping import ledger_url
from crews.running.services import Folder
from desk.ledger import Ledger, sqlite_url
from desk.ledger.pages import Pages


class BooksPane:
    """Opens the ledger when there is one, and keeps it open. Thread-safe."""

    def __init__(self, config: DeskConfig, folder: Folder) -> None:
        self._config, self._folder = config, folder
        self._lock = Lock()
        self._open: tuple[Ledger, Pages] | None = None

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            if self._open is not None:
                for one in self._open:
                    one.close()
            self._open = None

    def ledger(self) -> Ledger | None:
        """The ledger, or None before anything was written. Raises JournalError when it cannot be opened."""
        found = self._opened()
        return None if found is None else found[0]

    def pages(self) -> Pages | None:
        """Its pages, or None before anything was written. Raises JournalError when it cannot be opened."""
        found = self._opened()
        return None if found is None else found[1]

    @property
    def database(self) -> str:
        """What keeps the ledger."""
        return "PostgreSQL" if ledger_url(self._config, self._folder).startswith("postgresql") else "SQLite"

    def _opened(self) -> tuple[Ledger, Pages] | None:
        with self._lock:
            if self._open is None:
                url = ledger_url(self._config, self._folder)
                if url == sqlite_url(self._folder.ledger) and not self._folder.ledger.exists():
                    return None
                self._open = Ledger(url), Pages(url)
            return self._open
