"""The protocol put around a venue: one place where its parts meet, used by the process and by tests alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desk.venues.paper.keys import Keys
from desk.venues.paper.settings import LimitSettings, WireSettings
from desk.venues.paper.venue import PaperVenue
from desk.venues.paper.wire.calls import Desk
from desk.venues.paper.wire.market.tape import Tape
from desk.venues.paper.wire.pipeline import Pipeline
from desk.venues.paper.wire.requests.gate import Gate
from desk.venues.paper.wire.requests.limits import RateLimits
from desk.venues.paper.wire.requests.public_keys import kind_of
from desk.venues.paper.wire.server import WireServer
from desk.venues.paper.wire.socket_api.ws_api import WsApi
from desk.venues.paper.wire.streams.announcer import Announcer
from desk.venues.paper.wire.streams.feed import MarketFeed
from desk.venues.paper.wire.streams.hub import StreamHub
from desk.venues.paper.wire.streams.listen_keys import ListenKeys
from desk.venues.paper.wire.streams.liveness import Lifetime
from desk.venues.paper.wire.streams.outbox import Outbox
from desk.venues.paper.wire.streams.sockets import Sockets

if TYPE_CHECKING:
    from desk.venues.paper.faults.assembly import Luck
    from desk.venues.paper.faults.plan import FaultPlan


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
    faults: FaultPlan | None = None,
    lifetime: Lifetime | None = None,
) -> WireServer:
    """A server for `venue`, listening to its events from now on; `faults` lets it fail on purpose.

    Raises:
        DataError: when a key is neither the secret of an HMAC nor the public half of an RSA or Ed25519 key.
    """
    limits, wire, lifetime = limits or LimitSettings(), wire or WireSettings(), lifetime or Lifetime()
    listen_keys = ListenKeys(seconds=wall.seconds)
    luck = None if faults is None else _luck(faults, venue, keys, listen_keys)
    tape, hub = Tape(venue), StreamHub()
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
    pipeline = Pipeline(desk=desk, gate=_gate(venue, keys, wall, wire, luck), feed=feed)
    door = None if luck is None else luck.door
    server = WireServer(
        desk=desk,
        pipeline=pipeline,
        announcer=announcer,
        ws_api=WsApi(pipeline=pipeline, lifetime=lifetime, door=door),
        sockets=Sockets(
            hub=hub,
            feed=feed,
            limits=desk.limits,
            listen_keys=listen_keys,
            seconds=wall.seconds,
            lifetime=lifetime,
            strict_private_events=wire.strict_private_events,
            outbox=(lambda _: Outbox()) if luck is None else luck.outbox,
        ),
        admin_token=keys.admin_token,
        door=door,
    )
    venue.on_moved.append(feed.moved)
    venue.on_events.append(announcer.hear)
    return server


def _gate(venue: PaperVenue, keys: Keys, wall: WallClocks, wire: WireSettings, luck: Luck | None) -> Gate:
    # A key that cannot be read is told when the venue starts, not when somebody first uses it.
    for access in keys.accesses:
        kind_of(access.secret)
    return Gate(
        keys=keys,
        now_ms=venue.now_ms if luck is None else luck.shifted(venue.now_ms),
        wall_ms=wall.ms if luck is None else luck.shifted(wall.ms),
        speed=venue.time.clock.speed,
        accept_wall=wire.accept_wall_timestamps,
    )


def _luck(plan: FaultPlan, venue: PaperVenue, keys: Keys, listen_keys: ListenKeys) -> Luck:
    # Loaded only where something is to fail.
    from desk.venues.paper.faults.assembly import Luck

    def account_of(api_key: str | None) -> str:
        access = keys.opened_by(api_key) if api_key else None
        return "" if access is None else access.account

    return Luck(plan, venue, listen_keys, account_of)
