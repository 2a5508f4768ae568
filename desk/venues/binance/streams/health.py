"""How a stream fares: what arrived, how late, what was thrown away and why, how often the line broke.

Written by the stream's own thread, read by any other; each figure stands alone, so none of them needs a lock.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamReport:
    """A stream at one moment. `lag_ms` is the venue's event time to our hearing it, as of the newest message.

    `reconnects` counts lines after the first, `duplicates` and `late` what was heard twice or out of order and dropped,
    `unread` what did not parse. `silent_seconds` is since the newest message, or since the line opened.
    """

    name: str
    connected: bool
    reconnects: int
    messages: int
    duplicates: int
    late: int
    unread: int
    lag_ms: int | None
    silent_seconds: float
    trouble: str

    def as_json(self) -> dict[str, object]:
        """The report as JSON values."""
        return asdict(self)


class StreamHealth:
    """The running figures of one stream. `venue_ms` estimates the venue's clock without asking it, None: unknown."""

    def __init__(
        self,
        name: str,
        *,
        venue_ms: Callable[[], int | None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self._venue_ms, self._monotonic = name, venue_ms, monotonic
        self.connected = False
        self.duplicates = self.late = self.unread = self.messages = 0
        self._lines, self._lag_ms, self._trouble = 0, None, "not connected yet"
        self._since = monotonic()

    def opened(self) -> None:
        """The line is open."""
        self._lines += 1
        self.connected, self._trouble, self._since = True, "", self._monotonic()

    def lost(self, why: str) -> None:
        """The line is gone."""
        self.connected, self._trouble = False, why

    def arrived(self) -> None:
        """A message came."""
        self.messages += 1
        self._since = self._monotonic()

    def told_at(self, event_ms: int) -> None:
        """The newest message was sent at `event_ms` of the venue's clock."""
        now = self._venue_ms()
        self._lag_ms: int | None = None if now is None else now - event_ms

    @property
    def silent_seconds(self) -> float:
        """Seconds since the newest message, or since the line opened."""
        return self._monotonic() - self._since

    def report(self) -> StreamReport:
        """The figures as of now."""
        return StreamReport(
            name=self.name,
            connected=self.connected,
            reconnects=max(0, self._lines - 1),
            messages=self.messages,
            duplicates=self.duplicates,
            late=self.late,
            unread=self.unread,
            lag_ms=self._lag_ms,
            silent_seconds=round(self.silent_seconds, 3),
            trouble=self._trouble,
        )
