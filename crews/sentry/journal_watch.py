"""The guard's journal as a person should hear of it: a trip as soon as it is durable, before anything is closed for it.

While it closes positions a guard answers nobody, for as long as the venue lets it wait. Its journal is written before.
What is told here has the key that `GuardWatch` gives it, so that it is told once, whoever sees it first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crews.sentry.guard_watch import trip_alert
from desk.alerts import Alert
from desk.guard.record.journal import Row, read_rows
from desk.guard.record.replay import EVENT

_AT_ONCE = 500
_TOLD, _MARK = "tripped: ", '"message":"tripped: '
# Numbers that are somebody's words, which may hold whatever separates numbers.
_WORDS = frozenset({"why", "message"})


class JournalWatch:
    """Follows one journal from its newest row on: what stood there before is the guard's own to tell."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._seen = newest(journal)

    def look(self) -> Iterator[Alert]:
        """What is new since the last look. Raises JournalError when the journal cannot be read."""
        head = newest(self._journal)
        # A journal that was set aside begins anew.
        self._seen = min(self._seen, head)
        if head == self._seen:
            return
        for row in read_rows(self._journal, self._seen, _AT_ONCE):
            if row.kind == EVENT and _MARK in row.body:
                yield from _trips(row)
            self._seen = row.seq


def newest(journal: Path) -> int:
    """The number of a journal's newest row, from the small file beside it: asking that one holds up no writer."""
    try:
        return int(journal.with_name(journal.name + ".head").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 0


def _trips(row: Row) -> Iterator[Alert]:
    told: dict[str, Any] = json.loads(row.body)
    for command in told["commands"]:
        message = str(command.get("message", ""))
        if command["command"] == "Tell" and message.startswith(_TOLD):
            reason, _, rest = message.removeprefix(_TOLD).partition(" (")
            yield trip_alert(reason, int(told["happened"]["at_ms"]), _numbers(rest.removesuffix(")")))


def _numbers(told: str) -> Mapping[str, str]:
    """The numbers of a trip, as its message names them."""
    first = told.partition(" ")[0]
    parts = [told] if first in _WORDS else told.split(", ")
    return {name: value for name, _, value in (part.partition(" ") for part in parts) if name}
