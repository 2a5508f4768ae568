"""The crew's clock tells the venue's time, so that a decision, its expiry and its record speak of one moment.

At a venue in real time it is our own clock plus the difference measured by `refresh`. At a paper venue whose
time is stepped it stands still between two refreshes, as that market does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta


class VenueTime:
    """The venue's clock as the crew sees it. `server_time` asks the venue; it is called by `refresh` alone."""

    def __init__(self, server_time: Callable[[], datetime], *, stands_still: bool, speed: int = 1) -> None:
        self._server_time = server_time
        self._speed = 0 if stands_still else speed
        self._venue = server_time()
        self._since = time.monotonic()

    def refresh(self) -> datetime:
        """Ask the venue for its time, and go on from there. Raises VenueError."""
        self._venue = self._server_time()
        self._since = time.monotonic()
        return self._venue

    def now(self) -> datetime:
        """The venue's present moment, aware UTC."""
        return self._venue + timedelta(seconds=(time.monotonic() - self._since) * self._speed)

    def monotonic(self) -> float:
        """Seconds that only grow; never virtual."""
        return time.monotonic()
