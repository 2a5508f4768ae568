"""Requests over a WebSocket meet the same rules as over REST."""

from __future__ import annotations

import json
from typing import Any

from desk.venues.paper.wire.signing import sign
from tests.unit.desk.venues.paper.wire.rig import OWN, Rig, play


def signed(rig: Rig, **params: object) -> dict[str, object]:
    params |= {"apiKey": OWN.api_key, "timestamp": rig.now}
    text = "&".join(f"{name}={params[name]}" for name in sorted(params))
    return {**params, "signature": sign(OWN.secret, text.encode())}


async def ask(socket: Any, number: object, method: str, params: dict[str, object]) -> dict[str, Any]:
    await socket.send_json({"id": number, "method": method, "params": params})
    told = json.loads((await socket.receive(5)).data)
    assert told["id"] == number
    return told


def test_an_order_is_placed_looked_up_and_its_stop_cancelled() -> None:
    async def story(rig: Rig) -> None:
        async with rig.session.ws_connect(f"{rig.url}/ws-fapi/v1") as socket:
            market = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": 0.01}
            placed = await ask(socket, "a", "order.place", signed(rig, **market))
            assert (placed["status"], placed["result"]["status"]) == (200, "NEW")
            assert "avgPrice" not in placed["result"]
            assert [limit["count"] for limit in placed["rateLimits"]] == [0, 1, 1]
            order = signed(rig, symbol="BTCUSDT", orderId=placed["result"]["orderId"])
            assert (await ask(socket, 2, "order.status", order))["result"]["status"] == "FILLED"
            stop = {
                "algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET",
                "triggerPrice": "59000", "closePosition": "true",
            }  # fmt: skip
            resting = await ask(socket, 3, "algoOrder.place", signed(rig, **stop))
            gone = await ask(socket, 4, "algoOrder.cancel", signed(rig, algoId=resting["result"]["algoId"]))
            assert gone["result"]["code"] == "200"
            position = await ask(socket, 5, "v2/account.position", signed(rig))
            assert position["result"][0]["positionAmt"] == "0.01"

    play(story)


def test_refusals_travel_with_their_code_and_nothing_unsigned_passes() -> None:
    async def story(rig: Rig) -> None:
        async with rig.session.ws_connect(f"{rig.url}/ws-fapi/v1") as socket:
            stop = {"symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET", "quantity": "0.01"}
            for number, method, params, code in (
                (1, "order.place", signed(rig, **stop), -4120),
                (2, "account.status", {"timestamp": rig.now}, -2014),
                (3, "account.status", {**signed(rig), "signature": "00"}, -1022),
                (4, "order.dance", {}, -5000),
            ):
                told = await ask(socket, number, method, params)
                assert (told["status"] >= 400, told["error"]["code"]) == (True, code), method
            depth = await ask(socket, 5, "depth", {"symbol": "BTCUSDT", "limit": 5})
            assert len(depth["result"]["bids"]) == 5

    play(story)
