"""The deterministic storm: a hostile crew, a wild market, a failing network, kills and a full disk, from one seed.

Each seed switches on its own random half of the faults (swarm testing: Groce et al., ISSTA 2012), because faults that
are always all on hide each other. After the last event the faults end, and within half a minute all must be well.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from campaigns.oracle.findings import Findings
from campaigns.simulated.ending import settle
from campaigns.simulated.market import SYMBOLS
from campaigns.simulated.network import FAULTS
from campaigns.simulated.world import ACCOUNT, World
from desk.domain.errors import GuardError
from desk.domain.orders import Side
from desk.venues.paper.engine.values import NewOrder, OrderKind, Refusal

_WEIGHTS: Mapping[str, float] = {
    "propose": 26,
    "tick": 34,
    "wait": 16,
    "again": 3,
    "burst": 2,
    "jump": 3,
    "lose a stop": 2,
    "foreign": 1,
    "outage": 2,
    "disk": 0.3,
    "halt": 1,
    "flatten": 1,
    "tighten": 1,
    "reset": 4,
    "skew": 2,
    "restart": 0.3,
}

EVENTS = 500


@dataclass(frozen=True, kw_only=True)
class Played:
    """What one seed came to. `fingerprint` covers every row of the record but for the codes shown to a human."""

    seed: int
    events: int
    findings: Findings
    fingerprint: str
    entries: int
    trips: int
    restarts: int
    struck: int
    longest_bare_ms: int


def play(seed: int, events: int = EVENTS, *, from_start: bool = True) -> Played:
    """Play one seed to its end. `from_start`: replay its journal from the first row, not from the newest checkpoint."""
    storm = Storm(seed)
    for _ in range(events):
        storm.happen()
    return storm.end(seed, events, from_start=from_start)


class Storm:
    """One seed's world and its weather."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self.world = self._world(self._dice)
        self._names, self._weights = list(_WEIGHTS), list(_WEIGHTS.values())
        self._does: Mapping[str, Callable[[], None]] = {
            "again": self._again,
            "burst": self._burst,
            "lose a stop": self._lose_a_stop,
            "foreign": self._foreign,
            "halt": lambda: self.world.guard.halt("a storm"),
            "flatten": lambda: self.world.guard.flatten("a storm"),
            "tighten": self._tighten,
            "reset": self.world.reset,
            "propose": self._propose,
        }

    def _world(self, dice: random.Random) -> World:
        faults = frozenset(fault for fault in FAULTS if dice.random() < 0.5)
        return World(dice, dice.choice(("usual", "bold", "narrow")), faults)

    def happen(self) -> None:
        """One event and what follows from it."""
        dice, world = self._dice, self.world
        [name] = dice.choices(self._names, self._weights)
        if name == "tick":
            world.step(_nothing, dice.choice((0.25, 0.5, 1.0)))
        elif name == "wait":
            world.step(_nothing, dice.choice((2.0, 5.0, 30.0, 300.0, 3600.0, 14_400.0)))
        elif name == "jump":
            world.step(lambda: world.market.jump(dice.choice(SYMBOLS), dice.uniform(-0.06, 0.06)))
        elif name == "outage":
            self._outage()
        elif name == "disk":
            self._full_disk()
        elif name == "skew":
            world.clock.skew_ms = dice.choice((400, -400, 1500, -1500, 86_400_000, -86_400_000))
            self._some(2)
            world.clock.skew_ms = 0
        elif name == "restart":
            world.restarts += 1
            world.start()
            world.step(_nothing, 0.25)
        else:
            world.step(self._does[name], 0.0)

    def end(self, seed: int, events: int, *, from_start: bool) -> Played:
        """The faults end, all settles, and the whole is judged."""
        settle(self.world, from_start=from_start)
        world = self.world
        return Played(
            seed=seed,
            events=events,
            findings=world.judge.findings,
            fingerprint=world.record.fingerprint(),
            entries=world.judge.entries,
            trips=world.trips,
            restarts=world.restarts,
            struck=world.network.struck,
            longest_bare_ms=world.judge.protection.longest_ms,
        )

    def _outage(self) -> None:
        self.world.network.down = True
        self._some(6)
        self.world.network.down = False

    def _full_disk(self) -> None:
        self.world.record.full = True
        self._some(4)
        self.world.record.full = False
        self.world.start()

    def _some(self, most: int) -> None:
        """A few intents and seconds while something lasts."""
        for _ in range(self._dice.randint(1, most)):
            self.world.step(self._dice.choice((_nothing, _nothing, self._propose)), self._dice.choice((0.5, 2.0, 20.0)))

    def _propose(self) -> None:
        symbol = self._dice.choice(SYMBOLS)
        self.world.propose(self.world.crew.ask(self.world.mark(symbol), self.world.clock.ms, symbol))

    def _again(self) -> None:
        if (text := self.world.crew.again()) is not None:
            self.world.propose(text)

    def _burst(self) -> None:
        world = self.world
        texts = [world.crew.ask(world.mark(name), world.clock.ms, name) for name in SYMBOLS * 2]
        world.guard.propose_all(texts)

    def _lose_a_stop(self) -> None:
        """Somebody cancels a resting stop at the exchange."""
        resting = self.world.exchange.open_algos(ACCOUNT)
        if resting:
            gone = self.world.exchange.cancel_algo(ACCOUNT, algo_id=self._dice.choice(resting).algo_id)
            self.world.judge.protection.lost(gone.symbol, self.world.clock.ms)

    def _foreign(self) -> None:
        """Somebody else trades on the account, a little: the desk names it and opens nothing on top."""
        symbol = self._dice.choice(SYMBOLS)
        held = [row.symbol for row in self.world.exchange.positions(ACCOUNT) if row.quantity]
        if symbol in held:
            return
        quantity = {"BTCUSDT": "0.002", "ETHUSDT": "0.02", "SOLUSDT": "0.4"}[symbol]
        order = NewOrder(symbol=symbol, side=Side.BUY, type=OrderKind.MARKET, quantity=Decimal(quantity))
        with suppress(Refusal):
            self.world.exchange.place_order(ACCOUNT, order)
            self.world.judge.protection.foreign(symbol)

    def _tighten(self) -> None:
        with suppress(GuardError):
            self.world.guard.tighten({"risk_per_trade": self._dice.choice(("0.009", "0.005"))})
        with suppress(GuardError):
            self.world.guard.tighten({"daily_loss": "0.06"})
            self.world.judge.findings.broken("I1", "a limit was loosened while running")


def _nothing() -> None:
    return
