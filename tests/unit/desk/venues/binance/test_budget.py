"""Entries and the crew stop long before the venue would, exits do not, and a venue that asks to wait is waited for."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.errors import VenueUnavailableError
from desk.venues.binance import BinanceGateway, open_gateway, open_public
from desk.venues.binance.budget import Limits, Purpose, RequestBudget
from desk.venues.binance.weights import weight_of
from tests.unit.desk.venues.binance.scripted_venue import Reply, Request, ScriptedVenue, refused
from tests.unit.desk.venues.binance.test_gateway_orders import BUY, EXIT, ORDER, order_json

WALL_MS = 1_790_000_000_000 // 60_000 * 60_000


class Bench:
    def __init__(self) -> None:
        self.seconds = 0.0
        self.budget = RequestBudget(monotonic=lambda: self.seconds, wall_ms=lambda: WALL_MS + self.seconds * 1000)

    def used(self, weight: int | str) -> None:
        self.budget.observe({"X-MBX-USED-WEIGHT-1M": str(weight)})

    def passes(self, purpose: Purpose, *, weight: int = 1, orders: int = 0) -> bool:
        try:
            with self.budget.spending(purpose, weight, orders=orders):
                return True
        except VenueUnavailableError:
            return False


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize(
    ("purpose", "last", "first"),
    [(Purpose.LOOK, 960, 961), (Purpose.ENTER, 1200, 1201), (Purpose.WATCH, 2400, None), (Purpose.EXIT, 2400, None)],
)
def test_each_purpose_stops_at_its_share(bench: Bench, purpose: Purpose, last: int, first: int | None) -> None:
    bench.used(last)
    assert bench.passes(purpose)
    if first is not None:
        bench.used(first)
        assert not bench.passes(purpose)


@pytest.mark.parametrize("said", ["nonsense", "", "-5", "١٢٠٠"])
def test_a_count_that_is_none_changes_nothing(bench: Bench, said: str) -> None:
    bench.used(1201)
    bench.used(said)
    assert not bench.passes(Purpose.ENTER)


def test_the_weight_of_a_past_minute_is_forgotten(bench: Bench) -> None:
    bench.used(2400)
    bench.seconds = 59.9
    assert bench.budget.used() == 2400
    bench.seconds = 60.0
    assert bench.budget.used() == 0
    assert bench.passes(Purpose.LOOK)


def test_what_is_on_its_way_counts_before_the_venue_has_counted_it(bench: Bench) -> None:
    bench.used(955)
    with bench.budget.spending(Purpose.LOOK, 10):
        assert not bench.passes(Purpose.LOOK)
        assert bench.passes(Purpose.ENTER)
    assert bench.passes(Purpose.LOOK)


@pytest.mark.parametrize(("header", "last"), [("X-MBX-ORDER-COUNT-10S", 149), ("X-MBX-ORDER-COUNT-1M", 599)])
def test_entries_stop_at_half_of_the_orders_and_exits_pass(bench: Bench, header: str, last: int) -> None:
    bench.budget.observe({header: str(last)})
    assert bench.passes(Purpose.ENTER, orders=1)
    bench.budget.observe({header: str(last + 1)})
    assert not bench.passes(Purpose.ENTER, orders=1)
    assert bench.passes(Purpose.ENTER)
    assert bench.passes(Purpose.EXIT, orders=1)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_429_is_waited_out_by_everybody_for_as_long_as_it_says(bench: Bench, purpose: Purpose) -> None:
    bench.budget.refused(429, -1003, "7", "")
    bench.seconds = 6.9
    assert not bench.passes(purpose)
    bench.seconds = 7.0
    assert bench.passes(purpose)


def test_a_429_that_does_not_say_is_waited_out_until_the_minute_is_over(bench: Bench) -> None:
    bench.seconds = 20.0
    bench.budget.refused(429, -1003, None, "")
    bench.seconds = 60.0
    assert not bench.passes(Purpose.EXIT)
    bench.seconds = 61.0
    assert bench.passes(Purpose.EXIT)


def test_too_many_orders_hold_orders_and_nothing_else(bench: Bench) -> None:
    bench.budget.refused(429, -1015, None, "")
    assert not bench.passes(Purpose.EXIT, orders=1)
    assert bench.passes(Purpose.EXIT)
    assert bench.passes(Purpose.WATCH)
    bench.seconds = 10.0
    assert bench.passes(Purpose.EXIT, orders=1)


@pytest.mark.parametrize(
    ("retry_after", "words", "seconds"),
    [
        ("300", "", 300),
        (None, f"Way too many requests; IP banned until {WALL_MS + 45_000}.", 45),
        (None, "banned", 120),
    ],
)
def test_a_ban_stops_everything_and_says_so(
    bench: Bench, retry_after: str | None, words: str, seconds: int, caplog: pytest.LogCaptureFixture
) -> None:
    bench.budget.refused(418, -1003, retry_after, words)
    assert (bench.budget.report().banned, bench.budget.report().held_seconds) == (True, seconds)
    with pytest.raises(VenueUnavailableError, match=r"banned this address.*exits neither"):
        bench.budget.spending(Purpose.EXIT, 1).__enter__()
    assert [record.levelno for record in caplog.records] == [logging.CRITICAL]
    bench.seconds = seconds
    assert bench.passes(Purpose.LOOK)
    assert not bench.budget.report().banned


def test_a_hold_never_shortens_a_ban(bench: Bench) -> None:
    bench.budget.refused(418, -1003, "300", "")
    bench.budget.refused(429, -1003, "5", "")
    bench.seconds = 200
    assert not bench.passes(Purpose.EXIT)
    assert bench.budget.report().banned


@given(
    st.lists(st.tuples(st.sampled_from([Purpose.LOOK, Purpose.ENTER, Purpose.EXIT]), st.integers(1, 40)), max_size=200)
)
def test_no_mix_of_looks_and_entries_ever_takes_the_exits_half(asked: list[tuple[Purpose, int]]) -> None:
    bench, used = Bench(), 0
    for purpose, weight in asked:
        by_others = used
        if bench.passes(purpose, weight=weight):
            used += weight
            bench.used(used)
            if purpose is not Purpose.EXIT:
                assert by_others <= bench.budget.limits.weight // 2
        else:
            assert purpose is not Purpose.EXIT


# Two processes behind one address


def counting(venue: ScriptedVenue, limit: int) -> Callable[[Request], Reply]:
    """A venue that counts what its address asks, as Binance does, and says so on each answer."""
    count = [0]

    def answer(request: Request) -> Reply:
        count[0] += 100
        if count[0] > limit:
            return refused(-1003, "Too many requests.", 429)
        body = order_json(clientOrderId=request.params.get("newClientOrderId", "x"), side=request.params.get("side"))
        return Reply(body, headers={"X-MBX-USED-WEIGHT-1M": str(count[0])})

    venue.answers(f"POST {ORDER}", answer)
    venue.answers("GET /fapi/v1/openInterest", lambda request: answer(request) and _interest(count[0]))
    return answer


def _interest(used: int) -> Reply:
    body = {"symbol": "BTCUSDT", "openInterest": "1", "time": WALL_MS}
    return Reply(body, headers={"X-MBX-USED-WEIGHT-1M": str(used)})


def test_a_busy_crew_stops_before_it_can_starve_the_guard_of_the_same_address(venue: ScriptedVenue) -> None:
    counting(venue, 2400)
    crew, guard = open_public(venue.url), open_gateway(venue.url, "key", "secret")
    for _ in range(10):
        crew.open_interest("BTCUSDT")
    with pytest.raises(VenueUnavailableError, match="kept for exits"):
        crew.open_interest("BTCUSDT")
    # The guard has asked nothing yet: its first answer tells it what the address has used, and its entry passes.
    guard.submit(BUY)
    assert guard.used_weight == 1100
    guard.submit(BUY)
    guard.submit(BUY)
    with pytest.raises(VenueUnavailableError, match="kept for exits"):
        guard.submit(BUY)
    for _ in range(11):
        guard.submit(EXIT)
    crew.close()
    guard.close()


def test_after_a_429_nothing_is_sent_until_the_wait_is_over(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(f"POST {ORDER}", Reply({"code": -1003, "msg": "wait"}, 429, {"Retry-After": "30"}))
    for _ in range(3):
        with pytest.raises(VenueUnavailableError):
            gateway.submit(EXIT)
    assert len(venue.requests(f"POST {ORDER}")) == 1


def test_the_venues_own_limits_are_the_ones_that_count(bench: Bench) -> None:
    bench.budget.limits = Limits(weight=6000, orders_minute=1200, orders_ten=300)
    bench.used(3000)
    assert bench.passes(Purpose.ENTER)


@pytest.mark.parametrize(
    ("method", "params", "weight"),
    [
        ("futures_klines", {"limit": 99}, 1),
        ("futures_klines", {"limit": 100}, 2),
        ("futures_klines", {"limit": 1500}, 10),
        ("futures_klines", {}, 5),
        ("futures_order_book", {"limit": 1000}, 20),
        ("futures_get_open_orders", {}, 40),
        ("futures_get_open_orders", {"symbol": "BTCUSDT"}, 1),
        ("futures_time", {}, 1),
    ],
)
def test_a_request_costs_what_the_documentation_says(method: str, params: dict[str, object], weight: int) -> None:
    assert weight_of(method, params) == weight
