"""The soak's fault script: about one write in four and one read in six goes wrong, and the account's stream with them.

`/fapi/v1/time` answers truly, so that a run can be repeated: how often the gateway asks it depends on the wall clock.
An order that may fill at once is not delivered twice: the venue lets a filled client id be used again, so that no client
could prevent the second order. Post-only orders, stops, cancels and reads are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Rule = Mapping[str, Any]

_ORDERS = "/fapi/v1/*rder"  # order and algoOrder
_POST_ONLY = {"timeInForce": "GTX"}


def soak_script(seed: int, *, limits: bool = True) -> Mapping[str, Any]:
    """The script of a run, as the exchange reads it. `limits` lets it ask the client to wait, which takes a minute."""
    waits = _on("POST", _ORDERS, _limits()) if limits else []
    return {"seed": seed, "rules": [*_entries(), *_cancels(), *_reads(), *_world(), *_stream(), *waits]}


def _named(name: str, kind: str, probability: float, /, **measure: object) -> Rule:
    return {"name": name, "kind": kind, "probability": probability, **measure}


def _on(method: str, path: str, rules: list[Rule]) -> list[Rule]:
    return [{**rule, "name": f"{method} {rule['name']}", "method": method, "path": path} for rule in rules]


def _unclear(p: float) -> list[Rule]:
    """After these a client cannot know whether the request was carried out."""
    return [
        _named("timeout, accepted", "timeout", p, processed=True),
        _named("timeout, not accepted", "timeout", p, processed=False),
        _named("late", "late", 3 * p, behind=4),
        _named("too late", "late", p, behind=8),
        _named("answer lost", "reset", 2 * p, processed=True),
        _named("request lost", "reset", p, processed=False),
        _named("truncated", "truncated", 2 * p),
        _named("page 200", "html", p, status=200, processed=True),
        _named("page 502, accepted", "html", p, status=502, processed=True),
        _named("page 504, not accepted", "html", p, status=504, server="nginx", processed=False),
        _named("503 unknown, accepted", "overload", 2 * p, processed=True),
        _named("503 unknown, not accepted", "overload", p, processed=False),
        _named("503 internal error", "overload", p, variant="internal"),
        _named("-1007, accepted", "code", 2 * p, code=-1007, processed=True),
        _named("-1007, not accepted", "code", p, code=-1007),
        _named("-1006, accepted", "code", p, code=-1006, processed=True),
        _named("-1001, not accepted", "code", p, code=-1001),
        _named("-1000, accepted", "code", p, code=-1000, processed=True),
    ]


def _refused(p: float) -> list[Rule]:
    """After these a client may know that nothing happened."""
    return [
        _named("page 403", "html", p, status=403, processed=False),
        _named("503 service unavailable", "overload", p, variant="unavailable"),
        _named("-1008", "code", p, code=-1008),
        _named("-1021", "code", p, code=-1021),
        _named("401", "code", p / 2, code=-2015),
    ]


def _limits() -> list[Rule]:
    """The gateway stands still for as long as it is told, and without a word until the next full minute: once a run."""
    return [
        _named("429", "limit", 0.001, most=1),
        _named("429, Retry-After", "limit", 0.004, retry_after=1, most=20),
        _named("418", "limit", 0.002, status=418, retry_after=1, most=10),
    ]


def _spoilt(p: float) -> list[Rule]:
    return [_named("wrong content type", "content_type", p), _named("slow body", "drip", p, seconds=0.05, pieces=3)]


def _entries() -> list[Rule]:
    twice = {"name": "POST delivered twice", "kind": "duplicate", "method": "POST", "probability": 0.15}
    return [
        {**twice, "path": "/fapi/v1/order", "where": _POST_ONLY},
        {**twice, "name": "POST stop delivered twice", "path": "/fapi/v1/algoOrder"},
        *_on("POST", _ORDERS, [*_unclear(0.008), *_refused(0.008), *_spoilt(0.008)]),
    ]


def _cancels() -> list[Rule]:
    twice = _named("delivered twice", "duplicate", 0.05)
    return _on("DELETE", _ORDERS, [twice, *_unclear(0.006), *_refused(0.006)])


def _reads() -> list[Rule]:
    rules = [_named("delivered twice", "duplicate", 0.01), *_unclear(0.0015), *_refused(0.0015), *_spoilt(0.004)]
    paths = [_ORDERS, "/fapi/v1/open*", "/fapi/v1/userTrades", "/fapi/v2/account", "/fapi/v3/positionRisk"]
    lists = [{**rule, "name": f"{rule['name']}: {path}"} for path in paths for rule in _on("GET", path, rules)]
    trades = _on("GET", "/fapi/v1/userTrades", [_named("trades unavailable", "overload", 0.08, variant="unavailable")])
    return [
        # A venue denies an order that exists now and then, but not each time: so it must be asked twice.
        {"name": "GET denied", "kind": "code", "code": -2013, "method": "GET", "path": _ORDERS, "every": 4},
        {"name": "GET stale", "kind": "stale", "method": "GET", "path": "/fapi/*", "probability": 0.05},
        {"name": "GET staler", "kind": "stale", "back": 2, "method": "GET", "path": "/fapi/*", "probability": 0.03},
        *trades,
        *lists,
    ]


def _world() -> list[Rule]:
    return _on(
        "POST",
        "/fapi/v1/*",
        [
            _named("clock jumps ahead", "jump", 0.004, ms=40_000),
            _named("clock jumps back", "jump", 0.004, ms=-40_000),
            _named("clock drifts", "drift", 0.003, ms_per_s=20, for_s=300),
            _named("clocks disagree", "skew", 0.003, ms=7_000, for_s=60),
            _named("symbol halted", "halt", 0.003, symbol="ETHUSDT", for_s=180),
            _named("price source silent", "silence", 0.003, for_s=60),
            _named("stop rejected at trigger", "refuse_trigger", 0.02),
            _named("stops cancelled", "drop_stops", 0.01),
            _named("listen key dies", "kill_key", 0.004),
            _named("listen key dies untold", "kill_key", 0.002, quiet=True),
        ],
    )


def _stream() -> list[Rule]:
    return [
        _named("stream gap", "gap", 0.04),
        _named("stream repeats", "repeat", 0.05),
        _named("stream out of order", "reorder", 0.04),
        _named("stream late", "tardy", 0.02, seconds=0.1),
        _named("stream corrupt", "corrupt", 0.02),
        _named("stream half-open", "half_open", 0.002),
        _named("stream cut", "disconnect", 0.01),
        _named("stream closed", "disconnect", 0.005, abrupt=False),
    ]
