"""Following the audit log from where one stopped, also after a kill; on the first day from what comes from then on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from desk.alerts import Outbox
from desk.domain.errors import PrerequisiteError
from memory.audit import AuditLog
from memory.rows import AuditRow

_AT_ONCE = 200


def follow(log: Callable[[], AuditLog], outbox: Outbox, mark: str) -> Iterator[tuple[AuditLog, AuditRow]]:
    """The rows that are new since the last time under this mark, which moves on once all of them were taken.

    Raises:
        JournalError: the log cannot be read. One that is not there yet is read from its beginning later.
    """
    try:
        opened = log()
    except PrerequisiteError:
        if outbox.mark(mark) is None:
            outbox.set_mark(mark, 0)
        return
    head, seen = opened.head()[0], outbox.mark(mark)
    if seen is None or seen > head:
        # Begun today, or the profile's data were set aside and its log began anew.
        seen = head if seen is None else 0
        outbox.set_mark(mark, seen)
    if seen == head:
        return
    rows = opened.since(seen, _AT_ONCE)
    for row in rows:
        yield opened, row
    if rows:
        outbox.set_mark(mark, rows[-1].seq)
