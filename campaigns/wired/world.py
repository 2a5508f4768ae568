"""The simulated world with a wire in it: guard, gateway, HTTP and stream bytes, the exchange's own server, its engine.

Everything that an operator runs but for processes and sockets, on one virtual clock and from one seed. Bad luck is the
exchange's own fault script (`desk/venues/paper/faults`); the judge stands where requests leave the guard.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from campaigns.simulated.market import START_MS, listed
from campaigns.simulated.network import Network
from campaigns.simulated.world import ACCOUNT, World
from campaigns.wired.carrier import Carrier
from campaigns.wired.loop import VirtualLoop
from desk.domain.errors import DataError
from desk.domain.market import Headline
from desk.venues.binance.connection import Connection
from desk.venues.binance.gateway import BinanceGateway
from desk.venues.binance.timing import Timing
from desk.venues.paper.clock import ClockMode, VenueClock
from desk.venues.paper.direct import DirectVenue
from desk.venues.paper.engine.values import Kline, Quote, SymbolSpec
from desk.venues.paper.faults.plan import FaultPlan
from desk.venues.paper.faults.script import Script, parse_script
from desk.venues.paper.keys import Access, Keys
from desk.venues.paper.sources import FundingRow
from desk.venues.paper.venue import PaperVenue, VenueTime
from desk.venues.paper.wire.assembly import WallClocks, serve_venue
from desk.venues.paper.wire.server import WireServer

URL = "http://127.0.0.1:1"
_KEYS = Keys(accesses=(Access(api_key="k" * 64, secret="s" * 64, account=ACCOUNT),), admin_token="t" * 64)


@dataclass
class WiredWorld(World):
    """`script` is the bad luck as the exchange reads it, `timeout` how many seconds the gateway waits for an answer."""

    script: Mapping[str, Any] | None = None
    keys: Keys = _KEYS
    timeout: float = 5.0
    _past_struck: int = 0
    _waits: int = 0

    def _way(self, venue: DirectVenue) -> Network:
        self.loop = VirtualLoop(self.clock)
        self.server = self._served()
        self._runner = web.AppRunner(self.server.app(), access_log=None)
        self.loop.run_until_complete(self._runner.setup())
        self.carrier = Carrier(self.loop, self._runner.server)
        [access] = self.keys.accesses
        self.connection = Connection(
            URL,
            access.api_key,
            access.secret,
            timeout=self.timeout,
            timing=Timing(wall_ms=self._wall_ms, monotonic=self.clock.monotonic, sleep=self._slept),
            carrier=self.carrier,
        )
        self.gateway = BinanceGateway(self.connection)
        return _Door(self.gateway, self.judge, self.clock, self.dice, frozenset(), struck=self._struck)

    def _served(self) -> WireServer:
        clock = VenueClock(ClockMode.REAL, START_MS, monotonic_ns=lambda: (self.clock.ms - START_MS) * 1_000_000)
        self.venue = PaperVenue(
            exchange=self.exchange,
            source=_Standing(),
            time=VenueTime(clock, START_MS),
            met_ms=START_MS,
            keep=lambda _: None,
        )
        wall = WallClocks(ms=lambda: self.clock.ms, seconds=self.clock.monotonic)
        # Peace until the world stands: `begin` brings the script.
        return serve_venue(self.venue, self.keys, wall, faults=FaultPlan())

    def begin(self) -> None:
        """Bad luck begins."""
        self._faults.load(parse_script(self.script or {}, "the campaign"))

    def peace(self) -> None:
        """Bad luck ends: what was held back goes on, and what the venue asked to wait for is over."""
        self._past_struck += self._faults.struck
        self._faults.load(Script())
        self.carrier.down = False
        self.clock.advance(180_000)
        self.market.move(60.0)

    def turn(self) -> None:
        """Let the server do what it has to do by now."""
        self.loop.run_until_complete(_turns())

    def close(self) -> None:
        """End gateway, server and loop."""
        self.gateway.close()
        self.server.close()
        self.loop.run_until_complete(self._runner.cleanup())
        self.loop.close()

    def _announce(self) -> None:
        self.loop.run_until_complete(self._beat())

    async def _beat(self) -> None:
        self.venue.commit()
        self.server.announcer.end_listen_keys(self.server.announcer.listen_keys.take_expired())

    def _wall_ms(self) -> float:
        return self.clock.ms + self.clock.skew_ms

    def _slept(self, seconds: float) -> None:
        self.clock.advance(int(seconds * 1000))

    def _struck(self) -> int:
        """Faults so far. While the venue told everybody to wait, each look is one more: nothing can be asked."""
        self._waits += self.connection.budget.report().held_seconds > 0
        return self._past_struck + self._waits + self._faults.struck

    @property
    def kinds(self) -> Mapping[str, int]:
        """How often each kind of fault has struck since the script began."""
        return self._faults.report()["kinds"]

    @property
    def _faults(self) -> Any:  # noqa: ANN401
        assert self.server.door is not None
        return self.server.door.faults


async def _turns() -> None:
    for _ in range(6):
        await asyncio.sleep(0)


class _Door(Network):
    """The judge's place on the way. `struck` counts what the exchange's own bad luck did."""

    def __init__(self, *args: Any, struck: Callable[[], int]) -> None:  # noqa: ANN401
        self._wire = struck
        self._own = 0
        super().__init__(*args)

    @property
    def struck(self) -> int:
        """Faults so far, of the wire and of this door."""
        return self._own + self._wire()

    @struck.setter
    def struck(self, value: int) -> None:
        self._own = value - self._wire()


class _Standing:
    """A market source for a market that is moved from outside: it lists contracts and has no past."""

    start_ms = START_MS
    end_ms = None
    intervals: tuple[str, ...] = ("1m",)

    def about(self) -> Mapping[str, str]:
        return {"kind": "campaign"}

    def specs(self) -> Mapping[str, SymbolSpec]:
        return listed()

    def trouble(self, now_ms: int) -> str | None:
        return None

    def quotes(self, after_ms: int, until_ms: int) -> Iterator[Quote]:
        return iter(())

    def klines(
        self, symbol: str, interval: str, start_ms: int | None, end_ms: int | None, limit: int, now_ms: int
    ) -> Sequence[Kline]:
        raise DataError("this market has no past")

    def funding_rates(
        self, symbol: str, start_ms: int | None, end_ms: int | None, limit: int, now_ms: int
    ) -> Sequence[FundingRow]:
        return ()

    def headlines(self, since_ms: int, now_ms: int) -> Sequence[Headline]:
        return ()
