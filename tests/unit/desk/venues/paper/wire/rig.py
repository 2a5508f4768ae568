"""A market that does what the test says, a clock the test moves, and a client that signs as Binance's clients do."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from yarl import URL

from desk.domain.market import Headline
from desk.venues.paper.clock import ClockMode, VenueClock
from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.values import Kline, Quote, SymbolSpec
from desk.venues.paper.faults.plan import FaultPlan
from desk.venues.paper.keys import Access, Keys
from desk.venues.paper.settings import LimitSettings, WireSettings
from desk.venues.paper.sources import FundingRow
from desk.venues.paper.symbols import spec_for
from desk.venues.paper.venue import PaperVenue, VenueTime
from desk.venues.paper.wire.assembly import WallClocks, serve_venue
from desk.venues.paper.wire.server import WireServer
from desk.venues.paper.wire.streams.liveness import Lifetime

START_MS = 1_722_470_400_000  # 2024-08-01T00:00Z
MINUTE = 60_000
LADDER = tuple((Decimal(n) / 10_000, Decimal(2)) for n in range(25))


@dataclass
class FakeMarket:
    """Two symbols whose minute closes the test writes down; flat before and after."""

    prices: dict[str, Decimal] = field(default_factory=lambda: {"BTCUSDT": Decimal(60_000), "ETHUSDT": Decimal(3_000)})
    moves: dict[str, dict[int, Decimal]] = field(default_factory=dict)
    delivered_at: dict[str, int] = field(default_factory=dict)
    start_ms: int = START_MS
    end_ms: int | None = None
    intervals: tuple[str, ...] = ("1m", "5m", "15m", "1h")
    trouble_now: str | None = None
    headline_rows: tuple[Headline, ...] = ()

    def about(self) -> Mapping[str, str]:
        return {"kind": "fake", "seed": "7"}

    def specs(self) -> Mapping[str, SymbolSpec]:
        perpetuals = {symbol: spec_for(symbol, price) for symbol, price in self.prices.items()}
        return perpetuals | {
            symbol: replace(perpetuals[symbol], contract_type="CURRENT_QUARTER", delivery_ms=due)
            for symbol, due in self.delivered_at.items()
        }

    def trouble(self, now_ms: int) -> str | None:
        return self.trouble_now

    def at(self, symbol: str, ms: int) -> Decimal:
        past = {at: price for at, price in self.moves.get(symbol, {}).items() if at <= ms}
        return past[max(past)] if past else self.prices[symbol]

    def quotes(self, after_ms: int, until_ms: int) -> Iterator[Quote]:
        first = max(self.start_ms, (after_ms // MINUTE + 1) * MINUTE)
        for ms in range(first, until_ms + 1, MINUTE):
            for symbol in self.prices:
                yield Quote(symbol=symbol, at_ms=ms, price=self.at(symbol, ms), spread=Decimal("0.0001"), ladder=LADDER)

    def klines(
        self, symbol: str, interval: str, start_ms: int | None, end_ms: int | None, limit: int, now_ms: int
    ) -> Sequence[Kline]:
        length = {"1m": 1, "5m": 5, "15m": 15, "1h": 60}[interval] * MINUTE
        last = min(now_ms, now_ms if end_ms is None else end_ms) // length * length
        first = last - (limit - 1) * length if start_ms is None else -(-start_ms // length) * length
        opens = list(range(first, last + 1, length))[:limit]
        return [self._bar(symbol, ms, length, now_ms) for ms in opens]

    def _bar(self, symbol: str, open_ms: int, length: int, now_ms: int) -> Kline:
        start, end = self.at(symbol, open_ms), self.at(symbol, min(now_ms, open_ms + length - 1))
        return Kline(
            open_ms=open_ms, open=start, high=max(start, end), low=min(start, end), close=end, volume=Decimal(1),
            close_ms=open_ms + length - 1, quote_volume=end, trades=3, taker_base=Decimal("0.5"), taker_quote=end / 2,
        )  # fmt: skip

    def funding_rates(
        self, symbol: str, start_ms: int | None, end_ms: int | None, limit: int, now_ms: int
    ) -> Sequence[FundingRow]:
        return []

    def headlines(self, since_ms: int, now_ms: int) -> Sequence[Headline]:
        return [row for row in self.headline_rows if since_ms <= row.at.timestamp() * 1000 <= now_ms]


OWN = Access(api_key="k" * 64, secret="s" * 64)
OTHER = Access(api_key="o" * 64, secret="h" * 64, account="other")
READER = Access(api_key="r" * 64, secret="q" * 64, may_trade=False)
KEYS = Keys(accesses=(OWN, OTHER, READER), admin_token="t" * 64)


@dataclass
class Rig:
    """A server in this process and a client of it."""

    market: FakeMarket
    venue: PaperVenue
    server: WireServer
    session: ClientSession
    url: str
    seconds: list[float]
    saves: list[int]
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def now(self) -> int:
        return self.venue.now_ms()

    async def public(self, path: str, /, **params: object) -> tuple[int, Any]:
        async with self.session.get(f"{self.url}{path}", params={k: str(v) for k, v in params.items()}) as answer:
            return answer.status, await answer.json()

    async def signed(
        self,
        method: str,
        path: str,
        /,
        *,
        body: bool | None = None,
        headers: dict[str, str] | None = None,
        access: Access = OWN,
        **params: object,
    ) -> tuple[int, Any]:
        params.setdefault("timestamp", self.now)
        text = urlencode({k: v for k, v in params.items() if v is not None})
        text += "&signature=" + hmac.new(access.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        headers = {"X-MBX-APIKEY": access.api_key} | (headers or {})
        return await self.raw(
            method, path, text, body=method in ("POST", "PUT") if body is None else body, headers=headers
        )

    async def raw(
        self, method: str, path: str, text: str, *, body: bool = False, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        all_headers = {"X-MBX-APIKEY": OWN.api_key, "Content-Type": "application/x-www-form-urlencoded"} | (
            headers or {}
        )
        target = f"{self.url}{path}" + ("" if body or not text else f"?{text}")
        data = text.encode() if body else None
        async with self.session.request(method, URL(target, encoded=True), data=data, headers=all_headers) as answer:
            self.headers = dict(answer.headers)
            return answer.status, await answer.json()

    async def order(self, **params: object) -> Any:
        status, answer = await self.signed(
            "POST", "/fapi/v1/order", **{"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET"} | params
        )
        assert status == 200, answer
        return answer

    async def stop(self, **params: object) -> Any:
        asked = {
            "algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET",
            "triggerPrice": "59000", "closePosition": "true", "workingType": "MARK_PRICE",
        }  # fmt: skip
        status, answer = await self.signed("POST", "/fapi/v1/algoOrder", **asked | params)
        assert status == 200, answer
        return answer

    async def step(self, ms: int) -> Any:
        headers = {"X-Paper-Token": KEYS.admin_token}
        async with self.session.post(
            f"{self.url}/paper/v1/clock/advance", json={"to": self.now + ms}, headers=headers
        ) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()


Story = Callable[[Rig], Awaitable[None]]


def play(
    story: Story,
    *,
    market: FakeMarket | None = None,
    wire: WireSettings | None = None,
    limits: LimitSettings | None = None,
    faults: FaultPlan | None = None,
    lifetime: Lifetime | None = None,
    more: tuple[Access, ...] = (),
) -> None:
    """Run a test's story against a fresh server."""

    async def run() -> None:
        source = market or FakeMarket()
        keys = replace(KEYS, accesses=(*KEYS.accesses, *more))
        saves: list[int] = []
        seconds = [time.monotonic()]
        venue = open_venue(source, keys, saves.append)
        wall = WallClocks(ms=lambda: START_MS, seconds=lambda: seconds[0])
        server = serve_venue(venue, keys, wall, wire=wire, limits=limits, faults=faults, lifetime=lifetime)
        async with TestServer(server.app()) as listening, ClientSession() as session:
            url = str(listening.make_url("")).rstrip("/")
            try:
                await asyncio.wait_for(story(Rig(source, venue, server, session, url, seconds, saves)), 20)
            finally:
                server.close()

    asyncio.run(run())


def open_venue(source: FakeMarket, keys: Keys, keep: Callable[[int], None]) -> PaperVenue:
    """A venue at the first moment of its market, with an account of 10,000 USDT for each key."""
    venue_time = VenueTime(VenueClock(ClockMode.STEPPED, START_MS), START_MS)
    exchange = Exchange(source.specs(), now_ms=venue_time.now_ms)
    for access in keys.accesses:
        exchange.open_account(access.account, Decimal(10_000))
    exchange.drain_events()
    venue = PaperVenue(exchange=exchange, source=source, time=venue_time, met_ms=START_MS - 1, keep=keep)
    venue.catch_up()
    return venue
