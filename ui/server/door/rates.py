"""How often somebody may ask: a bucket for each, refilled steadily, so that a loop gone mad slows only itself."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from desk.ports import Clock

_MOST_KNOWN = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`burst` requests at once, `per_second` of them back each second."""

    burst: float = 240.0
    per_second: float = 40.0


class Rates:
    """The buckets, by whoever asks. Thread-safe."""

    def __init__(self, clock: Clock, rate: Rate | None = None) -> None:
        self._clock, self._rate = clock, rate or Rate()
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = Lock()

    def wait(self, who: str) -> float:
        """Take one request from a bucket; the seconds to wait where it is empty, else zero."""
        now = self._clock.monotonic()
        with self._lock:
            if len(self._buckets) > _MOST_KNOWN:
                self._buckets.clear()
            left, since = self._buckets.get(who, (self._rate.burst, now))
            left = min(self._rate.burst, left + (now - since) * self._rate.per_second)
            if left < 1:
                self._buckets[who] = (left, now)
                return (1 - left) / self._rate.per_second
            self._buckets[who] = (left - 1, now)
        return 0.0
