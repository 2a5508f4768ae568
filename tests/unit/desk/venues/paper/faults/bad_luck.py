"""What the tests of this room share: plans from plain rules, and a client that tells what it met."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import ClientTimeout

from desk.venues.paper.faults.plan import FaultPlan
from desk.venues.paper.faults.script import parse_script
from tests.unit.desk.venues.paper.wire.rig import Rig

ORDER = "/fapi/v1/order"
ALGO = "/fapi/v1/algoOrder"


def plan(*rules: dict[str, Any], seed: int = 7, log: Path | None = None, admin: bool = False) -> FaultPlan:
    script = parse_script({"seed": seed, "rules": list(rules)}, "the test")
    return FaultPlan(script=script, log=log, admin=admin)


async def met(rig: Rig, method: str, path: str, /, **params: object) -> Any:
    """The answer to a signed request, or the name of what came instead of one."""
    try:
        return await asyncio.wait_for(rig.signed(method, path, **params), 0.3)
    except TimeoutError:
        return "nothing"
    except aiohttp.ClientPayloadError:
        return "half an answer"
    except aiohttp.ContentTypeError as error:
        return "no JSON", error.status
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
        return "cut off"


async def place(rig: Rig, client_id: str = "one", **params: object) -> Any:
    """A limit order that rests."""
    asked = {
        "symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01",
        "price": "59000", "newClientOrderId": client_id,
    }  # fmt: skip
    return await met(rig, "POST", ORDER, **asked | params)


def resting(rig: Rig) -> list[str]:
    return [order.client_id for order in rig.venue.exchange.open_orders("paper")]


NO_PATIENCE = ClientTimeout(total=0.3)
