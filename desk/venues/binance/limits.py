"""How much of the request budget is used, and who may still spend: entries and the crew stop at half, exits never.

Binance counts request weight by address and minute and reports it in `X-MBX-USED-WEIGHT-1M` on every answer; past the
limit it answers 429, then bans with 418. Half is kept back so that a busy crew cannot starve the guard's exits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from desk.domain.errors import VenueUnavailableError

USED_WEIGHT_HEADER = "X-MBX-USED-WEIGHT-1M"
DEFAULT_LIMIT = 2400
_WINDOW_S = 60.0


class WeightMeter:
    """The last reported weight of this minute. `limit` is in weight per minute."""

    def __init__(self, *, limit: int = DEFAULT_LIMIT, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._monotonic = monotonic
        self._seen = (0, float("-inf"))

    def observe(self, headers: Mapping[str, str]) -> None:
        """Read the weight from a response's headers; an answer without it changes nothing."""
        text = headers.get(USED_WEIGHT_HEADER, "")
        if text.isascii() and text.isdigit():
            self._seen = (int(text), self._monotonic())

    def used(self) -> int:
        """Weight used in the current minute, as far as is known."""
        weight, at = self._seen
        return weight if self._monotonic() - at < _WINDOW_S else 0

    def leave_room_for_exits(self) -> None:
        """Pass while at most half of the budget is used.

        Raises:
            VenueUnavailableError: when the rest is kept for exits.
        """
        used = self.used()
        if used * 2 > self.limit:
            raise VenueUnavailableError(
                f"{used} of {self.limit} request weight is used this minute; the rest is kept for exits",
                hint="wait until the next full minute",
            )
