"""Fault scripts drawn from a seed: which of the ways in which a venue fails are at work in this run, and how often.

Half of them are switched on, because faults that are always all on hide each other. What a rule does is the exchange's
own (`desk/venues/paper/faults/kinds.py`, docs/faults.md); codes and wordings are those of Binance.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

Rule = Mapping[str, Any]
_WRITES = {"method": "POST", "path": "/fapi/v1/*rder"}
_CANCELS = {"method": "DELETE", "path": "/fapi/v1/*rder"}
_READS = {"method": "GET", "path": "/fapi/*"}
_RATES = (0.03, 0.1, 0.3)
# What nobody can tell from outside whether it was carried out.
_UNCLEAR: tuple[Rule, ...] = (
    {"kind": "timeout", "processed": True},
    {"kind": "timeout", "processed": False},
    {"kind": "late", "behind": 4},
    {"kind": "late", "behind": 12},
    {"kind": "reset", "processed": True},
    {"kind": "reset", "processed": False},
    {"kind": "truncated", "keep": 0.0},
    {"kind": "truncated", "keep": 0.7},
    {"kind": "html", "status": 200, "processed": True},
    {"kind": "html", "status": 502, "processed": True},
    {"kind": "html", "status": 504, "server": "nginx", "processed": False},
    {"kind": "overload", "processed": True},
    {"kind": "overload", "processed": False},
    {"kind": "overload", "variant": "internal"},
    {"kind": "code", "code": -1000, "processed": True},
    {"kind": "code", "code": -1001},
    {"kind": "code", "code": -1006, "processed": True},
    {"kind": "code", "code": -1007, "processed": True},
    {"kind": "code", "code": -1007},
)
_REFUSED: tuple[Rule, ...] = (
    {"kind": "html", "status": 403, "processed": False},
    {"kind": "overload", "variant": "unavailable"},
    *({"kind": "code", "code": code} for code in (-1008, -1015, -1021, -2015)),
)
_SLOW: tuple[Rule, ...] = (
    {"kind": "delay", "seconds": 0.4},
    {"kind": "delay", "seconds": 2.5},
    {"kind": "drip", "seconds": 1.0, "pieces": 5},
    {"kind": "content_type"},
)
_LIMITS: tuple[Rule, ...] = (
    {"kind": "limit", "most": 2},
    {"kind": "limit", "retry_after": 3, "most": 4},
    {"kind": "limit", "status": 418, "retry_after": 20, "most": 2},
    {"kind": "limit", "status": 418, "most": 1},
)
_STREAM: tuple[Rule, ...] = (
    {"kind": "gap", "count": 1},
    {"kind": "gap", "count": 5},
    {"kind": "repeat"},
    {"kind": "reorder", "behind": 1},
    {"kind": "reorder", "behind": 4},
    {"kind": "tardy", "seconds": 2.0},
    {"kind": "tardy", "seconds": 120.0},
    {"kind": "corrupt"},
    {"kind": "freeze", "for_s": 60.0},
    {"kind": "half_open"},
    {"kind": "disconnect"},
    {"kind": "disconnect", "abrupt": False},
)


def http_script(dice: random.Random) -> Mapping[str, Any]:
    """Bad luck of requests for one run."""
    return _script(dice, [*_entries(), *_cancels(), *_reads(), *_clocks()])


def stream_script(dice: random.Random) -> Mapping[str, Any]:
    """Bad luck of the account's stream for one run, and of the keys it lives by."""
    keys = ({"kind": "kill_key"}, {"kind": "kill_key", "quiet": True})
    dying = (_at({"method": "GET", "path": "/fapi/v1/premiumIndex"}, rule, 0.02) for rule in keys)
    asking = ({**rule, "path": "/fapi/v1/listenKey"} for rule in (*_UNCLEAR[:6], *_REFUSED))
    rules = [{**rule, "channel": "user"} for rule in _STREAM]
    return _script(dice, [*rules, *rules, *dying, *asking], rates=(0.05, 0.15, 0.4))


def _script(dice: random.Random, rules: list[Rule], rates: tuple[float, ...] = _RATES) -> Mapping[str, Any]:
    rate = dice.choice(rates)
    drawn = [{"probability": min(1.0, rate * rule.get("weight", 1.0)), **rule} for rule in rules if dice.random() < 0.5]
    told = [{name: value for name, value in rule.items() if name != "weight"} for rule in drawn]
    return {"seed": dice.randrange(2**31), "rules": told}


def _at(where: Rule, rule: Rule, weight: float) -> Rule:
    return {**where, **rule, "weight": weight}


def _entries() -> Iterator[Rule]:
    for rule in (*_UNCLEAR, *_REFUSED):
        yield _at(_WRITES, rule, 0.3)
    for code in (-2019, -2027, -4045, -4116, -4120, -2021, -2022):
        yield _at(_WRITES, {"kind": "code", "code": code}, 0.3)
    # An order that may fill at once is not delivered twice: no client could tell two of them apart (docs/faults.md).
    yield _at({**_WRITES, "path": "/fapi/v1/algoOrder"}, {"kind": "duplicate"}, 1.0)
    for rule in (*_SLOW, *_LIMITS):
        yield _at(_WRITES, rule, 0.2)


def _cancels() -> Iterator[Rule]:
    for rule in (*_UNCLEAR, *_REFUSED, {"kind": "duplicate"}, {"kind": "code", "code": -2011}):
        yield _at(_CANCELS, rule, 0.3)


def _reads() -> Iterator[Rule]:
    for rule in (*_UNCLEAR, *_REFUSED, *_SLOW):
        yield _at(_READS, rule, 0.03)
    for rule in _LIMITS:
        yield _at(_READS, rule, 0.01)
    # A copy that lags is asked now and then, never each time: nobody could learn the truth from it.
    yield _at(_READS, {"kind": "stale", "every": 23}, 5.0)
    yield _at({"method": "GET", "path": "/fapi/v1/*rder"}, {"kind": "code", "code": -2013, "every": 4}, 5.0)


def _clocks() -> Iterator[Rule]:
    at = {"method": "GET", "path": "/fapi/v1/premiumIndex"}
    for rule in (
        {"kind": "jump", "ms": 40_000},
        {"kind": "jump", "ms": -40_000},
        {"kind": "drift", "ms_per_s": 20, "for_s": 300},
        {"kind": "skew", "ms": 7_000, "for_s": 60},
        {"kind": "refuse_trigger"},
    ):
        yield _at(at, rule, 0.03)
