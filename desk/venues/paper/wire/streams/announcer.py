"""Tells the streams what the venue did, and keeps a market that moves by itself moving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from desk.venues.paper.engine.values import Event
from desk.venues.paper.markets import is_upstream
from desk.venues.paper.venue import PaperVenue
from desk.venues.paper.wire.streams.feed import MarketFeed
from desk.venues.paper.wire.streams.hub import StreamHub
from desk.venues.paper.wire.streams.listen_keys import ListenKeys
from desk.venues.paper.wire.streams.user_events import account_of, listen_key_expired, payloads

_BEAT: Final = 0.2
_HURRIED_BEAT: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcer:
    """From events of the engine to messages of the hub."""

    venue: PaperVenue
    hub: StreamHub
    feed: MarketFeed
    listen_keys: ListenKeys

    def hear(self, events: list[Event]) -> None:
        """Send what happened to the private and public streams."""
        now = self.venue.now_ms()
        for event in events:
            account = account_of(event)
            if account is None:
                continue
            keys = self.listen_keys.of_account(account)
            for payload in payloads(event, now):
                self.hub.publish_private(keys, payload)
        self.feed.heard(events)

    def end_listen_keys(self, ended: tuple[str, ...]) -> None:
        """Tell the streams of dead listen keys."""
        for key in ended:
            self.hub.end_key(key, listen_key_expired(key, self.venue.now_ms()))

    def beat(self, *, keep: bool) -> None:
        """One beat of a market that moves by itself: meet new quotes, publish them, end dead listen keys.

        With `keep` the state is written down even if no account was touched.
        """
        self.venue.catch_up()
        self.venue.commit(always=keep)
        self.feed.flush()
        self.end_listen_keys(self.listen_keys.take_expired())

    def pause(self) -> float:
        """Seconds until the next beat: fewer while somebody listens to a book at its highest speed."""
        return _HURRIED_BEAT if self.feed.hurried else _BEAT

    async def refresh(self) -> None:
        """Bring what bar and ticker streams will ask a market that is read from elsewhere."""
        source = self.venue.source
        if is_upstream(source):
            for request in self.feed.bar_requests():
                await source.fetch_klines(*request)
