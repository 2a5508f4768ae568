"""The campaign: every scene once a seed, each in a world of its own that comes to rest and is judged as always."""

from __future__ import annotations

import random
from collections.abc import Callable

from campaigns.alone import entries, leaving, stops
from campaigns.alone.way import Scene
from campaigns.campaign import Case
from campaigns.simulated.ending import settle

# With the limits under which no other rule answers first.
SCENES: tuple[tuple[Callable[[Scene], None], str], ...] = (
    (entries.a_symbol_not_on_the_list, "usual"),
    (entries.the_same_bytes_again, "bold"),
    (entries.an_entry_that_outlives_its_guard, "usual"),
    (stops.the_stop_waits_for_no_look, "usual"),
    (stops.a_stop_that_nobody_lists, "usual"),
    (stops.a_stop_that_never_arrives, "usual"),
    (stops.a_stop_that_a_full_disk_forgot, "usual"),
    (leaving.an_exit_that_never_arrived, "usual"),
    (leaving.an_order_that_stays_behind, "usual"),
    (leaving.a_fill_that_is_not_told, "bold"),
)


def alone(seed: int) -> Case:
    """All scenes of one seed."""
    broken: list[str] = []
    struck = 0
    for play, limits in SCENES:
        world = Scene(random.Random(f"{play.__name__} {seed}"), limits)
        play(world)
        struck += world.network.struck
        settle(world)
        title = play.__name__.replace("_", " ")
        broken += [f"{sentence} ({title})" for sentence in world.judge.findings.sentences]
    return Case(seed=seed, cases=len(SCENES), broken=tuple(broken), counts={"faults": struck})
