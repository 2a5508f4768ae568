"""The machine's clocks: UTC for dates, monotonic for waits."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """`desk.ports.Clock` over the operating system."""

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return time.monotonic()
