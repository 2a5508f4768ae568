"""Texts that look like intents and are not: truncated, doubled, mended, dressed up. A thousand from each seed.

Every text is handed to the production guard before the production engine. What the guard reads as an intent must be
one by the judge's own grammar, and nothing else may lead to an order.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from campaigns.campaign import Case
from campaigns.hostile.spoils import a_field, doubled_key, flipped, shuffled, with_field, without
from campaigns.oracle.grammar import is_intent
from campaigns.simulated.market import SYMBOLS
from campaigns.simulated.world import World

_EACH, _BETWEEN_LOOKS = 1000, 50
Spoil = Callable[[str, random.Random], str]
_NUMBERS = (
    *(
        "NaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "-0",
        "1e-9",
        "1_000",
        "٠.٥",
        "０.５",
        " 0.5 ",
        "+0.5",
        ".5",
        "0x1",
        "5%",
    ),
    *("0.5 USDT", "1,5", "½", "1e3", "--1", "", "null", "true", "9" * 400, "0.000000001", "-1", "0.5\u200b", "0.5\x00"),
)
_SYMBOLS = (
    *("btcusdt", "BTCUSDT ", "BTC-USDT", "BTCUSDT\x00", "ВТСUSDT", "BTCUSDT_PERP", "BTCBUSD", "BTC/USDT", "DOGEUSDT"),
    *("BTCUSDT;DROP TABLE row", "../../etc/passwd", "<b>BTCUSDT</b>", "\u202eTDSUCTB", "BTCUSDT\u200d", "XBTUSDT", ""),
)
_VALUES: tuple[Any, ...] = (None, True, False, 0, 1, -1, 1.5, [], {}, "", "x" * 5000, 10**400, ["OPEN_LONG"], {"a": 1})


def texts(seed: int) -> Case:
    """A thousand texts from one seed, at a guard that is alive, funded and willing."""
    dice = random.Random(seed)
    world = World(dice, "bold")
    broken: list[str] = []
    counts: Counter[str] = Counter()
    for turn in range(_EACH):
        if turn % _BETWEEN_LOOKS == 0:
            # A flood is refused unread, which is another campaign's business.
            world.step(lambda: None, 61.0)
        text = _spoiled(world, dice)
        orders = world.judge.entries
        verdict = world.guard.propose(text).verdict
        read = not verdict.rule.startswith("parse.")
        counts["read" if read else "refused unread"] += 1
        counts["entries"] += world.judge.entries - orders
        if not verdict.rule or verdict.rule == "guard.fault":
            broken.append(f"I12: {verdict.rule or 'no rule'} for {text[:200]!r}")
        if read and not is_intent(text):
            broken.append(f"I1: read as an intent: {text[:300]!r}")
        if world.judge.entries != orders and not is_intent(text):
            broken.append(f"I1: an order from {text[:300]!r}")
        if world.judge.entries != orders:
            world.step(lambda: world.guard.flatten("the next text"), 1.0)
    broken += world.judge.findings.sentences
    return Case(seed=seed, cases=_EACH, broken=tuple(broken), counts=counts)


def _spoiled(world: World, dice: random.Random) -> str:
    symbol = dice.choice(SYMBOLS)
    good = world.crew.ask(world.mark(symbol), world.clock.ms, symbol, stop_pct="0.02", target_pct="0.05")
    return dice.choice(list(_SPOILS.values()))(good, dice)


def _bare_number(good: str, dice: random.Random) -> str:
    name = dice.choice(("conviction", "stop_pct", "target_pct", "seen_mark"))
    value = json.loads(good)[name]
    return good.replace(f'"{name}":"{value}"', f'"{name}":{dice.choice(("NaN", "1e400", "-Infinity", value))}')


_SPOILS: Mapping[str, Spoil] = {
    "whole": lambda good, dice: good,
    "in another order": shuffled,
    "truncated": lambda good, dice: good[: dice.randrange(len(good))],
    "two at once": lambda good, dice: good + dice.choice(("", " ", "\n", ",")) + good,
    "prose around it": lambda good, dice: f"Sure! Here is the order:\n```json\n{good}\n```",
    "doubled key": doubled_key,
    "a field less": without,
    "a field more": lambda good, dice: with_field(
        good, dice.choice(("quantity", "bypass_risk", "leverage", "Symbol")), "1"
    ),
    "odd number": lambda good, dice: with_field(
        good, dice.choice(("conviction", "stop_pct", "target_pct", "seen_mark")), dice.choice(_NUMBERS)
    ),
    "bare number": _bare_number,
    "odd value": lambda good, dice: with_field(good, a_field(good, dice), dice.choice(_VALUES)),
    "odd symbol": lambda good, dice: with_field(good, "symbol", dice.choice(_SYMBOLS)),
    "odd action": lambda good, dice: with_field(
        good, "action", dice.choice(("BUY", "open_long", "OPEN_LONG ", "REVERSE", "CLOSE_ALL", "OPEN_LONG\u200b"))
    ),
    "another unit": lambda good, dice: with_field(good, "stop_pct", dice.choice(("2", "200", "0.0002", "1.0000001"))),
    "another time": lambda good, dice: with_field(good, "created_at", dice.choice((0, -1, 1767614400, 10**15, "now"))),
    "nested": lambda good, dice: "[" * dice.choice((1, 50, 5000)) + good,
    "huge": lambda good, dice: with_field(good, "strategy_id", "x" * dice.choice((64, 65, 4096, 1_000_000))),
    "flipped": flipped,
    "single quotes": lambda good, dice: good.replace('"', "'"),
    "no text": lambda good, dice: dice.choice(
        ("", " ", "{}", "null", "[]", '"', "OPEN_LONG BTCUSDT", "\ud800", "\x00")
    ),
}
