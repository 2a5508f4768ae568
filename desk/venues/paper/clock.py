"""The venue's clock: time only grows, and only this file decides how fast.

    real      one second a second
    faster    `speed` seconds a second
    stepped   stands still until somebody moves it

The clock starts where its owner says, so a venue that was killed goes on at the moment it had written down. It measures
by a monotonic counter, so a correction of the machine's clock never moves the market.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum

from desk.domain.errors import DataError

_NS_PER_MS = 1_000_000


class ClockMode(StrEnum):
    """How virtual time passes."""

    REAL = "real"
    FASTER = "faster"
    STEPPED = "stepped"


class VenueClock:
    """Virtual time of one venue in int milliseconds UTC. `end_ms` is a wall that time stops at, where data ends."""

    def __init__(
        self,
        mode: ClockMode,
        start_ms: int,
        *,
        speed: int = 1,
        end_ms: int | None = None,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        if mode is ClockMode.FASTER and speed < 1:
            raise DataError(f"a clock can run 1 times as fast as real time or more, not {speed}")
        self.mode = mode
        self.speed = speed if mode is ClockMode.FASTER else 1
        self._base_ms = start_ms
        self._end_ms = end_ms
        self._monotonic_ns = monotonic_ns
        self._base_ns = monotonic_ns()

    def now_ms(self) -> int:
        """The present moment of this market."""
        if self.mode is ClockMode.STEPPED:
            return self._base_ms
        elapsed_ns = max(0, self._monotonic_ns() - self._base_ns)
        now = self._base_ms + elapsed_ns * self.speed // _NS_PER_MS
        return now if self._end_ms is None else min(now, max(self._base_ms, self._end_ms))

    @property
    def ended(self) -> bool:
        """Whether the clock stands at the end of the data."""
        return self._end_ms is not None and self.now_ms() >= self._end_ms

    def advance_to(self, to_ms: int) -> int:
        """Move a stepped clock forward and return its new time; the end of the data is as far as it goes.

        Raises:
            DataError: when the clock runs by itself, or when asked to go back.
        """
        if self.mode is not ClockMode.STEPPED:
            raise DataError(f"the clock runs by itself ({self.mode.value}); only a stepped clock can be moved")
        if to_ms < self._base_ms:
            raise DataError(f"the clock stands at {self._base_ms} and cannot go back to {to_ms}")
        self._base_ms = to_ms if self._end_ms is None else max(self._base_ms, min(to_ms, self._end_ms))
        return self._base_ms
