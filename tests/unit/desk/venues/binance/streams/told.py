"""What a venue tells on its private stream, for tests: whole messages, changed where it matters."""

from __future__ import annotations

import json
from typing import Any

NOW = 1_790_000_000_000


def order_event(*, at: int = NOW, **changes: Any) -> dict[str, Any]:
    body = {
        "s": "BTCUSDT",
        "c": "order-1",
        "S": "BUY",
        "o": "MARKET",
        "f": "GTC",
        "q": "0.010",
        "p": "0",
        "ap": "0",
        "sp": "0",
        "x": "NEW",
        "X": "NEW",
        "i": 11,
        "l": "0",
        "z": "0",
        "L": "0",
        "T": at,
        "t": 0,
        "m": False,
        "R": False,
        "ot": "MARKET",
        "ps": "BOTH",
        "cp": False,
        "rp": "0",
        **changes,
    }
    return {"e": "ORDER_TRADE_UPDATE", "T": at, "E": at + 3, "o": body}


def trade_event(number: int, filled: str, *, at: int = NOW, part: str = "0.004", **changes: Any) -> dict[str, Any]:
    return order_event(
        at=at,
        **{
            "x": "TRADE",
            "X": "PARTIALLY_FILLED",
            "l": part,
            "z": filled,
            "L": "50000.0",
            "ap": "50000.0",
            "t": number,
            "N": "USDT",
            "n": "0.08",
            **changes,
        },
    )


def lite_event(number: int, *, at: int = NOW) -> dict[str, Any]:
    return {
        "e": "TRADE_LITE",
        "E": at + 1,
        "T": at,
        "s": "BTCUSDT",
        "q": "0.010",
        "p": "0",
        "m": False,
        "c": "order-1",
        "S": "BUY",
        "L": "50000.0",
        "l": "0.004",
        "t": number,
        "i": 11,
    }


def algo_event(status: str, *, at: int = NOW, **changes: Any) -> dict[str, Any]:
    body = {
        "caid": "stop-1",
        "aid": 7,
        "at": "CONDITIONAL",
        "o": "STOP_MARKET",
        "s": "BTCUSDT",
        "S": "SELL",
        "q": "0",
        "X": status,
        "ai": "",
        "tp": "49000",
        "cp": True,
        "R": True,
        **changes,
    }
    return {"e": "ALGO_UPDATE", "T": at, "E": at + 3, "o": body}


def account_event(*, wallet: str = "1000", quantity: str = "0.01", at: int = NOW) -> dict[str, Any]:
    balance = {"a": "USDT", "wb": wallet, "cw": wallet, "bc": "0"}
    position = {"s": "BTCUSDT", "ps": "BOTH", "pa": quantity, "ep": "50000", "up": "0", "mt": "isolated", "iw": "1"}
    return {"e": "ACCOUNT_UPDATE", "T": at, "E": at + 3, "a": {"m": "ORDER", "B": [balance], "P": [position]}}


def expired_event(key: str = "a-key", *, at: int = NOW) -> dict[str, Any]:
    return {"e": "listenKeyExpired", "E": at, "listenKey": key}


def text(event: dict[str, Any]) -> str:
    return json.dumps(event)
