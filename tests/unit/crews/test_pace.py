"""Time passes in steps the guard can follow, and ends when the data does."""

from __future__ import annotations

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crews.running.pace import SteppedPace, WallPace
from desk.domain.errors import DataError


class ScriptedVenue:
    """A venue that only moves when told, and has data until `end`."""

    def __init__(self, start: int, end: int) -> None:
        self.now = start
        self.end = end
        self.moments: list[int] = []

    def advance(self, to_ms: int) -> int:
        self.now = min(to_ms, self.end)
        self.moments.append(self.now)
        return self.now


def walk(start: int, end: int, cycle: int, step: int, cycles: int) -> tuple[ScriptedVenue, list[int], list[bool]]:
    venue = ScriptedVenue(start, end)
    seen: list[int] = []
    pace = SteppedPace(venue, lambda: seen.append(venue.now), start_ms=start, cycle_ms=cycle, step_ms=step)

    async def run() -> list[bool]:
        return [await pace.next() for _ in range(cycles)]

    return venue, seen, asyncio.run(run())


@given(st.integers(1, 500), st.integers(1, 500), st.integers(1, 5))
def test_the_guard_looks_after_every_step_and_no_step_is_too_long(a: int, b: int, cycles: int) -> None:
    step, cycle = min(a, b), max(a, b)
    venue, seen, went_on = walk(1_000, 10**9, cycle, step, cycles)
    assert seen == venue.moments
    assert venue.now == 1_000 + cycles * cycle
    gaps = [later - earlier for earlier, later in zip([1_000, *seen], seen, strict=False)]
    assert all(0 < gap <= step for gap in gaps)
    assert went_on == [True] * cycles


def test_a_replay_ends_with_its_data_and_says_so() -> None:
    venue, seen, went_on = walk(0, 250, 100, 50, 4)
    assert went_on == [True, True, False, False]
    assert venue.now == 250
    assert seen[-1] == 250


@pytest.mark.parametrize(("cycle", "step"), [(10, 0), (10, 11), (0, 0)])
def test_a_step_that_could_hide_the_cycle_from_the_guard_is_refused(cycle: int, step: int) -> None:
    with pytest.raises(DataError):
        SteppedPace(ScriptedVenue(0, 1), lambda: None, start_ms=0, cycle_ms=cycle, step_ms=step)


def test_the_wall_clock_keeps_its_rhythm_when_a_decision_is_late() -> None:
    async def run() -> float:
        loop = asyncio.get_running_loop()
        pace = WallPace(0.02)
        began = loop.time()
        for _ in range(3):
            assert await pace.next()
        return loop.time() - began

    assert asyncio.run(run()) >= 0.059


def test_who_stops_does_not_wait_for_a_cycle_to_end() -> None:
    async def run() -> tuple[bool, float]:
        loop = asyncio.get_running_loop()
        stopping = threading.Event()
        pace = WallPace(60, stopped=stopping.is_set)
        loop.call_later(0.05, stopping.set)
        began = loop.time()
        return await pace.next(), loop.time() - began

    went_on, waited = asyncio.run(run())
    assert not went_on
    assert waited < 5


def test_what_calls_ends_a_stepped_wait_early_and_the_round_stays_due() -> None:
    venue, calls = ScriptedVenue(0, 10_000), iter([False, True, False, False, False])
    pace = SteppedPace(venue, lambda: None, start_ms=0, cycle_ms=400, step_ms=100, called=lambda: next(calls, False))

    async def run() -> list[tuple[bool, bool, int]]:
        return [(await pace.next(), pace.early, venue.now) for _ in range(3)]

    assert asyncio.run(run()) == [(True, True, 200), (True, False, 400), (True, False, 800)]


def test_what_calls_ends_a_wait_on_the_wall_early_and_the_rhythm_is_kept() -> None:
    calls = iter([True])
    pace = WallPace(0.3, called=lambda: next(calls, False))

    async def run() -> tuple[float, list[bool]]:
        began = asyncio.get_running_loop().time()
        early = [pace.early for _ in range(2) if await pace.next()]
        return asyncio.get_running_loop().time() - began, early

    waited, early = asyncio.run(run())
    assert early == [True, False]
    assert waited >= 0.3
