"""The campaigns of the deterministic storm: many seeds, each once; some seeds twice; and clocks that lie."""

from __future__ import annotations

import random

from campaigns.campaign import Case
from campaigns.simulated.clocks import lie
from campaigns.simulated.ending import settle
from campaigns.simulated.leaving import leave
from campaigns.simulated.storm import Played, play
from campaigns.simulated.world import World

_EVENTS_TWICE = 200
_LATE = ((0, "flat at once"), (1000, "flat within a second"), (2500, "within 2.5 s"), (5000, "within 5 s"))
# One run in this many is replayed from its first row, the others from their newest checkpoint.
_FROM_ROW_ONE = 50


def once(seed: int) -> Case:
    """One seed of the storm: a swarm of faults over five hundred events."""
    return _case(play(seed, from_start=seed % _FROM_ROW_ONE == 0))


def twice(seed: int) -> Case:
    """The same seed gives the same record, row for row, and so the same state: it follows from the rows alone."""
    first, second = play(seed, _EVENTS_TWICE), play(seed, _EVENTS_TWICE)
    case = _case(first)
    if first.fingerprint == second.fingerprint:
        return case
    return Case(seed=seed, broken=(*case.broken, "I11: the same seed gave another run"), counts=case.counts)


def clocks(seed: int) -> Case:
    """Midnights, wall clocks a day off, months at their ends: one baseline a UTC day, and a latch that stays."""
    world = World(random.Random(seed), "bold")
    lie(world)
    settle(world)
    return Case(seed=seed, broken=tuple(world.judge.findings.sentences), counts={"days": len(world.baselines)})


def leaving(seed: int) -> Case:
    """A tick that costs more than the day may, and the way out through a swarm of faults."""
    left = leave(seed)
    late = next((name for limit, name in _LATE if left.flat_ms <= limit), "later than five seconds")
    counts = {late: 1, "faults": left.struck, "restarts": left.restarts}
    return Case(seed=seed, broken=tuple(left.findings.sentences), counts=counts)


def _case(played: Played) -> Case:
    counts = {
        "events": played.events,
        "entries": played.entries,
        "faults": played.struck,
        "trips": played.trips,
        "restarts": played.restarts,
    }
    return Case(seed=played.seed, broken=tuple(played.findings.sentences), counts=counts)
