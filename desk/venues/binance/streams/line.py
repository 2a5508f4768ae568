"""A stream that stays open: one thread that dials, hears and tends, and after every end waits and dials anew.

The thread ends only when told. Whatever its party raises ends the line, not the thread; the pause doubles up to a
minute, at random so that many desks do not dial at once, and starts over once a line has proven itself.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from typing import Protocol

from desk.domain.errors import DataError, VenueError
from desk.venues.binance.streams.health import StreamHealth
from desk.venues.binance.streams.socket import Dial, LineBrokenError, Socket

_LOG = logging.getLogger(__name__)
# Binance ends every connection after 24 hours; ours ends before, at a moment of our choosing.
LIFE_S = 23 * 3600.0
_TURN_S = 0.25


class Party(Protocol):
    """Who talks on a line. All of it is called on the line's own thread."""

    def address(self) -> str:
        """Where to dial now. May ask the venue. Raises VenueError or DataError when there is nowhere to."""
        ...

    def opened(self) -> None:
        """A line is open: whatever was missed while there was none is to be read elsewhere."""
        ...

    def heard(self, text: str) -> None:
        """A message came. Raises VenueError or DataError to end the line."""
        ...

    def tend(self) -> None:
        """At least once a second: renew what runs out. Raises VenueError or DataError to end the line."""
        ...

    def parted(self) -> None:
        """A line that was open is gone."""
        ...


class Backoff:
    """Pauses in seconds between attempts: half to all of a bound that doubles from `first` up to `most`."""

    def __init__(self, rng: random.Random, *, first: float = 0.5, most: float = 60.0) -> None:
        self._rng, self._first, self._most = rng, first, most
        self._failures = 0

    def pause(self) -> float:
        """The pause before the next attempt."""
        bound = min(self._most, self._first * 2 ** min(self._failures, 20))
        self._failures += 1
        return bound * self._rng.uniform(0.5, 1.0)

    def proven(self) -> None:
        """The line works: the next pause is short again."""
        self._failures = 0


class Line:
    """Keeps one stream open for its party. `start` once, `close` once."""

    def __init__(
        self,
        party: Party,
        health: StreamHealth,
        *,
        dial: Dial,
        backoff: Backoff | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._party, self.health, self._dial = party, health, dial
        self._backoff = backoff or Backoff(random.Random())  # noqa: S311 - spreads reconnects, guards nothing
        self._monotonic = monotonic
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name=f"stream-{health.name}", daemon=True)

    def start(self) -> None:
        """Begin, on a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """End, and wait for the thread a moment: it comes round four times a second."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=_TURN_S + 2)

    def run(self) -> None:
        """Dial and hear until told to stop; called by the thread."""
        while not self._stopping.is_set():
            why = self._one_line()
            if self._stopping.is_set():
                return
            self.health.lost(why)
            self._stopping.wait(self._backoff.pause())

    def _one_line(self) -> str:
        was_open = False
        try:
            with self._dial(self._party.address()) as socket:
                was_open = True
                self.health.opened()
                self._party.opened()
                return self._listen(socket)
        except (VenueError, DataError) as problem:
            return problem.message
        except Exception as problem:
            _LOG.exception("the %s stream failed", self.health.name)
            return f"failed: {type(problem).__name__}"
        finally:
            if was_open:
                self._party.parted()

    def _listen(self, socket: Socket) -> str:
        until = self._monotonic() + LIFE_S
        while not self._stopping.is_set():
            if self._monotonic() >= until:
                raise LineBrokenError("the line is nearly a day old")
            text = socket.receive(_TURN_S)
            if text is not None:
                self.health.arrived()
                self._backoff.proven()
                self._party.heard(text)
            self._party.tend()
        return "closed"
