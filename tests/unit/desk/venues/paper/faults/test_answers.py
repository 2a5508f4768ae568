"""What a client meets at the door: one row a fault, and whether the venue did what it was asked."""

from typing import Any

import pytest

from desk.venues.paper.settings import WireSettings
from tests.unit.desk.venues.paper.faults.bad_luck import ORDER, met, place, plan, resting
from tests.unit.desk.venues.paper.wire.rig import KEYS, Rig, play

UNKNOWN = "Unknown error, please check your request or try again later."
INTERNAL = "Internal error; unable to process your request. Please try again."


def code(number: int, status: int, words: str) -> tuple[int, dict[str, object]]:
    return status, {"code": number, "msg": words}


@pytest.mark.parametrize(
    ("fault", "seen", "done"),
    [
        ({"kind": "timeout", "processed": True}, "nothing", True),
        ({"kind": "timeout", "processed": False}, "nothing", False),
        ({"kind": "timeout", "processed": True, "hold_s": 0.01}, "cut off", True),
        ({"kind": "reset", "processed": True}, "cut off", True),
        ({"kind": "reset", "processed": False}, "cut off", False),
        ({"kind": "late", "behind": 5}, "nothing", False),
        ({"kind": "truncated"}, "half an answer", True),
        ({"kind": "truncated", "keep": 0}, "half an answer", True),
        ({"kind": "html", "status": 200, "processed": True}, ("no JSON", 200), True),
        ({"kind": "html", "status": 403, "processed": False}, ("no JSON", 403), False),
        ({"kind": "html", "status": 502, "processed": True, "server": "nginx"}, ("no JSON", 502), True),
        ({"kind": "html", "status": 504, "processed": False}, ("no JSON", 504), False),
        ({"kind": "content_type"}, ("no JSON", 200), True),
        ({"kind": "overload", "processed": True}, code(-1000, 503, UNKNOWN), True),
        ({"kind": "overload"}, code(-1000, 503, UNKNOWN), False),
        ({"kind": "overload", "variant": "unavailable"}, code(-1000, 503, "Service Unavailable."), False),
        ({"kind": "overload", "variant": "internal"}, code(-1000, 503, INTERNAL), False),
        ({"kind": "code", "code": -1001}, code(-1001, 503, INTERNAL), False),
        ({"kind": "code", "code": -2013, "processed": True}, code(-2013, 400, "Order does not exist."), True),
        ({"kind": "code", "code": -4000, "message": "so", "status": 451}, code(-4000, 451, "so"), False),
    ],
)  # fmt: skip
def test_an_order_meets_a_fault(fault: dict[str, Any], seen: Any, done: bool) -> None:
    async def story(rig: Rig) -> None:
        assert await place(rig) == seen
        assert resting(rig) == (["one"] if done else [])

    play(story, faults=plan({**fault, "method": "POST", "path": ORDER}))


@pytest.mark.parametrize(
    ("number", "status"), [(-1006, 400), (-1007, 408), (-1008, 503), (-1015, 429), (-1021, 400), (-2015, 401)]
)
def test_a_code_comes_with_the_status_that_binance_sends(number: int, status: int) -> None:
    async def story(rig: Rig) -> None:
        answered, body = await place(rig)
        assert (answered, body["code"]) == (status, number)
        assert body["msg"]

    play(story, faults=plan({"kind": "code", "code": number}))


@pytest.mark.parametrize("status", [429, 418])
@pytest.mark.parametrize("wait", [None, 7])
def test_a_limit_says_when_to_come_back_or_does_not(status: int, wait: int | None) -> None:
    async def story(rig: Rig) -> None:
        answered, body = await place(rig)
        assert (answered, body["code"]) == (status, -1003)
        assert rig.headers.get("Retry-After") == (None if wait is None else "7")
        assert resting(rig) == []

    play(story, faults=plan({"kind": "limit", "status": status, "retry_after": wait}))


@pytest.mark.parametrize(("which", "seen"), [("first", 200), ("second", 400)])
def test_a_request_delivered_twice_is_processed_twice_and_answered_once(which: str, seen: int) -> None:
    async def story(rig: Rig) -> None:
        status, body = await place(rig)
        assert (status, body.get("code")) == (seen, None if which == "first" else -4116)
        assert resting(rig) == ["one"]

    play(story, faults=plan({"kind": "duplicate", "answer": which, "method": "POST"}))


