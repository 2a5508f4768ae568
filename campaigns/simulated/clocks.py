"""Time as it goes wrong: midnights straddled, the desk's clock jumping by days, starts in the middle of a new day.

The venue's clock is the day's; it may stand still and leap, never run backwards for the guard. The desk's wall clock
may do anything, and changes no day.
"""

from __future__ import annotations

from campaigns.oracle.books import DAY_MS
from campaigns.simulated.market import SYMBOLS
from campaigns.simulated.world import World

_SKEWS = (0, 0, 900, -900, 3_600_000, -3_600_000, DAY_MS, -DAY_MS, 365 * DAY_MS)


def lie(world: World, straddles: int = 12) -> None:
    """Trade around midnights while clocks jump; each UTC day must have one baseline, written once, in order."""
    dice = world.dice
    for _ in range(straddles):
        midnight = (world.clock.ms // DAY_MS + 1) * DAY_MS
        world.clock.skew_ms = 0
        world.step(lambda: None, max(1.0, (midnight - world.clock.ms) / 1000 - dice.choice((1, 30, 120))))
        for _ in range(8):
            _ask(world)
            world.clock.skew_ms = dice.choice(_SKEWS)
            world.step(lambda: None, dice.choice((0.5, 1.0, 20.0, 60.0)))
            world.clock.skew_ms = 0
            if dice.random() < 0.15:
                world.start()
            if dice.random() < 0.2:
                world.step(world.reset)
        world.step(lambda: None, 200.0)
    dates = [row.date for row in world.guard.state.days]
    if dates != sorted(set(dates)):
        world.judge.findings.broken("I6", f"days out of order or twice: {dates}")
    if len(world.judge.books.days) < straddles:
        world.judge.findings.broken("I6", "a midnight was missed")


def _ask(world: World) -> None:
    symbol = world.dice.choice(SYMBOLS)
    text = world.crew.ask(world.mark(symbol), world.clock.ms, symbol, stop_pct="0.05", conviction="1")
    world.step(lambda: world.propose(text))
