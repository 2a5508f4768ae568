"""python-binance pointed elsewhere, as its users do it: subclasses with other addresses, nothing else."""

from __future__ import annotations

from typing import Any

from told import Invitation


def addresses(exchange: Invitation) -> dict[str, str]:
    """The class attributes that name hosts."""
    return {
        "API_URL": f"{exchange.url}/api",
        "MARGIN_API_URL": f"{exchange.url}/sapi",
        "FUTURES_URL": f"{exchange.url}/fapi",
        "FUTURES_DATA_URL": f"{exchange.url}/futures/data",
        "WS_FUTURES_URL": f"{exchange.streams}/ws-fapi/v1",
    }


def pointed(client: type, exchange: Invitation) -> Any:
    """The same client with other addresses."""
    return type(client.__name__, (client,), addresses(exchange))
