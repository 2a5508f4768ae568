"""The account's stream: it wakes whoever looks at the venue, and replaces no look.

After each connection everything missed meanwhile is read by polling: the first thing a new line does is to ask for a
look with both order lists. A key is renewed every 25 minutes, and one that died ends the line, so that the next begins
with a new key. A dead stream costs the early wake-up, nothing else.

The key is never given back: Binance has one for all of an account's processes, and a guard that ends would silence the
one that has just taken over. It lapses by itself.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Protocol

from desk.domain.errors import DataError, VenueError, VenueRejectedError
from desk.domain.orders import StopStatus
from desk.venues.binance.streams.account_events import (
    AccountEvent,
    AlgoUpdate,
    KeyExpired,
    OrderUpdate,
    OtherUpdate,
    TradeLite,
    account_event,
)
from desk.venues.binance.streams.addresses import private_url
from desk.venues.binance.streams.health import StreamHealth, StreamReport
from desk.venues.binance.streams.heard_fills import HeardFills
from desk.venues.binance.streams.line import Backoff, Line
from desk.venues.binance.streams.listen_keys import RENEW_EVERY_S, RETRY_EVERY_S
from desk.venues.binance.streams.sequence import EventOrder
from desk.venues.binance.streams.socket import Dial, LineBrokenError, dialler

# A conditional order that ends like this leaves no trace in the account: only its list shows that it is gone.
_SEEN_IN_LISTS = (StopStatus.CANCELED, StopStatus.REJECTED, StopStatus.EXPIRED)


class Wake(Protocol):
    """Asks for a look at the venue soon. Called from the stream's thread; must return at once."""

    def __call__(self, *, lists: bool) -> None:
        """`lists`: the two order lists are to be read as well."""
        ...


class Keys(Protocol):
    """Where the listen key comes from. Raises VenueError or DataError."""

    def ask(self) -> str:
        """A living key."""
        ...

    def renew(self, key: str) -> None:
        """Keep it alive."""
        ...


class UserStream:
    """Listens to one account until closed. `on_event`, called on the stream's thread, is told what is news."""

    def __init__(
        self,
        base_url: str,
        keys: Keys,
        *,
        wake: Wake,
        heard: HeardFills | None = None,
        on_event: Callable[[AccountEvent], None] = lambda event: None,
        venue_ms: Callable[[], int | None] = lambda: None,
        dial: Dial | None = None,
        backoff: Backoff | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base_url, self._keys, self._wake, self._on_event = base_url, keys, wake, on_event
        self._monotonic = monotonic
        self._key, self._renew_at = "", 0.0
        self.heard_fills = heard or HeardFills()
        self._health = StreamHealth("account", venue_ms=venue_ms, monotonic=monotonic)
        self._order = EventOrder(self._health)
        self._line = Line(self, self._health, dial=dial or dialler(), backoff=backoff, monotonic=monotonic)

    def start(self) -> None:
        """Begin to listen, on a thread of its own."""
        self._line.start()

    def close(self) -> None:
        """Stop listening."""
        self._line.close()

    def report(self) -> StreamReport:
        """How the stream fares."""
        return self._health.report()

    # The party on the line, see `line.Party`

    def address(self) -> str:
        """The address of a key that lives now, asked for before each line."""
        self._key = self._keys.ask()
        self._renew_at = self._monotonic() + RENEW_EVERY_S
        return private_url(self._base_url, self._key)

    def opened(self) -> None:
        """Whatever happened while nobody listened is read now."""
        self._wake(lists=True)

    def heard(self, text: str) -> None:
        """One event: what is news of it wakes the looker."""
        try:
            event = account_event(json.loads(text))
        except (ValueError, DataError):
            # Not understood is not unimportant: the venue is looked at all the same.
            self._health.unread += 1
            self._wake(lists=True)
            return
        self._health.told_at(event.sent_ms)
        if isinstance(event, KeyExpired):
            raise LineBrokenError("the listen key expired")
        news = self._order.news(event)
        if news is None or isinstance(news, OtherUpdate):
            return
        self._note_fill(news)
        self._on_event(news)
        self._wake(lists=isinstance(news, AlgoUpdate) and news.status in _SEEN_IN_LISTS)

    def tend(self) -> None:
        """Renew the key in time; where the venue is not reached, again in a minute. A dead key ends the line."""
        if self._monotonic() < self._renew_at:
            return
        try:
            self._keys.renew(self._key)
        except VenueRejectedError:
            raise LineBrokenError("the listen key is dead") from None
        except (VenueError, DataError):
            self._renew_at = self._monotonic() + RETRY_EVERY_S
        else:
            self._renew_at = self._monotonic() + RENEW_EVERY_S

    def parted(self) -> None:
        """The guard polls on; there is nothing to do."""

    def _note_fill(self, event: AccountEvent) -> None:
        if isinstance(event, TradeLite | OrderUpdate) and event.fill is not None:
            self.heard_fills.hear(event.fill)
