"""Where the exchange of a soak runs: a process of its own, or a thread of this one; a real socket lies between either way."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import orjson
from aiohttp import web

from benchmarks.venue_soak.truth import Truth, truth_in, truth_of
from desk.venues.paper.admin import PaperAdmin
from desk.venues.paper.clock import ClockMode, VenueClock
from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.faults.plan import FaultPlan
from desk.venues.paper.faults.script import parse_script
from desk.venues.paper.keys import Access, Keys
from desk.venues.paper.settings import LimitSettings
from desk.venues.paper.sources import MarketSource
from desk.venues.paper.sources.scenario import ScenarioSource
from desk.venues.paper.venue import PaperVenue, VenueTime
from desk.venues.paper.wire.assembly import WallClocks, serve_venue
from tests.venue_process import VenueProcess

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
DEPOSIT = Decimal(100_000)
# The venue's limits have a soak of their own; here they would only slow it.
_LIMITS = LimitSettings(weight_per_minute=10**6, orders_per_minute=10**6, orders_per_ten_seconds=10**6)


class Host(Protocol):
    """A running exchange. `truth` is asked after it ended."""

    url: str
    key: str
    secret: str
    admin: PaperAdmin
    now_ms: int

    def advance(self, by_ms: int) -> None:
        """Let venue time pass."""
        ...

    def end(self) -> Truth:
        """End the exchange and read its books."""
        ...


@dataclass
class OwnProcess:
    """The exchange as an operator runs it, with its state in a file; `end` stops it and opens the file."""

    venue: VenueProcess
    seed: int
    now_ms: int = 0

    def __post_init__(self) -> None:
        self.url, self.key, self.secret = self.venue.url, self.venue.key, self.venue.secret
        self.admin = self.venue.admin
        self.now_ms = self.admin.status().now_ms

    def advance(self, by_ms: int) -> None:
        """Let venue time pass."""
        self.now_ms = self.admin.advance(self.now_ms + by_ms)

    def end(self) -> Truth:
        """Stop the process and read its state file."""
        self.venue.stop()
        specs = ScenarioSource(self.seed, symbols=SYMBOLS).specs()
        return truth_in(self.venue.home / "state.sqlite", specs)


@contextmanager
def own_process(home: Path, script: Mapping[str, Any], seed: int) -> Iterator[OwnProcess]:
    """An exchange in a process of its own, failing by `script`; the log of what struck is `home/faults.jsonl`."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "faults.json").write_bytes(orjson.dumps(script))
    faults = {"file": str(home / "faults.json"), "log": str(home / "faults.jsonl"), "admin": True}
    source = {"kind": "scenario", "seed": seed, "symbols": SYMBOLS}
    limits = _LIMITS.model_dump()
    venue = VenueProcess(home, source=source, deposit=str(DEPOSIT), limits=limits, faults=faults)
    try:
        yield OwnProcess(venue.start(), seed)
    finally:
        venue.kill()


@dataclass
class OwnThread:
    """The same exchange on a thread: nothing to start, nothing on disk."""

    venue: PaperVenue
    keys: Keys
    url: str = ""
    now_ms: int = 0
    ready: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def open(self) -> None:
        """Meet it on its socket."""
        self.key, self.secret = self.keys.accesses[0].api_key, self.keys.accesses[0].secret
        self.admin = PaperAdmin(self.url, self.keys.admin_token)
        self.now_ms = self.admin.status().now_ms

    def advance(self, by_ms: int) -> None:
        """Let venue time pass."""
        self.now_ms = self.admin.advance(self.now_ms + by_ms)

    def end(self) -> Truth:
        """Read its engine; nobody is served any more."""
        self.admin.close()
        self.over.set()
        return truth_of(self.venue.exchange)


@contextmanager
def own_thread(script: Mapping[str, Any], source: MarketSource) -> Iterator[OwnThread]:
    """An exchange on a thread of this process, with a market that may be shared between runs."""
    clock = VenueTime(VenueClock(ClockMode.STEPPED, source.start_ms), source.start_ms)
    exchange = Exchange(source.specs(), now_ms=clock.now_ms)
    keys = Keys(accesses=(Access(api_key="k" * 64, secret="s" * 64),), admin_token="t" * 64)
    exchange.open_account(keys.accesses[0].account, DEPOSIT)
    venue = PaperVenue(exchange=exchange, source=source, time=clock, met_ms=source.start_ms - 1, keep=lambda _: None)
    venue.catch_up()
    host = OwnThread(venue, keys)
    plan = FaultPlan(script=parse_script(script, "the soak"), admin=True)
    thread = threading.Thread(target=lambda: asyncio.run(_serve(host, plan)), name="exchange")
    thread.start()
    try:
        if not host.ready.wait(20):
            raise AssertionError("the exchange did not start")
        host.open()
        yield host
    finally:
        host.over.set()
        thread.join(20)


async def _serve(host: OwnThread, plan: FaultPlan) -> None:
    wall = WallClocks(ms=lambda: time.time_ns() // 1_000_000, seconds=time.monotonic)
    server = serve_venue(host.venue, host.keys, wall, limits=_LIMITS, faults=plan)
    runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        host.ready.set()
        while not host.over.is_set():
            await asyncio.sleep(0.02)
            server.announcer.end_listen_keys(server.announcer.listen_keys.take_expired())
    finally:
        server.close()
        await runner.cleanup()
