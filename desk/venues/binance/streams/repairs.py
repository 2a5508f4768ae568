"""What a stream cannot tell is read over REST, on a thread of its own, each thing once however often it is asked for.

A repair that fails is tried again after a pause; the venue's request budget may refuse it, and then it waits its turn.
"""

from __future__ import annotations

import logging
import queue
import random
import threading
from collections.abc import Callable

from desk.domain.errors import DataError, VenueError
from desk.venues.binance.streams.line import Backoff

_LOG = logging.getLogger(__name__)
# What is to be repaired: its kind, its symbol and, for bars, their interval.
Need = tuple[str, str, str]


class Repairs:
    """A queue of needs without duplicates. `mend` reads one and says whether that was enough."""

    def __init__(self, mend: Callable[[Need], bool], *, backoff: Backoff | None = None) -> None:
        self._mend = mend
        # Bounded at five seconds: a book that cannot be read now may be read when the minute is over.
        self._backoff = backoff or Backoff(random.Random(), first=0.2, most=5.0)  # noqa: S311 - spreads requests
        self._needs: queue.SimpleQueue[Need | None] = queue.SimpleQueue()
        self._waiting: set[Need] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name="stream-repairs", daemon=True)
        self.done = 0

    def start(self) -> None:
        """Begin, on a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """End after what is being read now."""
        self._stopping.set()
        self._needs.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def want(self, need: Need) -> None:
        """Have something read anew, unless it waits for that already."""
        with self._lock:
            if need in self._waiting:
                return
            self._waiting.add(need)
        self._needs.put(need)

    def run(self) -> None:
        """Mend until told to stop; called by the thread."""
        while (need := self._needs.get()) is not None and not self._stopping.is_set():
            # Taken off the list first: what breaks while it is being read is wanted anew.
            with self._lock:
                self._waiting.discard(need)
            if self._mended(need):
                self.done += 1
                self._backoff.proven()
            else:
                self._stopping.wait(self._backoff.pause())
                self.want(need)

    def _mended(self, need: Need) -> bool:
        try:
            return self._mend(need)
        except (VenueError, DataError) as problem:
            _LOG.info("%s of %s is not read yet: %s", need[0], need[1], problem.message)
        except Exception:
            _LOG.exception("reading %s of %s failed", need[0], need[1])
        return False
