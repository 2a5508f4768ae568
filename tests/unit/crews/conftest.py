"""The demo desk over a fake market, as values that each test may change."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from config.loader import load_desk
from crews.seating import setup_of
from crews.setup import DeskSetup
from crews.view.snapshot import SnapshotBuilder
from desk.market.snapshot import Snapshot
from tests.unit.crews.fakes import FakeGuard, FakeMarket, FakeNews, FixedClock

Look = Callable[..., Snapshot]


@pytest.fixture(scope="session")
def demo_setup() -> DeskSetup:
    return setup_of(load_desk("demo", environ={}))


@pytest.fixture(scope="session")
def look(demo_setup: DeskSetup) -> Look:
    """Build a snapshot of BTCUSDT: `drift` of the market per hour, signed `position`, its `unrealized` profit."""

    def build(
        *,
        drift: float = 0.002,
        position: str = "0",
        unrealized: str = "0",
        mode: str = "NORMAL",
        titles: tuple[str, ...] = ("Bitcoin funds record inflows",),
        seed: int = 7,
    ) -> Snapshot:
        clock = FixedClock()
        guard = FakeGuard(clock)
        guard.position, guard.unrealized, guard.mode = Decimal(position), Decimal(unrealized), mode
        market = FakeMarket(clock, drift=drift, seed=seed)
        builder = SnapshotBuilder(
            market=market,
            crowd=market,
            flows=market,
            news=FakeNews(*titles, clock=clock),
            settings=demo_setup.snapshot,
            source="test",
        )
        try:
            return builder.build("BTCUSDT", clock.now(), guard.state())
        finally:
            builder.close()

    return build
