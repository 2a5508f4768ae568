"""Decisions that pass filters, page by page, from the audit log: it alone holds every one, also those people asked for.

The log is walked from its newest end, so that a filter finds what is old too; how far it was walked is told where the
end was not reached. An unchanged log is not walked twice for the same page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from threading import Lock

from memory.audit import AuditLog, DecisionSummary

PAGE = 100
_AT_ONCE, _FARTHEST = 200, 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a page is of; an empty text filters nothing. `words` stand in the id, the rule or the symbol."""

    symbol: str = ""
    action: str = ""
    verdict: str = ""
    words: str = ""
    skip: int = 0

    def passes(self, one: DecisionSummary) -> bool:
        """Whether a decision is one of those that are sought."""
        return (
            (not self.action or one.action.lower() == self.action)
            and (not self.verdict or one.verdict == self.verdict)
            and (not self.words or self.words.lower() in f"{one.decision_id} {one.rule} {one.symbol}".lower())
        )

    @property
    def filters(self) -> bool:
        """Whether anything is left out."""
        return bool(self.symbol or self.action or self.verdict or self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page, newest first; `more` where older ones pass too, `farthest` where the walk ended before the log did."""

    rows: tuple[DecisionSummary, ...] = ()
    more: bool = False
    farthest: int | None = None


class Seeker:
    """Finds pages of one log. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: tuple[tuple[str, Sought] | None, Found] = (None, Found())

    def find(self, log: AuditLog, sought: Sought) -> Found:
        """The page. Raises JournalError."""
        key = (log.head()[1], sought)
        with self._lock:
            if self._kept[0] == key:
                return self._kept[1]
        found = _find(log, sought)
        with self._lock:
            self._kept = (key, found)
        return found


def _find(log: AuditLog, sought: Sought) -> Found:
    walk = _Walk(log, sought)
    rows = tuple(islice(walk, sought.skip, sought.skip + PAGE + 1))
    return Found(rows=rows[:PAGE], more=len(rows) > PAGE, farthest=walk.walked if walk.cut else None)


class _Walk:
    """The decisions that pass, newest first, and how many were looked at for them."""

    def __init__(self, log: AuditLog, sought: Sought) -> None:
        self._log, self._sought = log, sought
        self.walked, self.cut = 0, False

    def __iter__(self) -> Iterator[DecisionSummary]:
        while True:
            some = self._log.decisions(_AT_ONCE, self._sought.symbol, self.walked)
            self.walked += len(some)
            yield from (one for one in some if self._sought.passes(one))
            if len(some) < _AT_ONCE:
                return
            if self.walked >= _FARTHEST:
                self.cut = True
                return
