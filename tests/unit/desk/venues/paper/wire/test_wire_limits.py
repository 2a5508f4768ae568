"""Rate limits: counted by the venue's clock, forgiven by wall time, and answered with a ban when ignored."""

import pytest

from desk.venues.paper.engine.values import Refusal
from desk.venues.paper.wire.requests.limits import Cost, Pool, RateLimits

HOME, AWAY = "127.0.0.1", "127.0.0.2"
ORDER = Cost(weight=0, ten_seconds=1, minute=1)
BATCH = Cost(weight=5, ten_seconds=5, minute=1)


class Clocks:
    venue = 1_000_000
    wall = 5_000_000


def limits_of(clocks: Clocks, **settings: int) -> RateLimits:
    return RateLimits(now_ms=lambda: clocks.venue, wall_ms=lambda: clocks.wall, **settings)


def charged(limits: RateLimits, weight: int, ip: str = HOME, pool: Pool | None = None) -> int:
    """The code of the refusal, 0 for none."""
    try:
        limits.charge(ip, Cost(weight=weight, pool=pool))
    except Refusal as refusal:
        return refusal.code
    return 0


def ordered(limits: RateLimits, account: str = "one", cost: Cost = ORDER) -> str:
    """What is said of one more order, empty for no refusal."""
    try:
        limits.charge_orders(account, cost)
    except Refusal as refusal:
        return f"{refusal.code} {refusal.message}"
    return ""


def test_weight_is_counted_told_and_refused_when_used_up() -> None:
    limits = limits_of(Clocks(), weight_per_minute=10)
    assert charged(limits, 10) == 0
    assert limits.headers(HOME) == {"X-MBX-USED-WEIGHT-1M": "10"}
    assert charged(limits, 1) == -1003


def test_weight_is_counted_for_each_ip_and_orders_for_each_account() -> None:
    limits = limits_of(Clocks(), weight_per_minute=10, orders_per_ten_seconds=1)
    assert [charged(limits, 10, HOME), charged(limits, 1, HOME), charged(limits, 10, AWAY)] == [0, -1003, 0]
    assert [bool(ordered(limits, name)) for name in ("one", "one", "two")] == [False, True, False]
    assert limits.headers(AWAY, "two")["X-MBX-ORDER-COUNT-10S"] == "1"


@pytest.mark.parametrize("clock", ["venue", "wall"])
def test_a_new_minute_of_either_clock_forgives(clock: str) -> None:
    clocks = Clocks()
    limits = limits_of(clocks, weight_per_minute=10)
    charged(limits, 10)
    setattr(clocks, clock, getattr(clocks, clock) + 60_000)
    assert charged(limits, 10) == 0


def test_orders_have_two_windows_of_their_own() -> None:
    clocks = Clocks()
    limits = limits_of(clocks, orders_per_ten_seconds=2, orders_per_minute=3)
    assert [ordered(limits), ordered(limits)] == ["", ""]
    assert ordered(limits) == "-1015 Too many new orders; current limit is 2 orders per TEN_SECONDS."
    clocks.venue += 10_000
    assert ordered(limits) == "-1015 Too many new orders; current limit is 3 orders per MINUTE."
    clocks.venue += 60_000
    assert ordered(limits) == ""


def test_a_batch_is_five_orders_in_ten_seconds_and_one_in_a_minute() -> None:
    limits = limits_of(Clocks())
    ordered(limits, "one", BATCH)
    headers = limits.headers(HOME, "one")
    assert (headers["X-MBX-ORDER-COUNT-10S"], headers["X-MBX-ORDER-COUNT-1M"]) == ("5", "1")


def test_a_pool_lasts_five_minutes_and_is_shared_by_those_in_it_alone() -> None:
    clocks = Clocks()
    limits = limits_of(clocks)
    assert {charged(limits, 0, pool=Pool.FUNDING) for _ in range(500)} == {0}
    assert charged(limits, 0, pool=Pool.FUNDING) == -1003
    assert charged(limits, 0, pool=Pool.STATISTICS) == 0
    clocks.venue += 300_000
    assert charged(limits, 0, pool=Pool.FUNDING) == 0


def test_too_many_connections_of_one_ip_are_refused() -> None:
    limits = limits_of(Clocks(), connections_per_five_minutes=1)
    limits.connect(HOME)
    limits.connect(AWAY)
    with pytest.raises(Refusal) as refused:
        limits.connect(HOME)
    assert refused.value.code == -1003


def test_going_on_after_many_refusals_is_answered_with_a_ban_that_doubles() -> None:
    clocks = Clocks()
    limits = limits_of(clocks, weight_per_minute=1, refusals_before_ban=3, ban_ms=1_000)
    for length in (1_000, 2_000, 4_000):
        for _ in range(5):
            charged(limits, 1)
        assert limits.banned_until(HOME) == clocks.wall + length
        assert limits.seconds_banned(clocks.wall + length) == length // 1_000
        assert limits.banned_until(AWAY) is None
        clocks.wall += length
        assert limits.banned_until(HOME) is None


def test_no_ban_is_longer_than_three_days() -> None:
    clocks = Clocks()
    limits = limits_of(clocks, weight_per_minute=1, refusals_before_ban=0)
    for _ in range(40):
        charged(limits, 2)
    banned = limits.banned_until(HOME)
    assert banned is not None
    assert banned - clocks.wall == 3 * 86_400_000
