"""An event loop whose time is the campaign's: nothing ever waits, and what a wait would have cost, the clock shows.

The venue's own server runs on it unchanged. Whoever sleeps there, or waits for a client that has hung up, lets virtual
time pass to the next moment at which something is due; so ten minutes of silence take no time, and always the same.
"""

from __future__ import annotations

import asyncio
import math
import selectors

from campaigns.simulated.market import SharedClock


class _Leaping(selectors.SelectSelector):
    """Nothing ever arrives from outside: to wait is to let the clock leap."""

    def __init__(self, clock: SharedClock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Let `timeout` seconds pass at once."""
        if timeout is None:
            raise RuntimeError("everybody waits, and nothing is due")
        if timeout > 0:
            self._clock.advance(max(1, math.ceil(timeout * 1000)))
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on the shared clock."""

    def __init__(self, clock: SharedClock) -> None:
        super().__init__(_Leaping(clock))
        self._shared = clock

    def time(self) -> float:
        """Seconds of the shared clock since the campaign began."""
        return self._shared.monotonic()
