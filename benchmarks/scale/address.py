"""Several accounts behind one address at the limits that Binance publishes: used up, and then the market falls.

The market's clock stands still while the weight is counted, so that the minutes of the wall are the only ones. A guard
whose question was refused asks nothing until that minute is over, exits neither: only what rests at the exchange acts.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.scale.desks import Desk, desks_of
from benchmarks.scale.market import PUBLISHED, ManyAccounts, Weight, open_exchange
from benchmarks.scale.steps import SYMBOLS, Fall, fall_of

GUARDS = 4
_MINUTE_MS = 60_000
_NEARLY = 2250
_EARLY, _LATE = 4.0, 20.0
_MOST_SECONDS, _LEARNT_SECONDS, _AFTER_SECONDS = 90.0, 2.5, 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedUp:
    """What was seen. `held_seconds` is what the first refused guard was to wait; zero when none was refused.

    `stopped_after` and `open_after` count the accounts that held no BTC any more, and still held SOL, three seconds
    after the fall.
    """

    guards: int
    weight_a_minute: float
    held_after: float
    held_seconds: float
    stopped_after: int
    open_after: int
    fall: Fall


def measure(guards: int = GUARDS, *, symbols: int = SYMBOLS) -> UsedUp:
    """Start them one after the other, a minute of the market apart, let them look, and let the market fall."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        exchange, accounts = open_exchange(
            home / "exchange", guards, symbols, limits=PUBLISHED, calm=2 * guards + 2, grain_ms=None
        )
        desks: list[Desk] = []
        try:
            desks = desks_of(home, accounts, exchange.url)
            for desk in desks:
                _do(exchange, desk.start)
            for desk in desks:
                _do(exchange, lambda one=desk: one.enter(exchange))
            return _until_refused(desks, exchange)
        finally:
            for desk in desks:
                desk.stop()
            exchange.stop()


def _do(exchange: ManyAccounts, what: Callable[[], object]) -> None:
    """One thing, in a minute of its own: starting and entering are dearer than looking."""
    what()
    exchange.advance(_MINUTE_MS)


def _until_refused(desks: Sequence[Desk], exchange: ManyAccounts) -> UsedUp:
    second = time.time() % 60
    if _EARLY < second < _LATE:
        # Begun here, the weight would be used up only as the minute ends, and nobody would have to wait.
        time.sleep(_LATE - second)
    began = counted = time.monotonic()
    weight, held = Weight(exchange.url), 0.0
    while not held and time.monotonic() - began < _MOST_SECONDS:
        time.sleep(0.5)
        # Our own questions are of the same address: none of them may be what goes too far, and earns a ban.
        if weight.used < _NEARLY:
            weight.look()
            counted = time.monotonic()
        held = max(float(one.guard.venue()["budget"]["held_seconds"]) for one in desks)
    took = time.monotonic() - began
    # Each guard learns of it by a question of its own.
    time.sleep(_LEARNT_SECONDS)
    late: list[frozenset[str]] = []
    looking = threading.Thread(target=_look_later, args=(desks, exchange, late), daemon=True)
    fall = fall_of(desks, exchange, fallen=looking.start)
    looking.join()
    return UsedUp(
        guards=len(desks),
        weight_a_minute=weight.others / (counted - began) * 60,
        held_after=took,
        held_seconds=held,
        stopped_after=sum(1 for held in late if "BTCUSDT" not in held),
        open_after=sum(1 for held in late if "SOLUSDT" in held),
        fall=fall,
    )


def _look_later(desks: Sequence[Desk], exchange: ManyAccounts, held: list[frozenset[str]]) -> None:
    time.sleep(_AFTER_SECONDS)
    held.extend(one.held(exchange) for one in desks)
