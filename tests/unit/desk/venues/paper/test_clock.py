"""The venue's clock only grows, runs at the pace it was given, and stops where the data ends."""

from __future__ import annotations

import pytest

from desk.domain.errors import DataError
from desk.venues.paper.clock import ClockMode, VenueClock

START = 1_700_000_000_000


class FakeCounter:
    """A monotonic counter that a test moves."""

    def __init__(self) -> None:
        self.ns = 5_000_000_000

    def __call__(self) -> int:
        return self.ns

    def pass_seconds(self, seconds: float) -> None:
        self.ns += int(seconds * 1e9)


@pytest.mark.parametrize(
    ("mode", "speed", "expected_ms"), [(ClockMode.REAL, 60, 2_000), (ClockMode.FASTER, 60, 120_000)]
)
def test_a_running_clock_starts_at_the_given_time_and_keeps_its_pace(
    mode: ClockMode, speed: int, expected_ms: int
) -> None:
    counter = FakeCounter()
    clock = VenueClock(mode, START, speed=speed, monotonic_ns=counter)
    assert clock.now_ms() == START
    counter.pass_seconds(2)
    assert clock.now_ms() == START + expected_ms


def test_a_stepped_clock_stands_still_until_it_is_moved() -> None:
    counter = FakeCounter()
    clock = VenueClock(ClockMode.STEPPED, START, monotonic_ns=counter)
    counter.pass_seconds(3600)
    assert clock.now_ms() == START
    assert clock.advance_to(START + 900_000) == START + 900_000
    assert clock.now_ms() == START + 900_000


def test_time_never_goes_back() -> None:
    clock = VenueClock(ClockMode.STEPPED, START)
    clock.advance_to(START + 10)
    with pytest.raises(DataError, match="cannot go back"):
        clock.advance_to(START + 9)
    assert clock.now_ms() == START + 10


def test_a_counter_that_jumps_back_does_not_take_the_market_with_it() -> None:
    counter = FakeCounter()
    clock = VenueClock(ClockMode.REAL, START, monotonic_ns=counter)
    counter.pass_seconds(-1)
    assert clock.now_ms() == START


def test_a_running_clock_cannot_be_moved() -> None:
    with pytest.raises(DataError, match="runs by itself"):
        VenueClock(ClockMode.REAL, START).advance_to(START + 1)


def test_time_stops_where_the_data_ends() -> None:
    counter = FakeCounter()
    running = VenueClock(ClockMode.FASTER, START, speed=100, end_ms=START + 1_000, monotonic_ns=counter)
    counter.pass_seconds(60)
    assert running.now_ms() == START + 1_000
    assert running.ended
    stepped = VenueClock(ClockMode.STEPPED, START, end_ms=START + 1_000)
    assert not stepped.ended
    assert stepped.advance_to(START + 5_000) == START + 1_000
    assert stepped.ended


def test_a_clock_slower_than_real_time_is_refused() -> None:
    with pytest.raises(DataError, match="1 times"):
        VenueClock(ClockMode.FASTER, START, speed=0)
