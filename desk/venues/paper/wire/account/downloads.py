"""Files that accounts asked for, by the id that they were given and by the name that their link carries."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

_MOST: Final = 1_000


class History(StrEnum):
    """What may be taken home."""

    INCOME = "income"
    ORDERS = "order"
    TRADES = "trade"


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One file that was asked for. Times are ms UTC."""

    number: str
    name: str
    account: str
    history: History
    start_ms: int
    end_ms: int
    expires_ms: int


@dataclass(slots=True)
class Downloads:
    """The files that were asked for, the newest thousand of them."""

    _by_number: dict[str, Download] = field(default_factory=dict[str, Download])

    def add(self, download: Download) -> None:
        """Remember a file; the oldest is forgotten when there are too many."""
        self._by_number[download.number] = download
        while len(self._by_number) > _MOST:
            del self._by_number[next(iter(self._by_number))]

    def find(self, number: str, account: str, history: History) -> Download | None:
        """The file of an id, if it is the account's and of that kind."""
        found = self._by_number.get(number)
        return found if found and (found.account, found.history) == (account, history) else None

    def named(self, name: str) -> Download | None:
        """The file that a link names."""
        return next((one for one in self._by_number.values() if secrets.compare_digest(one.name, name)), None)
