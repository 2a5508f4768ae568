"""The soak: a month of simulated days, a look a minute, a crew that asks every quarter of an hour.

What the guard remembers must not grow with the days it has lived, and nothing may go unhandled. The first seed lasts a
day, so that a test can afford it.
"""

from __future__ import annotations

import random
from dataclasses import fields
from pathlib import Path

from campaigns.campaign import Case
from campaigns.simulated.ending import settle
from campaigns.simulated.market import SYMBOLS
from campaigns.simulated.world import World
from desk.guard.record.replay import checkpoint_body
from desk.guard.vocabulary.state import GuardState

_MINUTES_A_DAY = 1440
_DAYS, _REHEARSAL = 30, 1
# Days, trades and settled intents of the last while are kept: by the tenth day there are as many as there ever will be.
_GROWTH = 1.05


def month(seed: int) -> Case:
    """Thirty days of one desk; one of the first seed."""
    days = _DAYS if seed else _REHEARSAL
    dice = random.Random(seed)
    world = World(dice, "usual")
    world.market.nerves, world.market.drift = 0.0003, 0.0
    sizes: list[int] = []
    for minute in range(days * _MINUTES_A_DAY):
        world.step(lambda at=minute: _ask(world, at), 60.0)
        if world.guard.state.latch is not None and minute % 60 == 0:
            world.step(world.reset)
        if minute % _MINUTES_A_DAY == 0:
            sizes.append(_things(world.guard.state))
    settle(world)
    broken = list(world.judge.findings.sentences)
    if days == _DAYS and max(sizes[20:]) > max(sizes[10:20]) * _GROWTH:
        broken.append(f"I12: what the guard remembers grows: {sizes}")
    counts = {
        "looks": days * _MINUTES_A_DAY,
        "entries": world.judge.entries,
        "trips": world.trips,
        "things remembered": sizes[-1],
        "bytes remembered": len(checkpoint_body(world.guard.state)),
        "MB resident": _resident_mb(),
    }
    return Case(seed=seed, broken=tuple(broken), counts=counts)


def _ask(world: World, minute: int) -> None:
    if minute % 15:
        return
    symbol = SYMBOLS[minute // 15 % 3]
    held = any(row.quantity for row in world.exchange.positions("desk", symbol))
    action = "CLOSE" if held else world.dice.choice(("OPEN_LONG", "OPEN_SHORT"))
    text = world.crew.ask(
        world.mark(symbol), world.clock.ms, symbol, action, stop_pct="0.02", target_pct="0.05", conviction="0.3"
    )
    world.propose(text)


def _things(state: GuardState) -> int:
    """Rows, orders, trades, answers: how many. Their bytes depend on what was refused, and say little of growth."""
    parts = [state, state.ledger] if state.ledger else [state]
    values = [getattr(part, one.name) for part in parts for one in fields(part)]
    return sum(len(value) for value in values if isinstance(value, tuple))


def _resident_mb() -> int:
    """Megabytes of this process in memory, the campaign's own record among them."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 // 1_000_000
