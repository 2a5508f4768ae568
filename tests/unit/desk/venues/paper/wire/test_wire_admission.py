"""Who is let in, in which order a request is refused, and what every answer tells about the limits."""

from __future__ import annotations

import pytest

from desk.venues.paper.settings import LimitSettings, WireSettings
from tests.unit.desk.venues.paper.wire.rig import START_MS, Rig, play

ACCOUNT = "/fapi/v3/account"


def test_the_key_is_judged_first_then_the_stamp_then_the_signature() -> None:
    async def story(rig: Rig) -> None:
        stale = rig.now - 60_000
        for headers, text, status, code in (
            ({"X-MBX-APIKEY": ""}, "", 401, -2014),
            ({"X-MBX-APIKEY": "short"}, "", 401, -2014),
            ({"X-MBX-APIKEY": "x" * 64}, "", 401, -2015),
            ({}, "", 400, -1102),
            ({}, f"timestamp={rig.now}", 400, -1102),
            ({}, f"timestamp={stale}&signature=00", 400, -1021),
            ({}, f"timestamp={rig.now}&recvWindow=60001&signature=00", 400, -1131),
            ({}, f"timestamp={rig.now}&signature=00", 400, -1022),
        ):
            answered, body = await rig.raw("GET", ACCOUNT, text, headers=headers)
            assert (answered, body["code"]) == (status, code), (headers, text)
        answered, _ = await rig.signed("GET", ACCOUNT)
        assert answered == 200

    play(story)


def test_a_stamp_by_the_wall_clock_is_believed_on_a_virtual_clock_unless_forbidden() -> None:
    async def story(rig: Rig) -> None:
        await rig.step(3_600_000)
        status, body = await rig.signed("GET", ACCOUNT, timestamp=START_MS)
        assert (status, body.get("code")) == ((200, None) if rig.server.pipeline.gate.accept_wall else (400, -1021))

    play(story)
    play(story, wire=WireSettings(accept_wall_timestamps=False))


def test_parameters_may_come_in_the_query_in_the_body_or_in_both() -> None:
    async def story(rig: Rig) -> None:
        await rig.order(body=True, quantity="0.01")
        await rig.order(body=False, quantity="0.01")
        status, _ = await rig.signed("DELETE", "/fapi/v1/allOpenOrders", body=True, symbol="BTCUSDT")
        assert status == 200
        _, rows = await rig.signed("GET", "/fapi/v1/allOrders", symbol="BTCUSDT")
        assert len(rows) == 2

    play(story)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_an_unknown_path_is_404(method: str) -> None:
    async def story(rig: Rig) -> None:
        status, body = await rig.raw(method, "/fapi/v1/positionRisk", "")
        assert (status, body["code"]) == (404, -5000)

    play(story)


def test_every_answer_tells_the_weight_and_order_answers_tell_the_orders() -> None:
    async def story(rig: Rig) -> None:
        await rig.raw("GET", "/fapi/v1/ping", "")
        assert rig.headers["X-MBX-USED-WEIGHT-1M"] == "1"
        assert "X-MBX-ORDER-COUNT-10S" not in rig.headers
        await rig.signed("GET", "/fapi/v1/openOrders")
        assert rig.headers["X-MBX-USED-WEIGHT-1M"] == "41"
        await rig.order(quantity="0.01")
        assert rig.headers["X-MBX-ORDER-COUNT-10S"] == "1"
        assert rig.headers["X-MBX-ORDER-COUNT-1M"] == "1"

    play(story)


def test_too_much_weight_is_429_and_going_on_is_418() -> None:
    async def story(rig: Rig) -> None:
        for _ in range(5):
            await rig.raw("GET", "/fapi/v1/ping", "")
        seen = {(await rig.raw("GET", "/fapi/v1/ping", ""))[0] for _ in range(102)}
        assert seen == {429, 418}

    play(story, limits=LimitSettings(weight_per_minute=5))


def test_too_many_orders_are_refused_before_they_are_placed() -> None:
    async def story(rig: Rig) -> None:
        await rig.order(quantity="0.01")
        status, body = await rig.signed(
            "POST", "/fapi/v1/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01"
        )
        assert (status, body["code"]) == (429, -1015)
        _, rows = await rig.signed("GET", "/fapi/v1/allOrders", symbol="BTCUSDT")
        assert len(rows) == 1

    play(story, limits=LimitSettings(orders_per_ten_seconds=1))


def test_the_clock_moves_only_for_the_admin_token_and_only_forward() -> None:
    async def story(rig: Rig) -> None:
        url = f"{rig.url}/paper/v1/clock/advance"
        async with rig.session.post(url, json={"to": rig.now + 60_000}, headers={"X-Paper-Token": "no"}) as answer:
            assert answer.status == 401
        assert rig.now == START_MS
        told = await rig.step(120_000)
        assert told == {"now": START_MS + 120_000, "quotes": 4}
        token = {"X-Paper-Token": rig.server.admin_token}
        for body in ({"to": START_MS}, {"to": "soon"}, {}, []):
            async with rig.session.post(url, json=body, headers=token) as answer:
                assert answer.status == 400, body
        assert rig.now == START_MS + 120_000

    play(story)


def test_the_status_tells_what_market_this_is() -> None:
    async def story(rig: Rig) -> None:
        status, told = await rig.raw("GET", "/paper/v1/status", "")
        assert status == 200
        assert (told["source"], told["clock"], told["now"], told["seed"]) == ("fake", "stepped", START_MS, 7)
        assert told["symbols"] == ["BTCUSDT", "ETHUSDT"]

    play(story)
