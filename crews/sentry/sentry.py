"""Watches, one look after another, on one thread: what one cannot see holds up no other.

Those that only read files of this machine look several times a second; those that ask somebody, who may let them wait,
stand on a thread of their own and delay nobody's alert.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from desk.alerts import Alert, Outbox
from desk.domain.errors import DeskError

_LOG = logging.getLogger(__name__)
PROMPT_SECONDS = 0.2
"""Between two looks at files."""
ASKING_SECONDS = 0.5
"""Between two looks that ask guard, database and disk."""


class Watch(Protocol):
    """Looks at one thing."""

    def look(self) -> Iterator[Alert]:
        """What is new since the last look."""
        ...


class Sentry:
    """Looks at everything at its pace and posts what it sees."""

    def __init__(
        self,
        outbox: Outbox,
        watches: Sequence[Watch],
        also: Sequence[Callable[[], None]] = (),
        *,
        every: float = PROMPT_SECONDS,
    ) -> None:
        """`also` is done after each look, such as acting on what nobody read; `every` so many seconds it looks."""
        self._outbox, self._watches, self._also = outbox, tuple(watches), tuple(also)
        self._failing: dict[int, str] = {}
        self._every = every

    def look(self) -> None:
        """One look at everything. Never raises for what it looks at."""
        for place, watch in enumerate(self._watches):
            self._guarded(place, lambda watch=watch: self._post(watch))
        for place, act in enumerate(self._also, start=len(self._watches)):
            self._guarded(place, act)

    def keep_watch(self, stopped: threading.Event) -> None:
        """Look until stopped."""
        while not stopped.is_set():
            self.look()
            stopped.wait(self._every)

    def _post(self, watch: Watch) -> None:
        for alert in watch.look():
            self._outbox.post(alert)

    def _guarded(self, place: int, act: Callable[[], None]) -> None:
        try:
            act()
            self._failing.pop(place, None)
        except Exception as error:
            # Said once, not each second: the others are still looked at.
            words = error.message if isinstance(error, DeskError) else f"{type(error).__name__}: {error}"
            if self._failing.get(place) != words:
                _LOG.warning("the sentry cannot look: %s", words)
            self._failing[place] = words
