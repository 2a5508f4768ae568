"""What the crowd holds follows the bars that everybody sees, changes with them, and never looks ahead."""

from __future__ import annotations

from itertools import pairwise

import pytest

from desk.venues.paper.sources import CrowdedSource
from desk.venues.paper.sources.scenario import ScenarioSource

HOUR = 3_600_000


@pytest.fixture(scope="module")
def market() -> ScenarioSource:
    return ScenarioSource(5, symbols=("ETHUSDT",))


def test_thirty_days_of_hours_are_told_and_none_that_is_not_over(market: ScenarioSource) -> None:
    assert isinstance(market, CrowdedSource)
    now = market.start_ms + 5 * HOUR + 1
    rows = market.crowd("ETHUSDT", now)
    assert len(rows) == 720
    assert rows[-1].at_ms == market.start_ms + 4 * HOUR
    assert {b.at_ms - a.at_ms for a, b in pairwise(rows)} == {HOUR}


def test_figures_are_plausible_move_and_value_is_interest_at_the_price(market: ScenarioSource) -> None:
    rows = market.crowd("ETHUSDT", market.start_ms)
    bars = market.klines("ETHUSDT", "1h", rows[0].at_ms, None, 720, market.start_ms)
    for row, bar in zip(rows, bars, strict=False):
        assert abs(row.open_interest * bar.close / row.value - 1) < 0.001
        for share in (row.accounts_long, row.top_accounts_long, row.top_positions_long):
            assert 0.15 < share < 0.9
    assert len({row.accounts_long for row in rows}) > 300
    assert len({row.open_interest for row in rows}) > 700


def test_the_many_buy_what_fell_and_the_largest_lean_with_what_rose(market: ScenarioSource) -> None:
    rows = market.crowd("ETHUSDT", market.start_ms)
    up = max(rows, key=lambda row: row.top_accounts_long)
    down = min(rows, key=lambda row: row.top_accounts_long)
    assert up.accounts_long < down.accounts_long


def test_one_seed_has_one_crowd(market: ScenarioSource) -> None:
    assert ScenarioSource(5, symbols=("ETHUSDT",)).crowd("ETHUSDT", market.start_ms) == market.crowd(
        "ETHUSDT", market.start_ms
    )
