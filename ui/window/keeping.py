"""Figures of a whole ledger, kept until another trade is over: one that is over does not change any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from desk.ledger import Ledger

Found = TypeVar("Found")


class UntilAnotherCloses(Generic[Found]):
    """Keeps what was made of all closed trades; `empty` is what none come to. Thread-safe."""

    def __init__(self, empty: Found) -> None:
        self._known = (0, empty)

    def of(self, ledger: Ledger, make: Callable[[], Found]) -> Found:
        """What `make` reads, as long as no other trade has closed since. Raises JournalError."""
        closed, (count, found) = ledger.closed(), self._known
        if closed != count:
            found = make()
            # One assignment: another thread sees the old pair or the new one. What closed in between is read next time.
            self._known = (closed, found)
        return found
