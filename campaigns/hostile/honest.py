"""Safety that refuses everything is no safety: a crew that keeps the rules gets its orders, and nothing may trip."""

from __future__ import annotations

import random
from collections import Counter

from campaigns.campaign import Case
from campaigns.simulated.market import SYMBOLS
from campaigns.simulated.world import World
from desk.domain.intents import Outcome

_ASKED, _ENOUGH = 100, 98


def honest(seed: int) -> Case:
    """A hundred legal intents, one after the other, in a market that is calm enough to trade."""
    dice = random.Random(seed)
    world = World(dice, "usual")
    # The crew reads the market rightly more often than not: what a losing crew may not do is no refusal of the legal.
    world.market.nerves, world.market.drift = 0.0001, 0.0008
    refused: Counter[str] = Counter()
    for turn in range(_ASKED):
        symbol = SYMBOLS[turn % 3]
        held = any(row.quantity for row in world.exchange.positions("desk", symbol))
        action = "CLOSE" if held else "OPEN_LONG"
        shape = {"stop_pct": dice.choice(("0.02", "0.03", "0.05")), "target_pct": "0.06", "conviction": "0.25"}
        shape["strategy_id"] = f"honest-{turn % 8}"
        text = world.crew.ask(world.mark(symbol), world.clock.ms, symbol, action, **shape)
        verdict = world.guard.propose(text).verdict
        if verdict.outcome is Outcome.REFUSED:
            refused[verdict.rule] += 1
        world.step(lambda: None, dice.choice((600.0, 1200.0, 3600.0)))
    broken = list(world.judge.findings.sentences)
    if _ASKED - refused.total() < _ENOUGH:
        broken.append(f"I12: {refused.total()} of {_ASKED} legal intents refused: {dict(refused)}")
    if world.trips:
        broken.append(f"I12: tripped by {world.guard.state.latch}")
    counts = {"refused": refused.total(), "entries": world.judge.entries, "trips": world.trips}
    return Case(seed=seed, cases=_ASKED, broken=tuple(broken), counts=counts)
