"""The venue's countdown withdraws entries when the guard is gone, and strips no stop in either reading of its words."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from desk.domain.errors import VenueUnavailableError
from desk.domain.orders import OrderRequest, OrderStatus, OrderView, StopType
from tests.unit.desk.guard.bench import Bench

D = Decimal
READINGS = ("orders", "all", "unknown")


def entering(reading: str) -> Bench:
    """A bench whose entry was accepted and does not fill yet, as a guard that quotes would have."""
    bench = Bench(boot=False)
    bench.venue.countdown_strips_stops = reading != "orders"
    bench.start(dead_man=reading)
    accept = bench.venue.accept

    def slow(order: OrderRequest, quantity: Decimal | None = None) -> None:
        accept(order, quantity)
        if not order.reduce_only:
            bench.venue._trade(order.symbol, order.side.opposite, order.quantity)
            bench.venue.trades.clear()
            filled = bench.venue.orders[order.client_id]
            bench.venue.orders[order.client_id] = replace(
                filled, status=OrderStatus.NEW, filled=D(0), average_price=None
            )

    bench.venue.fee = D(0)
    bench.venue.accept = slow
    bench.propose()
    bench.guard.look()
    bench.venue.accept = accept
    return bench


def entry_of(bench: Bench) -> OrderView:
    return next(one for one in bench.venue.orders.values() if not one.reduce_only)


def fill(bench: Bench) -> None:
    """The entry that rested fills in full."""
    order = entry_of(bench)
    price = bench.venue._trade(order.symbol, order.side, order.quantity)
    filled = replace(order, status=OrderStatus.FILLED, filled=order.quantity, average_price=price)
    bench.venue.orders[order.client_id] = filled


@pytest.mark.parametrize("reading", READINGS)
def test_a_dead_guards_entry_is_withdrawn_by_the_venue(reading: str) -> None:
    bench = entering(reading)
    assert bench.venue.counting.keys() == {"BTCUSDT"}
    bench.clock.advance(121)
    bench.venue.run_out()
    assert entry_of(bench).status is OrderStatus.CANCELED


@pytest.mark.parametrize("reading", READINGS)
def test_a_guard_that_dies_after_the_fill_leaves_its_stop_at_the_venue(reading: str) -> None:
    bench = entering(reading)
    fill(bench)
    bench.look(0.2)
    assert bench.trade().phase == "PROTECTED"
    bench.clock.advance(500)
    bench.venue.run_out()
    assert any(text.startswith(StopType.STOP_MARKET) for text in bench.venue.resting())


def test_the_switch_is_disarmed_before_the_first_stop_where_it_might_strip_it() -> None:
    bench = entering("unknown")
    seen: list[str] = []
    bench.venue.before = seen.append
    fill(bench)
    bench.look(0.2)
    assert seen.index("countdown") < seen.index("submit_stop")


@pytest.mark.parametrize("reading", READINGS)
def test_a_living_guard_arms_again_in_time_and_disarms_at_the_end(reading: str) -> None:
    bench = entering(reading)
    bench.clock.advance(1)
    for _ in range(3):
        before = bench.venue.requests.count("countdown")
        bench.look(29)
        assert bench.venue.requests.count("countdown") - before <= 1
        bench.look(2)
        bench.venue.run_out()
        if entry_of(bench).status is not OrderStatus.NEW:
            break
    # A slow entry is cancelled by the guard itself, long before the venue would.
    bench.look(times=3)
    assert bench.venue.counting == {}
    assert bench.guard.state.armed == ()


def test_a_disarming_that_is_not_answered_is_sent_again() -> None:
    bench = entering("all")
    fill(bench)
    bench.venue.fail("countdown", VenueUnavailableError("gone"))
    bench.look(0.2)
    bench.look(0.2)
    assert bench.venue.counting == {}
    assert bench.guard.state.armed == ()


def test_a_market_entry_that_fills_at_once_needs_no_switch(bench: Bench) -> None:
    bench.open()
    assert "countdown" not in bench.venue.requests


@pytest.mark.parametrize("reading", READINGS)
def test_a_restart_knows_what_is_armed(reading: str) -> None:
    bench = entering(reading)
    fill(bench)
    bench.start(dead_man=reading)
    bench.look(1, times=3)
    assert bench.trade().phase == "PROTECTED"
    bench.clock.advance(500)
    bench.venue.run_out()
    assert any(text.startswith(StopType.STOP_MARKET) for text in bench.venue.resting())
