"""The order lists are dear: read at once where it matters, and never so often that the minute is eaten."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desk.guard.venue.cadence import ListsCadence
from desk.guard.vocabulary.state import GuardState, Mode

LOOK_MS, EVERY_MS, MINUTE_MS = 250, 20_000, 60_000
WEIGHT, LIMIT = 80, 2400
CALM = GuardState()
CLOSING = replace(CALM, mode=Mode.FLATTENING)
STRANGE = replace(CALM, unexplained=("an order of nobody",))


def reads(state: GuardState, *, until_ms: int, wanted: bool = False) -> list[int]:
    """When a guard that looks four times a second reads the lists."""
    cadence, told = ListsCadence(EVERY_MS), list[int]()
    for mono in range(0, until_ms, LOOK_MS):
        if cadence.due(state, mono, wanted=wanted):
            cadence.read(mono)
            told.append(mono)
    return told


def test_in_calm_times_the_lists_are_read_every_twenty_seconds() -> None:
    assert reads(CALM, until_ms=MINUTE_MS) == [0, 20_000, 40_000]


def test_what_has_to_be_proven_gone_is_looked_for_at_every_look_at_first() -> None:
    assert reads(CLOSING, until_ms=2000) == list(range(0, 2000, LOOK_MS))


@pytest.mark.parametrize("state", [STRANGE, CLOSING], ids=["a stranger's order", "an exit that does not end"])
def test_what_stays_for_ten_minutes_never_eats_the_weight_of_a_minute(state: GuardState) -> None:
    times = reads(state, until_ms=10 * MINUTE_MS)
    for start in range(0, 9 * MINUTE_MS, 1000):
        within = [at for at in times if start <= at < start + MINUTE_MS]
        assert len(within) * WEIGHT <= LIMIT * 3 / 4


def test_a_new_hurry_is_a_hurry_again() -> None:
    cadence = ListsCadence(EVERY_MS)
    for mono in range(0, 120_000, LOOK_MS):
        if cadence.due(STRANGE, mono, wanted=False):
            cadence.read(mono)
    cadence.due(CALM, 120_000, wanted=False)
    cadence.read(120_000)
    assert not cadence.due(STRANGE, 121_000, wanted=False)
    assert cadence.due(STRANGE, 122_000, wanted=False)


def test_a_change_somebody_heard_of_is_read_within_two_seconds() -> None:
    assert reads(CALM, until_ms=7000, wanted=True) == [0, 2000, 4000, 6000]
