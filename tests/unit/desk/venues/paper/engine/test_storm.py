"""Ten thousand random operations of six accounts in every mode: after each one, no money is invented or lost.

A longer storm: `python -m benchmarks.venue_conservation --operations 1000000`.
"""

from __future__ import annotations

import pytest

from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.values import House
from tests.unit.desk.venues.paper.engine.storm import Storm

EVERYTHING = ("market", "limit", "algo", "amend", "leverage", "margin_type", "margin", "modes", "liquidations")


@pytest.mark.parametrize(("seed", "auto_deleverage"), [(2, True), (6, False)])
def test_nothing_is_invented_or_lost_in_five_thousand_operations(seed: int, auto_deleverage: bool) -> None:
    storm = Storm(seed=seed, auto_deleverage=auto_deleverage)
    storm.blow(5_000)
    assert all(storm.counts[kind] for kind in EVERYTHING), storm.counts
    assert bool(storm.counts["adl"]) == auto_deleverage


def test_a_venue_restored_in_the_middle_of_the_storm_is_the_same_venue() -> None:
    storm = Storm(seed=3)
    storm.blow(600)
    rows = storm.exchange.dump()
    house = House(auto_deleverage=True)
    again = Exchange(storm.specs, now_ms=lambda: storm.now, house=house)
    again.restore(rows)
    assert again.dump() == rows
    assert again.imbalance() == 0
    for name in storm.names:
        assert again.summary(name) == storm.exchange.summary(name)
        assert again.positions(name) == storm.exchange.positions(name)


def test_what_is_asked_often_is_what_the_summary_says_at_every_moment_of_a_storm() -> None:
    storm = Storm(seed=4)
    for _ in range(40):
        storm.blow(10)
        for name in storm.names:
            summary, rows = storm.exchange.summary(name), storm.exchange.positions(name)
            [usdt] = [row for row in summary.assets if row.asset == "USDT"]
            held = {(row.symbol, row.position_side): row.quantity for row in rows if row.quantity}
            assert storm.exchange.equity(name) == usdt.margin_balance
            assert storm.exchange.quantities(name) == held
            assert summary.multi_assets or storm.exchange.balance(name, "USDT") == usdt


def test_a_view_that_was_kept_is_what_a_venue_that_never_looked_would_show() -> None:
    curious, blind = Storm(seed=5), Storm(seed=5)
    for _ in range(60):
        curious.blow(5)
        blind.blow(5)
        for symbol in curious.specs:
            curious.exchange.mark(symbol)
    for symbol in curious.specs:
        assert curious.exchange.mark(symbol) == blind.exchange.mark(symbol)
