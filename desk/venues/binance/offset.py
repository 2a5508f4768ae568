"""The difference between the venue's clock and ours, measured as often as the venue's clock deserves.

A signed request carries a timestamp that the venue compares with its own clock. A real venue's clock keeps pace with
ours, so one measurement serves for a minute. A paper venue may run faster, or stand still and jump: then each request
needs one. Trust is earned: a clock seen to keep pace for half a second or more is trusted for as long again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_SHORTEST_PROOF_S = 0.5
_LONGEST_TRUST_S = 60.0
_AGREEMENT_MS = 200


class ClockOffset:
    """Venue time minus local time in ms. `measure` asks the venue for its time in ms UTC. Safe between threads."""

    def __init__(
        self,
        *,
        measure: Callable[[], int],
        wall_ms: Callable[[], float] = lambda: time.time() * 1000,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._measure = measure
        self._wall_ms = wall_ms
        self._monotonic = monotonic
        # Measuring asks the venue, and a venue may refuse even that for its stamp: `forget` then comes from within.
        self._lock = threading.RLock()
        self._offset: int | None = None
        self._measured_at = 0.0
        self._trust_s = 0.0
        # The offset that later ones are compared with, and when it was measured.
        self._anchor: tuple[int, float] | None = None

    def offset_ms(self) -> int:
        """The offset to add to local time, measured anew when the last measurement is no longer trusted."""
        with self._lock:
            if self._offset is None or self._monotonic() - self._measured_at >= self._trust_s:
                self._renew()
            assert self._offset is not None  # noqa: S101 - narrows the type; _renew always sets it
            return self._offset

    def now_ms(self) -> int:
        """The venue's time now, estimated through the offset."""
        return int(self._wall_ms()) + self.offset_ms()

    @property
    def known_ms(self) -> int | None:
        """The offset as last measured, or None before the first."""
        return self._offset

    def estimate_ms(self) -> int | None:
        """The venue's time now by the last measurement, however old; None before the first. Asks nobody."""
        offset = self._offset
        return None if offset is None else int(self._wall_ms()) + offset

    def forget(self) -> None:
        """Distrust the measurement: the venue has just refused a timestamp."""
        with self._lock:
            self._measured_at = float("-inf")

    def _renew(self) -> None:
        before = self._wall_ms()
        venue = self._measure()
        after = self._wall_ms()
        offset, now = round(venue - (before + after) / 2), self._monotonic()
        anchor, anchored_at = self._anchor or (offset, now)
        if abs(offset - anchor) > _AGREEMENT_MS + (after - before):
            anchor, anchored_at = offset, now
        proof = now - anchored_at
        self._trust_s = min(proof, _LONGEST_TRUST_S) if proof >= _SHORTEST_PROOF_S else 0.0
        self._anchor = (anchor, anchored_at)
        self._offset, self._measured_at = offset, now
