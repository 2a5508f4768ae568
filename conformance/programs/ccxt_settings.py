"""ccxt's own configuration for another host: addresses and a key, nothing of the library replaced."""

from __future__ import annotations

from typing import Any

from told import Invitation


def settings(exchange: Invitation) -> dict[str, Any]:
    """What the constructor, or the harness's keys.local.json, takes.

    Wallet endpoints (sapi) stay on this host too. With a key set, ccxt would ask them for currencies and for the pairs
    of margin lending while it loads markets, which is another product: its users' own switch for that is off.
    """
    rest = {
        f"fapi{side}{version}": f"{exchange.url}/fapi/v{version[-1] if version else 1}"
        for side in ("Public", "Private")
        for version in ("", "V2", "V3")
    }
    wallet = {
        f"sapi{version}": f"{exchange.url}/sapi/v{version[-1] if version else 1}" for version in ("", "V2", "V3", "V4")
    }
    streams = {"linear": f"{exchange.streams}/ws", "ws-api": {"linear": f"{exchange.streams}/ws-fapi/v1"}}
    return {
        "apiKey": exchange.key,
        "secret": exchange.secret,
        "options": {"fetchCurrencies": False},
        "urls": {"api": {**rest, **wallet, "fapiData": f"{exchange.url}/futures/data", "ws": streams}},
    }
