"""The pit most tests of the engine trade in."""

from __future__ import annotations

import pytest

from tests.unit.desk.venues.paper.engine.pit import Pit


@pytest.fixture
def pit() -> Pit:
    """A pit with BTCUSDT quoted at 50,000 (bid 50,000.0, ask 50,000.1; 2 BTC on each of 20 rungs 0.1 % apart)."""
    made = Pit()
    made.quote(50_000)
    made.exchange.drain_events()
    return made


@pytest.fixture
def new_pit() -> type[Pit]:
    """Pits with other terms: `new_pit(market_take_bound=...)`; nothing is quoted yet."""
    return Pit
