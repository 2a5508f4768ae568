"""The time a connection lives by: the machine's, or one that only moves when told, so that a year of bad luck replays.

python-binance stamps requests by the machine's clock and nothing else; `ahead_ms` is what has to be added to that where
a connection goes by another one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


def _machine_ms() -> float:
    return time.time() * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """`wall_ms` is UTC in ms, `monotonic` seconds that never go back, `sleep` waits so many seconds."""

    wall_ms: Callable[[], float] = _machine_ms
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def ahead_ms(self) -> int:
        """How far this wall clock is ahead of the machine's, in ms: 0 where it is the machine's."""
        return 0 if self.wall_ms is _machine_ms else round(self.wall_ms() - _machine_ms())


MACHINE = Timing()
