"""The Health tab tells the venue's clock in a way that is true of the market at hand: weeks are no offset."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from config.profile import ClockSettings
from tests.unit.crews.fakes import NOW, FakeGuard, FixedClock, status
from ui.console.panels import PANELS, Wanted
from ui.server.house import House
from ui.venue_clock import clock_words
from ui.window.guard import Seen

WEEKS = -2_764_800_123


class Told:
    """A guard's door that tells of its side of the venue."""

    def __enter__(self) -> Told:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def venue(self) -> dict[str, Any]:
        budget = {"used_weight": 12, "weight_limit": 2400, "orders_ten": 0, "orders_minute": 1, "held_seconds": 0.0}
        return {"budget": budget | {"banned": False}, "clock_offset_ms": WEEKS}


@pytest.fixture
def health(house: House, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    told = status(FakeGuard(FixedClock()))
    monkeypatch.setattr(house.window.guard, "look", lambda: Seen(status=told))
    monkeypatch.setattr(house.window.guard, "client", Told)
    return lambda: PANELS["health"](house, Wanted(said={}))


def test_a_stepped_market_is_told_by_its_own_time(health: Callable[[], str]) -> None:
    told = health()
    assert f"stepped market, at {NOW:%Y-%m-%d %H:%M:%S} UTC" in told
    assert "<dt>clock</dt>" in told
    assert "2764800123" not in told
    assert "Request weight this minute" in told


@pytest.mark.parametrize(
    ("clock", "offset", "words"),
    [
        (ClockSettings(mode="real"), 12, "12 ms off ours"),
        (ClockSettings(mode="real"), 0, "0 ms off ours"),
        (ClockSettings(mode="real"), None, "not measured yet"),
        (ClockSettings(mode="faster", speed=144), WEEKS, "the market's own: 144 times as fast as ours"),
        (ClockSettings(mode="stepped"), WEEKS, "stepped market"),
    ],
)
def test_only_a_clock_that_keeps_our_time_has_an_offset(clock: ClockSettings, offset: int | None, words: str) -> None:
    assert clock_words(clock, offset, None) == words


def test_nobody_has_heard_the_time_of_a_market_without_a_guard(house: House) -> None:
    assert "<dt>clock</dt>" not in PANELS["health"](house, Wanted(said={}))
