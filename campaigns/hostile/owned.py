"""A month with a model that belongs to the attacker: well-formed, legal-looking, deaf to every answer.

No fault strikes here: this asks what greed alone can do. An operator resets the desk whenever it lets him, so that
every day starts with its budget, and the market has bad days with jumps in it.
"""

from __future__ import annotations

import random

from campaigns.campaign import Case
from campaigns.hostile.strategies import STRATEGIES
from campaigns.simulated.ending import settle
from campaigns.simulated.market import SYMBOLS
from campaigns.simulated.world import World

_DAYS, _STEP_S = 30, 3600
# One run in this many is replayed from its first row, the others from their newest checkpoint.
_FROM_ROW_ONE = 50


def owned(seed: int) -> Case:
    """Thirty simulated days of one strategy."""
    dice = random.Random(seed)
    strategy = STRATEGIES[seed % len(STRATEGIES)]
    world = World(dice, "usual")
    world.market.drift = dice.choice((-0.0006, -0.0002, 0.0, 0.0004))
    for turn in range(_DAYS * 86_400 // _STEP_S):
        world.step(lambda at=turn: strategy.asks(world, strategy.stop, at), _STEP_S)
        if dice.random() < 0.004:
            world.step(lambda: world.market.jump(dice.choice(SYMBOLS), dice.uniform(-0.08, 0.08)))
        if world.guard.state.latch is not None:
            world.step(world.reset)
    settle(world, from_start=seed % _FROM_ROW_ONE == 0)
    worst = max((1 - day.lowest / day.baseline for day in world.judge.books.days), default=0)
    counts = {"entries": world.judge.entries, "trips": world.trips, "days": len(world.judge.books.days)}
    counts["days that lost over 4 %"] = sum(1 - day.lowest / day.baseline > 0.04 for day in world.judge.books.days)
    broken = tuple(f"{strategy.name}, stop {strategy.stop}: {one}" for one in world.judge.findings.sentences)
    return Case(seed=seed, broken=broken, counts={**counts, "worst day, hundredths of a percent": int(worst * 10_000)})
