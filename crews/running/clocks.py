"""The crew's clock tells the venue's time, so that a decision, its expiry and its record speak of one moment.

At a venue in real time it is our own clock plus the difference measured by `refresh`. At a paper venue whose
time is stepped it stands still between two refreshes, as that market does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from desk.domain.errors import VenueUnavailableError


class VenueTime:
    """The venue's clock as the crew sees it. `server_time` asks the venue; it is called by `refresh` alone.

    `gone` is the hint for people when the venue does not answer.
    """

    def __init__(
        self, server_time: Callable[[], datetime], *, stands_still: bool, speed: int = 1, gone: str = ""
    ) -> None:
        self._server_time = server_time
        self._speed = 0 if stands_still else speed
        self._gone = gone
        self._venue = self._asked()
        self._since = time.monotonic()

    def refresh(self) -> datetime:
        """Ask the venue for its time, and go on from there. Raises VenueError."""
        self._venue = self._asked()
        self._since = time.monotonic()
        return self._venue

    def _asked(self) -> datetime:
        try:
            return self._server_time()
        except VenueUnavailableError as error:
            raise VenueUnavailableError(error.message, hint=self._gone or error.hint) from error

    def now(self) -> datetime:
        """The venue's present moment, aware UTC."""
        return self._venue + timedelta(seconds=(time.monotonic() - self._since) * self._speed)

    def monotonic(self) -> float:
        """Seconds that only grow; never virtual."""
        return time.monotonic()
