"""A guard that cannot see the venue says so, instead of showing a number that was true once."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from desk.guard.inprocess import VirtualClock, guard_in_process
from tests.unit.desk.guard.fake_venue import FakeVenue
from ui.status_screen import status_screen
from ui.terminal import THEME


def shown(guard_status: object) -> str:
    paper = StringIO()
    Console(width=100, file=paper, theme=THEME).print(guard_status)
    return paper.getvalue()


def test_a_guard_that_sees_the_venue_has_no_trouble() -> None:
    clock = VirtualClock()
    venue = FakeVenue(clock)
    guard = guard_in_process(venue, filters=venue.filters, clock=clock)
    guard.look()
    assert guard.status().trouble == ""
    assert "10,000.00" in shown(status_screen(guard.status(), profile="demo", label=""))


def test_a_blind_guard_names_the_trouble_and_shows_no_old_number() -> None:
    clock = VirtualClock()
    venue = FakeVenue(clock)
    guard = guard_in_process(venue, filters=venue.filters, clock=clock)
    guard.look()
    venue.down = True
    guard.look()
    assert guard.status().trouble
    text = shown(status_screen(guard.status(), profile="demo", label=""))
    assert "cannot see the venue" in text
    assert "10,000.00" not in text
