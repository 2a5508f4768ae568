"""Requests over a WebSocket meet the same rules as over REST."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from desk.venues.paper.keys import Access
from desk.venues.paper.settings import LimitSettings
from desk.venues.paper.wire.requests.signing import sign
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
            assert [(told["intervalNum"], told["count"]) for told in placed["rateLimits"]] == [(1, 1), (10, 1), (1, 0)]
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


LIMITED = LimitSettings(weight_per_minute=20)
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PAIR = Access(
    api_key="e" * 64,
    secret=PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
    account="paired",
)


def signed_by_pair(rig: Rig, **params: object) -> dict[str, object]:
    params |= {"apiKey": PAIR.api_key, "timestamp": rig.now}
    text = "&".join(f"{name}={params[name]}" for name in sorted(params))
    return {**params, "signature": base64.b64encode(PRIVATE.sign(text.encode())).decode()}


def test_a_connection_that_logged_on_leaves_out_key_and_signature_until_it_logs_out() -> None:
    async def story(rig: Rig) -> None:
        async with rig.session.ws_connect(f"{rig.url}/ws-fapi/v1") as socket:
            stamp = {"timestamp": rig.now}
            assert (await ask(socket, 1, "session.status", {}))["result"]["apiKey"] is None
            assert (await ask(socket, 2, "account.status", stamp))["error"]["code"] == -2014
            told = (await ask(socket, 3, "session.logon", signed_by_pair(rig)))["result"]
            assert told.keys() == {"apiKey", "authorizedSince", "connectedSince", "returnRateLimits", "serverTime"}
            assert (told["apiKey"], told["authorizedSince"]) == (PAIR.api_key, rig.now)
            order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
            assert (await ask(socket, 4, "order.place", order | stamp))["status"] == 200
            assert (await ask(socket, 5, "order.place", order))["error"]["code"] == -1102
            assert (await ask(socket, 6, "order.place", order | {"timestamp": 1}))["error"]["code"] == -1021
            # A request with a key of its own is that key's, whoever logged on.
            other = await ask(socket, 7, "v2/account.position", signed(rig))
            own = await ask(socket, 8, "v2/account.position", stamp)
            assert (other["result"], own["result"][0]["positionAmt"]) == ([], "0.01")
            assert (await ask(socket, 9, "session.logout", {}))["result"]["authorizedSince"] is None
            assert (await ask(socket, 10, "account.status", stamp))["error"]["code"] == -2014

    play(story, more=(PAIR,))


def test_only_an_ed25519_key_can_log_on() -> None:
    async def story(rig: Rig) -> None:
        async with rig.session.ws_connect(f"{rig.url}/ws-fapi/v1") as socket:
            told = await ask(socket, 1, "session.logon", signed(rig))
            assert (told["status"], told["error"]) == (400, {"code": -4056, "msg": "Invalid api key type."})
            forged = signed_by_pair(rig) | {"signature": "AAAA"}
            assert (await ask(socket, 2, "session.logon", forged))["error"]["code"] == -1022

    play(story, more=(PAIR,))


def test_numbers_are_signed_as_the_client_spells_them() -> None:
    async def story(rig: Rig) -> None:
        text = f"apiKey={OWN.api_key}&price=60000.50&quantity=1.0e-2&timestamp={rig.now}"
        body = (
            f'{{"id":1,"method":"account.status","params":{{"apiKey":"{OWN.api_key}","price":60000.50,'
            f'"quantity":1.0e-2,"timestamp":{rig.now},"signature":"{sign(OWN.secret, text.encode())}"}}}}'
        )
        async with rig.session.ws_connect(f"{rig.url}/ws-fapi/v1") as socket:
            await socket.send_str(body)
            assert json.loads((await socket.receive(5)).data)["status"] == 200

    play(story)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "NaN", "[" * 60_000, '{"id":1,"params":{"x":Infinity}}'])
def test_what_is_no_request_is_answered_and_the_connection_lives_on(text: str) -> None:
    async def story(rig: Rig) -> None:
        async with rig.session.ws_connect(f"{rig.url}/ws-fapi/v1") as socket:
            await socket.send_str(text)
            told = json.loads((await socket.receive(5)).data)
            assert (told["id"], told["status"], told["error"]["code"]) == (None, 400, -1135)
            assert (await ask(socket, 1, "ping", {}))["result"] == {}

    play(story)


def test_limits_are_told_unless_they_are_not_wanted() -> None:
    async def story(rig: Rig) -> None:
        async with rig.session.ws_connect(f"{rig.url}/ws-fapi/v1?returnRateLimits=false") as socket:
            assert "rateLimits" not in await ask(socket, 1, "time", {})
            told = await ask(socket, 2, "time", {"returnRateLimits": True})
            assert told["rateLimits"][0] == {
                "rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 20, "count": 2
            }  # fmt: skip
            while (told := await ask(socket, 3, "time", {}))["status"] == 200:
                continue
            assert (told["status"], told["error"]["code"]) == (429, -1003)

    play(story, limits=LIMITED)


def test_every_method_of_the_official_sdk_is_served() -> None:
    async def story(rig: Rig) -> None:
        await rig.order(quantity="0.01")
        order = await rig.order(type="LIMIT", timeInForce="GTC", quantity="0.01", price="59000")
        number = order["orderId"]
        stop = {
            "algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET",
            "triggerPrice": "59000", "closePosition": "true", "clientAlgoId": "stop",
        }  # fmt: skip
        limit = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
        better = {"symbol": "BTCUSDT", "orderId": number, "side": "BUY", "quantity": "0.02", "price": "58000"}
        asked: dict[str, dict[str, object]] = {
            "account.status": {}, "v2/account.status": {}, "account.balance": {}, "v2/account.balance": {},
            "account.position": {}, "v2/account.position": {}, "order.status": {"symbol": "BTCUSDT", "orderId": number},
            "order.modify": better, "order.cancel": {"symbol": "BTCUSDT", "orderId": number},
            "order.place": limit | {"quantity": "0.01", "price": "57000"}, "algoOrder.place": stop,
            "algoOrder.cancel": {"clientAlgoId": "stop"},
        }  # fmt: skip
        public = {"depth": {"symbol": "BTCUSDT"}, "ticker.price": {}, "ticker.book": {}, "ping": {}, "time": {}}
        key = {"apiKey": OWN.api_key}
        async with rig.session.ws_connect(f"{rig.url}/ws-fapi/v1") as socket:
            for method, params in asked.items():
                told = await ask(socket, method, method, signed(rig, **params))
                assert told["status"] == 200, told
            for method, params in public.items():
                assert (await ask(socket, method, method, params))["status"] == 200
            started = await ask(socket, "s", "userDataStream.start", key)
            assert await ask(socket, "p", "userDataStream.ping", key | started["result"]) | {"rateLimits": 0} == {
                "id": "p", "status": 200, "result": started["result"], "rateLimits": 0
            }  # fmt: skip
            assert (await ask(socket, "e", "userDataStream.stop", key))["result"] == {}
            dead = await ask(socket, "d", "userDataStream.ping", key)
            assert (dead["status"], dead["error"]["code"]) == (400, -1125)

    play(story)
