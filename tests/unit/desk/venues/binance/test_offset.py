"""The venue's clock is measured as often as it deserves: seldom when it keeps pace, always when it does not."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from desk.domain.errors import VenueUnavailableError
from desk.venues.binance.offset import ClockOffset


class World:
    """Local time that moves when told, and a venue whose clock runs at `speed`."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self.seconds = 1000.0
        self.measured = 0
        self.broken = False

    def venue_ms(self) -> int:
        if self.broken:
            raise VenueUnavailableError("away")
        self.measured += 1
        return int(5_000_000 + (self.seconds - 1000) * 1000 * self.speed)

    def clock(self) -> ClockOffset:
        wall: Callable[[], float] = lambda: self.seconds * 1000  # noqa: E731 - reads best beside its use
        return ClockOffset(measure=self.venue_ms, wall_ms=wall, monotonic=lambda: self.seconds)


def run(world: World, clock: ClockOffset, seconds: float, step: float = 0.5) -> float:
    """Ask every `step` seconds; the worst error of the estimate in ms."""
    worst = 0.0
    end = world.seconds + seconds
    while world.seconds < end:
        world.seconds += step
        estimate = world.seconds * 1000 + clock.offset_ms()
        truth = 5_000_000 + (world.seconds - 1000) * 1000 * world.speed
        worst = max(worst, abs(estimate - truth))
    return worst


def test_a_steady_clock_earns_a_minute_of_trust() -> None:
    world = World(1.0)
    clock = world.clock()
    run(world, clock, 200)
    earned = world.measured
    run(world, clock, 600)
    assert earned <= 12
    assert world.measured - earned <= 11


@pytest.mark.parametrize("speed", [0.0, 10.0, 60.0])
def test_a_clock_that_does_not_keep_pace_is_measured_for_every_request(speed: float) -> None:
    world = World(speed)
    clock = world.clock()
    run(world, clock, 2)
    assert run(world, clock, 20) < 1


def test_a_refused_timestamp_means_a_new_measurement() -> None:
    world = World(1.0)
    clock = world.clock()
    run(world, clock, 60)
    before = world.measured
    clock.forget()
    clock.offset_ms()
    assert world.measured == before + 1


def test_without_a_measurement_there_is_no_estimate() -> None:
    world = World(1.0)
    world.broken = True
    with pytest.raises(VenueUnavailableError):
        world.clock().now_ms()


def test_a_venue_that_refuses_even_the_question_for_its_time_hangs_nobody() -> None:
    world = World(speed=1.0)

    def refused() -> int:
        clock.forget()
        raise VenueUnavailableError("Timestamp for this request is outside of the recvWindow.")

    clock = ClockOffset(measure=refused, wall_ms=lambda: world.seconds * 1000, monotonic=lambda: world.seconds)

    def ask() -> None:
        with pytest.raises(VenueUnavailableError):
            clock.offset_ms()

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(5)
    assert not asking.is_alive()
