"""The two campaigns of the wire: requests that fail in every way Binance's have failed, and a stream that does.

A case is one fault that struck. Each run goes through the storm's own events, with kills of the guard between them, and
ends in peace, in which both sides must agree.
"""

from __future__ import annotations

import json
import random
from collections import Counter

from campaigns.campaign import Case
from campaigns.simulated.ending import settle
from campaigns.simulated.market import SYMBOLS
from campaigns.simulated.storm import Storm
from campaigns.simulated.world import World
from campaigns.wired.bad_luck import http_script, stream_script
from campaigns.wired.carrier import WEIGHT_A_MINUTE
from campaigns.wired.line import HandLine
from campaigns.wired.world import WiredWorld

_EVENTS = 60
# A run of the storm loses whole hours between two looks; the wire's faults live in seconds.
_OUTAGES = 0.03


class WireStorm(Storm):
    """The storm's events over the wire."""

    def _world(self, dice: random.Random) -> World:
        self.wired = WiredWorld(dice, dice.choice(("usual", "bold")), script=http_script(dice), timeout=_timeout(dice))
        return self.wired


class StreamStorm(Storm):
    """The storm's events beside a stream that fails."""

    def _world(self, dice: random.Random) -> World:
        self.wired = WiredWorld(dice, dice.choice(("usual", "bold")), script=stream_script(dice))
        return self.wired


def requests(seed: int) -> Case:
    """One run of sixty events in which requests fail."""
    storm = WireStorm(seed)
    world = storm.wired
    world.begin()
    dice = random.Random(f"outages {seed}")
    for _ in range(_EVENTS):
        # Nobody listens: connections are refused for as long as an event lasts.
        world.carrier.down = dice.random() < _OUTAGES
        storm.happen()
    return _judged(seed, world, {})


def streams(seed: int) -> Case:
    """One run of sixty events in which the account's stream fails, and says things that never happened."""
    storm = StreamStorm(seed)
    world, line = storm.wired, HandLine(storm.wired)
    dice = random.Random(f"lies {seed}")
    world.begin()
    lies = 0
    for _ in range(_EVENTS):
        line.crank()
        storm.happen()
        line.crank()
        if dice.random() < 0.3:
            line.spoil(_lie(dice, world))
            lies += 1
    counts = {"lines": line.lines, "events heard": len(line.events), "lies told": lies, "looks asked for": line.woken}
    return _judged(seed, world, counts, extra=lies)


def _judged(seed: int, world: WiredWorld, counts: dict[str, int], extra: int = 0) -> Case:
    kinds = Counter(world.kinds)
    world.peace()
    settle(world)
    broken = list(world.judge.findings.sentences)
    if world.carrier.entered_late:
        broken.append(f"I1: {world.carrier.entered_late} entries from weight kept for exits, or during a ban")
    # Here events follow each other without a pause; how often a guard looks is the pace of its own loop, not played.
    counts["minutes over the weight limit"] = int(world.carrier.heaviest > WEIGHT_A_MINUTE)
    world.close()
    counts = {**counts, "requests": world.carrier.requests, "entries": world.judge.entries, "trips": world.trips}
    struck = kinds.total() + extra
    return Case(seed=seed, cases=max(1, struck), broken=tuple(broken), counts={**counts, **kinds})


def _timeout(dice: random.Random) -> float:
    """The guard's own patience, and half of it: only then does a late order still find its window open."""
    return dice.choice((5.0, 2.0))


def _lie(dice: random.Random, world: World) -> str:
    """A message of the account's stream that is wrong: unknown symbols, impossible prices, fills that never were."""
    order = {
        "s": dice.choice((*SYMBOLS, "DOGEUSDT", "", "BTCUSD")),
        "c": "cd-x",
        "S": dice.choice(("BUY", "SELL", "HOLD")),
        "o": "MARKET",
        "ot": "MARKET",
        "x": "TRADE",
        "X": dice.choice(("FILLED", "CANCELED", "REJECTED", "ODD")),
        "i": 10**9 + dice.randrange(1000),
        "q": dice.choice(("1", "-1", "NaN", "1e9")),
        "z": "1",
        "l": dice.choice(("1", "0", "-5")),
        "L": dice.choice(("-50000", "0", "1e999", "50000")),
        "ap": "0",
        "t": dice.randrange(1000),
        "R": False,
        "T": world.clock.ms,
    }
    kind = dice.choice(("ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "ALGO_UPDATE", "TRADE_LITE", "listenKeyExpired", "ODD"))
    stale = world.clock.ms - dice.choice((0, 10**6, 10**10, -(10**6)))
    whole = json.dumps({"e": kind, "E": stale, "T": stale, "o": order, "a": {"m": "ORDER", "B": [], "P": []}})
    return whole if dice.random() < 0.8 else whole[: dice.randrange(len(whole))]