def test_a_late_request_is_processed_after_the_later_ones_and_only_while_it_is_fresh() -> None:
    async def story(rig: Rig) -> None:
        assert await place(rig, "slow") == "nothing"
        for _ in range(2):
            assert (await met(rig, "GET", ORDER, symbol="BTCUSDT", origClientOrderId="slow"))[1]["code"] == -2013
        assert resting(rig) == ["slow"]
        assert (await met(rig, "GET", ORDER, symbol="BTCUSDT", origClientOrderId="slow"))[0] == 200
        assert await place(rig, "too-slow") == "nothing"
        await rig.step(5_001)
        await met(rig, "GET", "/fapi/v1/openOrders")
        await met(rig, "GET", "/fapi/v1/openOrders")
        assert resting(rig) == ["slow"]

    # The rig's wall clock stands still, and would call any stamp fresh.
    wire = WireSettings(accept_wall_timestamps=False)
    play(story, wire=wire, faults=plan({"kind": "late", "behind": 2, "method": "POST"}))


def test_a_dripping_body_arrives_whole() -> None:
    async def story(rig: Rig) -> None:
        status, body = await place(rig)
        assert (status, body["clientOrderId"]) == (200, "one")

    play(story, faults=plan({"kind": "drip", "seconds": 0.02, "pieces": 4}, {"kind": "delay", "seconds": 0.01}))


def test_a_stale_read_repeats_the_past_and_writes_are_never_stale() -> None:
    async def story(rig: Rig) -> None:
        before = await rig.signed("GET", "/fapi/v1/openOrders", symbol="BTCUSDT")
        assert (await place(rig))[0] == 200
        assert await rig.signed("GET", "/fapi/v1/openOrders", symbol="BTCUSDT") == before == (200, [])
        assert (await rig.signed("GET", "/fapi/v1/openOrders", symbol="ETHUSDT"))[1] == []
        assert (await place(rig, "two"))[1]["clientOrderId"] == "two"

    play(story, faults=plan({"kind": "stale", "path": "/fapi/v1/*"}))


def test_the_first_rule_that_strikes_is_the_one_the_client_meets() -> None:
    async def story(rig: Rig) -> None:
        assert (await place(rig))[1]["code"] == -1001
        assert (await place(rig))[1]["code"] == -1006

    play(
        story,
        faults=plan({"kind": "code", "code": -1001, "most": 1}, {"kind": "code", "code": -1006}),
    )


def test_the_websocket_api_has_the_same_luck() -> None:
    async def story(rig: Rig) -> None:
        async with rig.session.ws_connect(f"{rig.url}/ws-fapi/v1") as socket:
            ask = {"id": 1, "method": "ticker.price", "params": {"symbol": "BTCUSDT"}}
            await socket.send_json(ask)
            assert (await socket.receive_json())["error"]["code"] == -1007
            await socket.send_json({**ask, "id": 2})
            await socket.send_json({**ask, "id": 3})
            assert (await socket.receive_json())["id"] == 3
            await socket.send_json(ask)
            with pytest.raises(ValueError, match=r"JSON|unexpected|Unterminated|delimiter"):
                await socket.receive_json()
            await socket.send_json(ask)
            assert (await socket.receive()).data is None

    ask = {"method": "WS", "path": "ticker.*"}
    play(
        story,
        faults=plan(
            {"kind": "code", "code": -1007, "nth": [1], **ask},
            {"kind": "timeout", "processed": True, "nth": [2], **ask},
            {"kind": "truncated", "nth": [4], **ask},
            {"kind": "reset", "processed": False, "nth": [5], **ask},
        ),
    )


def test_the_endpoint_is_not_there_unless_it_was_switched_on() -> None:
    async def story(rig: Rig) -> None:
        for method in ("GET", "PUT", "DELETE"):
            async with rig.session.request(method, f"{rig.url}/paper/v1/faults", headers=token) as answer:
                assert (answer.status, (await answer.json())["code"]) == (404, -5000)

    token = {"X-Paper-Token": KEYS.admin_token}
    play(story)
    play(story, faults=plan({"kind": "gap"}))


def test_the_operator_replaces_the_script_of_a_running_venue() -> None:
    async def story(rig: Rig) -> None:
        url, token = f"{rig.url}/paper/v1/faults", {"X-Paper-Token": KEYS.admin_token}
        async with rig.session.get(url) as answer:
            assert answer.status == 401
        script = {"seed": 5, "rules": [{"kind": "code", "code": -1007, "name": "doubt"}]}
        async with rig.session.put(url, json=script, headers=token) as answer:
            assert (answer.status, (await answer.json())["struck"]) == (200, {"doubt": 0})
        assert (await place(rig))[1]["code"] == -1007
        async with rig.session.get(url, headers=token) as answer:
            told = await answer.json()
        assert (told["struck"], told["kinds"], told["seed"]) == ({"doubt": 1}, {"code": 1}, 5)
        async with rig.session.put(url, json={"rules": [{"kind": "gap", "nht": [1]}]}, headers=token) as answer:
            assert answer.status == 400
            assert "rules[0].nht" in (await answer.json())["msg"]
        assert (await place(rig))[1]["code"] == -1007
        async with rig.session.delete(url, headers=token) as answer:
            assert (await answer.json())["rules"] == []
        assert (await place(rig))[0] == 200

    play(story, faults=plan(admin=True))
