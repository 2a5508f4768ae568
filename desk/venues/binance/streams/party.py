"""Who talks on a line of public market data: each message is read once, and what does not read costs only itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Protocol

from desk.domain.errors import DataError
from desk.venues.binance.streams.health import StreamHealth
from desk.venues.binance.streams.market_events import MarketEvent, market_event
from desk.venues.binance.streams.repairs import Need
from desk.venues.binance.streams.socket import LineBrokenError

# A line that carries a best price or a mark each second is dead when it says nothing for this long.
SILENT_S = 60.0


class Hearer(Protocol):
    """What is made of a line's events. Called on the line's own thread."""

    def take(self, event: MarketEvent, health: StreamHealth) -> None:
        """One event. Raises DataError for one that cannot be used, which then counts as unread."""
        ...

    def forget(self, needs: Sequence[Need], path: str) -> None:
        """A line opened or broke: nothing it tells is known until it is read anew."""
        ...

    def repair(self, needs: Sequence[Need]) -> None:
        """Have these read over REST."""
        ...


class MarketParty:
    """One line of public data; see `line.Party`."""

    def __init__(self, hearer: Hearer, url: str, health: StreamHealth, *, needs: tuple[Need, ...]) -> None:
        self._hearer, self._url, self._health, self._needs = hearer, url, health, needs

    def address(self) -> str:
        """The combined streams of this path."""
        return self._url

    def opened(self) -> None:
        """Nothing heard before is continued: whole books and bars begin with a read."""
        self._hearer.forget(self._needs, self._health.name)
        self._hearer.repair(self._needs)

    def heard(self, text: str) -> None:
        """One message; what does not read costs itself, and its book."""
        try:
            event = market_event(json.loads(text))
            if event is not None:
                self._hearer.take(event, self._health)
        except (ValueError, DataError):
            self._health.unread += 1

    def tend(self) -> None:
        """A line that says nothing is replaced, whatever its pings say."""
        if self._health.silent_seconds > SILENT_S:
            raise LineBrokenError(f"nothing was heard for {SILENT_S:.0f} s")

    def parted(self) -> None:
        """What this line told is not known any more."""
        self._hearer.forget(self._needs, self._health.name)
