"""How fast the desk is out: a tick crosses the day's limit while everything around the guard fails.

Two promises with a clock. An intent that arrives with the very tick that crosses the limit opens nothing any more,
whatever else is wrong. And the account is flat within five seconds of that tick, counted while the exchange answers:
what its own slowness took is not the guard's.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from campaigns.oracle.findings import Findings
from campaigns.simulated.ending import settle
from campaigns.simulated.market import SYMBOLS
from campaigns.simulated.network import FAULTS
from campaigns.simulated.world import ACCOUNT, World
from desk.domain.intents import Outcome

FLAT_MS, LOOK_MS = 5_000, 250
# How far past the day's limit the tick goes, as a share of equity: close calls and crashes.
_BEYOND = (0.0005, 0.005, 0.03)
_LIMIT = 0.05


@dataclass(frozen=True, kw_only=True)
class Left:
    """One way out. `flat_ms` is virtual time from the tick to an account without a position."""

    findings: Findings
    flat_ms: int
    restarts: int
    struck: int


def leave(seed: int) -> Left:
    """Open all that may be open, let one tick cost more than the day may, and leave through a swarm of faults."""
    dice = random.Random(seed)
    faults = frozenset(fault for fault in FAULTS if dice.random() < 0.5)
    world = World(dice, "bold", faults)
    world.network.calm = True
    _enter(world)
    world.network.calm = False
    _cross(world, dice.choice(_BEYOND))
    flat_ms = _out(world)
    if flat_ms > FLAT_MS:
        world.judge.findings.broken("I9", f"flat {flat_ms} ms after the tick that crossed the limit")
    settle(world)
    return Left(findings=world.judge.findings, flat_ms=flat_ms, restarts=world.restarts, struck=world.network.struck)


def _enter(world: World) -> None:
    """A position in every coin, both ways, as large as the guard allows."""
    for symbol in SYMBOLS:
        action = world.dice.choice(("OPEN_LONG", "OPEN_SHORT"))
        shape = {"conviction": "1", "stop_pct": "0.05", "target_pct": "0.5"}
        ask = world.crew.ask(world.mark(symbol), world.clock.ms, symbol, action, **shape)
        world.step(lambda text=ask: world.propose(text), 2.0)


def _cross(world: World, beyond: float) -> None:
    """One tick, all coins against us at once, by just enough."""
    while (lost := _lost(world)) < _LIMIT:
        held = [row for row in world.exchange.positions(ACCOUNT) if row.quantity]
        equity = world.exchange.summary(ACCOUNT).margin_balance
        gross = sum((abs(row.notional) for row in held), Decimal(0))
        share = (_LIMIT + beyond - lost) * float(equity / gross)
        for row in held:
            world.market.jump(row.symbol, -share if row.quantity > 0 else share)


def _lost(world: World) -> float:
    """What the day has cost so far, by the exchange's own equity and the judge's baseline, as a share of 1."""
    return float(1 - Fraction(world.exchange.summary(ACCOUNT).margin_balance) / world.judge.books.days[-1].baseline)


def _out(world: World) -> int:
    """The guard's looks, four a second, until nothing is held. What the exchange dawdled is not counted."""
    began = world.clock.ms
    world.market.nerves = world.market.drift = 0.0
    world.step(lambda: _asks_too_late(world))
    while any(row.quantity for row in world.exchange.positions(ACCOUNT)):
        if world.clock.ms - began > 20 * FLAT_MS:
            return world.clock.ms - began
        world.step(lambda: None, LOOK_MS / 1000)
    flat = max((fill.at_ms for fill in world.exchange.trades(ACCOUNT)), default=began)
    return max(0, flat - began - sum(ms for at, ms in world.network.dawdled if began <= at <= flat))


def _asks_too_late(world: World) -> None:
    """The first to see the tick is somebody who wants to open: even with the breach still unconfirmed, nothing does."""
    symbol = world.dice.choice(SYMBOLS)
    text = world.crew.ask(world.mark(symbol), world.clock.ms, symbol, "OPEN_LONG", stop_pct="0.02", target_pct="0.05")
    verdict = world.guard.propose(text).verdict
    if verdict.outcome is not Outcome.REFUSED:
        world.judge.findings.broken("I8", f"{symbol} opened on the tick that crossed the limit")
