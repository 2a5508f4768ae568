"""Benches: each holds one implementation of a port and can make its market move, so one set of rules tries them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import pytest

from desk.domain.money import ZERO, floor_to
from desk.domain.orders import OrderRequest, OrderType, Side
from desk.guard.inprocess import VirtualClock
from desk.ports import TradingVenue
from desk.venues.paper.clock import ClockMode, VenueClock
from desk.venues.paper.direct import DirectVenue
from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.sources.scenario import ScenarioSource
from desk.venues.paper.venue import PaperVenue, VenueTime
from tests.unit.desk.guard.fake_venue import FakeVenue
from tests.venue_process import VenueProcess, running_venue

SYMBOL = "BTCUSDT"
MINUTE_MS = 60_000


@dataclass
class Bench:
    """A venue and the ways in which its market can be moved."""

    venue: TradingVenue
    pass_minutes: Callable[[int], None]
    serial: Iterator[int]

    def name(self, what: str) -> str:
        """A client id that was never used."""
        return f"{what}-{next(self.serial)}"

    def mark(self) -> Decimal:
        return self.venue.marks([SYMBOL])[SYMBOL].price

    def price_at(self, distance: str) -> Decimal:
        """A price on the tick, `distance` (a fraction, signed) away from the mark."""
        return floor_to(self.mark() * (1 + Decimal(distance)), Decimal("0.1"))

    def trade(self, side: Side, quantity: str, *, reduce_only: bool = False) -> OrderRequest:
        order = OrderRequest(
            symbol=SYMBOL,
            side=side,
            type=OrderType.MARKET,
            quantity=Decimal(quantity),
            client_id=self.name("order"),
            reduce_only=reduce_only,
        )
        self.venue.submit(order)
        return order

    def held(self) -> Decimal:
        position = self.venue.account().position(SYMBOL)
        return ZERO if position is None else position.quantity

    def start_of_time(self) -> datetime:
        return self.venue.server_time().replace(hour=0, minute=0, second=0, microsecond=0)

    def clear(self) -> None:
        """Leave nothing behind for the next test."""
        for order in self.venue.open_orders():
            self.venue.cancel(order.symbol, order.client_id)
        for stop in self.venue.open_stops():
            self.venue.cancel_stop(stop.symbol, stop.client_id)
        held = self.held()
        if held != ZERO:
            self.trade(Side.SELL if held > ZERO else Side.BUY, str(abs(held)), reduce_only=True)


@pytest.fixture(scope="package")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VenueProcess]:
    """One paper exchange for all contract tests: an invented market whose clock stands until a test moves it."""
    with running_venue(tmp_path_factory.mktemp("paper")) as venue:
        yield venue


@pytest.fixture(scope="package")
def serial() -> Iterator[int]:
    return iter(range(1, 10**9))


def process_bench(venue: VenueProcess, gateway: TradingVenue, serial: Iterator[int]) -> Bench:
    """A venue process, reached through a gateway to it."""
    return Bench(gateway, lambda minutes: venue.advance(minutes * MINUTE_MS) and None, serial)


@pytest.fixture
def paper_bench(paper: VenueProcess, serial: Iterator[int]) -> Iterator[Bench]:
    gateway = paper.gateway()
    bench = process_bench(paper, gateway, serial)
    yield bench
    bench.clear()
    gateway.close()


def open_engine() -> PaperVenue:
    """The same engine and market in this process, without wire or server, as campaigns and backtests use it."""
    source = ScenarioSource(7, symbols=(SYMBOL, "ETHUSDT"))
    time = VenueTime(VenueClock(ClockMode.STEPPED, source.start_ms), source.start_ms)
    exchange = Exchange(source.specs(), now_ms=time.now_ms)
    exchange.open_account("paper", Decimal(10_000))
    met = source.start_ms - 1
    venue = PaperVenue(exchange=exchange, source=source, time=time, met_ms=met, keep=lambda ms: None)
    venue.catch_up()
    return venue


def engine_bench(engine: PaperVenue, serial: Iterator[int]) -> Bench:
    """The engine as a trading venue."""

    def pass_minutes(minutes: int) -> None:
        clock = engine.time.clock
        clock.advance_to(clock.now_ms() + minutes * MINUTE_MS)
        engine.catch_up()

    venue = DirectVenue(exchange=engine.exchange, name="paper", now_ms=engine.time.now_ms)
    return Bench(venue, pass_minutes, serial)


@pytest.fixture(scope="package")
def engine() -> PaperVenue:
    return open_engine()


@pytest.fixture
def direct_bench(engine: PaperVenue, serial: Iterator[int]) -> Iterator[Bench]:
    bench = engine_bench(engine, serial)
    yield bench
    bench.clear()


@pytest.fixture
def fake_bench(serial: Iterator[int]) -> Bench:
    """The fake that the guard's own tests run on: if it broke the contract, those tests would prove nothing."""
    venue = FakeVenue(VirtualClock())
    steps = iter(range(10**9))

    def pass_minutes(minutes: int) -> None:
        # Swings that grow, first up and then down, so that every trigger is reached.
        number = next(steps)
        venue.pass_time(60 * minutes)
        venue.move(SYMBOL, Decimal(50_000) + (-1) ** number * Decimal(number) * 25)

    return Bench(venue, pass_minutes, serial)


@pytest.fixture(params=["paper_bench", "direct_bench", "fake_bench"])
def bench(request: pytest.FixtureRequest) -> Bench:
    """Every implementation in turn: the gateway to a paper exchange, the engine without a wire, the guard's fake."""
    return request.getfixturevalue(request.param)
