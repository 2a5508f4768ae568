"""Rate limits: counted by the venue's clock, forgiven by wall time, and answered with a ban when ignored."""

import pytest

from desk.venues.paper.engine.values import Refusal
from desk.venues.paper.wire.limits import RateLimits


class Clocks:
    venue = 1_000_000
    wall = 5_000_000


def limits_of(clocks: Clocks, **settings: int) -> RateLimits:
    return RateLimits(now_ms=lambda: clocks.venue, wall_ms=lambda: clocks.wall, **settings)


def refusal(limits: RateLimits, weight: int, orders: int = 0) -> int:
    with pytest.raises(Refusal) as refused:
        limits.charge(weight, orders)
    return refused.value.code


def test_weight_is_counted_told_and_refused_when_used_up() -> None:
    limits = limits_of(Clocks(), weight_per_minute=10)
    limits.charge(10, 0)
    assert limits.headers(orders=False) == {"X-MBX-USED-WEIGHT-1M": "10"}
    assert refusal(limits, 1) == -1003


def test_a_new_minute_of_the_venue_forgives() -> None:
    clocks = Clocks()
    limits = limits_of(clocks, weight_per_minute=10)
    limits.charge(10, 0)
    clocks.venue += 60_000
    limits.charge(10, 0)


def test_a_market_that_stands_still_never_bans_for_good() -> None:
    clocks = Clocks()
    limits = limits_of(clocks, weight_per_minute=10)
    limits.charge(10, 0)
    clocks.wall += 60_000
    limits.charge(10, 0)


def test_orders_have_two_windows_of_their_own() -> None:
    clocks = Clocks()
    limits = limits_of(clocks, orders_per_ten_seconds=2, orders_per_minute=3)
    limits.charge(0, 2)
    assert refusal(limits, 0, 1) == -1015
    assert limits.headers(orders=True)["X-MBX-ORDER-COUNT-10S"] == "3"
    clocks.venue += 10_000
    assert refusal(limits, 0, 1) == -1015
    clocks.venue += 60_000
    limits.charge(0, 1)


def test_going_on_after_many_refusals_is_answered_with_a_ban() -> None:
    clocks = Clocks()
    limits = limits_of(clocks, weight_per_minute=1, refusals_before_ban=3, ban_ms=1_000)
    limits.charge(1, 0)
    for _ in range(4):
        refusal(limits, 1)
    assert limits.banned_until() == clocks.wall + 1_000
    clocks.wall += 1_000
    assert limits.banned_until() is None
