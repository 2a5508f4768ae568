"""The protocol put around a venue: one place where its parts meet, used by the process and by tests alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from desk.venues.paper.keys import Keys
from desk.venues.paper.settings import LimitSettings, WireSettings
from desk.venues.paper.venue import PaperVenue
from desk.venues.paper.wire.calls import Desk
from desk.venues.paper.wire.gate import Gate
from desk.venues.paper.wire.limits import RateLimits
from desk.venues.paper.wire.market.tape import Tape
from desk.venues.paper.wire.pipeline import Pipeline
from desk.venues.paper.wire.server import WireServer
from desk.venues.paper.wire.streams.announcer import Announcer
from desk.venues.paper.wire.streams.feed import MarketFeed
from desk.venues.paper.wire.streams.hub import StreamHub
from desk.venues.paper.wire.streams.listen_keys import ListenKeys
from desk.venues.paper.wire.streams.sockets import Sockets
from desk.venues.paper.wire.ws_api import WsApi


@dataclass(frozen=True, slots=True, kw_only=True)
class WallClocks:
    """Time outside the market: `ms` UTC for stamps and counters, `seconds` monotonic for lives and paces."""

    ms: Callable[[], int]
    seconds: Callable[[], float]


def serve_venue(
    venue: PaperVenue,
    keys: Keys,
    wall: WallClocks,
    *,
    limits: LimitSettings | None = None,
    wire: WireSettings | None = None,
    profile: str = "",
) -> WireServer:
    """A server for `venue`, listening to its events from now on."""
    limits, wire = limits or LimitSettings(), wire or WireSettings()
    tape, hub = Tape(venue), StreamHub()
    listen_keys = ListenKeys(seconds=wall.seconds)
    feed = MarketFeed(tape=tape, hub=hub, seconds=wall.seconds, stepped=venue.stepped)
    announcer = Announcer(venue=venue, hub=hub, feed=feed, listen_keys=listen_keys)
    desk = Desk(
        venue=venue,
        tape=tape,
        limits=RateLimits(now_ms=venue.now_ms, wall_ms=wall.ms, **limits.model_dump()),
        listen_keys=listen_keys,
        end_listen_keys=announcer.end_listen_keys,
        wire=wire,
        profile=profile,
    )
    gate = Gate(
        keys=keys,
        now_ms=venue.now_ms,
        wall_ms=wall.ms,
        speed=venue.time.clock.speed,
        accept_wall=wire.accept_wall_timestamps,
    )
    pipeline = Pipeline(desk=desk, gate=gate, feed=feed)
    server = WireServer(
        desk=desk,
        pipeline=pipeline,
        announcer=announcer,
        ws_api=WsApi(pipeline=pipeline),
        sockets=Sockets(
            hub=hub,
            feed=feed,
            listen_keys=listen_keys,
            seconds=wall.seconds,
            strict_private_events=wire.strict_private_events,
        ),
        admin_token=keys.admin_token,
    )
    venue.on_moved.append(feed.moved)
    venue.on_events.append(announcer.hear)
    return server
