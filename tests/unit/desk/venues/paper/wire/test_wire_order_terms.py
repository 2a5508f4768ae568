"""What mid-2026 added to orders, over REST: matched prices, amendments and their history, countdowns, batches."""

from __future__ import annotations

import json

import pytest

from tests.unit.desk.venues.paper.wire.rig import Rig, play

ORDER = "/fapi/v1/order"
BATCH = "/fapi/v1/batchOrders"
HISTORY = "/fapi/v1/orderAmendment"
COUNTDOWN = "/fapi/v1/countdownCancelAll"
LIMIT: dict[str, object] = {
    "symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": "59000",
}  # fmt: skip


async def code(rig: Rig, method: str, path: str, **params: object) -> int:
    status, body = await rig.signed(method, path, **params)
    assert status == 400, body
    return int(body["code"])


def test_an_amendment_answers_its_order_and_is_found_in_the_history() -> None:
    async def story(rig: Rig) -> None:
        order_id = (await rig.order(**LIMIT))["orderId"]
        named = {"symbol": "BTCUSDT", "side": "BUY", "orderId": order_id}
        _, answer = await rig.signed("PUT", ORDER, **named, quantity="0.02", price="58000", modifyId=77)
        assert (answer["origQty"], answer["price"], answer["modifyId"]) == ("0.02", "58000", 77)
        _, answer = await rig.signed("PUT", ORDER, **named, quantity="0.02", priceMatch="QUEUE")
        assert (answer["priceMatch"], answer["modifyId"]) == ("QUEUE", 2)
        _, rows = await rig.signed("GET", HISTORY, symbol="BTCUSDT", orderId=order_id)
        assert [row["amendment"]["count"] for row in rows] == [1, 2]
        assert rows[0]["amendment"]["price"] == {"before": "59000", "after": "58000"}
        assert rows[0]["amendment"]["origQty"] == {"before": "0.01", "after": "0.02"}
        assert set(rows[0]) >= {"amendmentId", "symbol", "pair", "orderId", "clientOrderId", "time"}
        assert await code(rig, "GET", HISTORY, symbol="BTCUSDT", orderId=999) == -2013
        assert await code(rig, "GET", HISTORY, symbol="BTCUSDT") == -1102

    play(story)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"price": None}, -1102),
        ({"priceMatch": "QUEUE"}, -1106),
        ({"priceMatch": "BEST", "price": None}, -5037),
        ({"quantity": "0.01", "price": "59000"}, -5027),
        ({"quantity": "0.001", "price": "30000"}, -5029),
        ({"orderId": 999}, -2013),
    ],
)
def test_each_wrong_amendment_is_refused_by_its_own_code(change: dict[str, object], expected: int) -> None:
    async def story(rig: Rig) -> None:
        order_id = (await rig.order(**LIMIT))["orderId"]
        asked = {"symbol": "BTCUSDT", "side": "BUY", "orderId": order_id, "quantity": "0.02", "price": "58000"}
        assert await code(rig, "PUT", ORDER, **asked | change) == expected

    play(story)


def test_a_batch_of_changes_answers_each_by_itself() -> None:
    async def story(rig: Rig) -> None:
        order_id = (await rig.order(**LIMIT))["orderId"]
        change = {"symbol": "BTCUSDT", "side": "BUY", "orderId": order_id, "quantity": "0.02", "price": "58000"}
        _, answers = await rig.signed("PUT", BATCH, batchOrders=json.dumps([change, change]))
        assert answers[0]["origQty"] == "0.02"
        assert answers[1]["code"] == -5027

    play(story)


def test_a_batched_order_prevents_self_trades_only_if_it_says_so() -> None:
    async def story(rig: Rig) -> None:
        alone = await rig.order(**LIMIT)
        _, batched = await rig.signed("POST", BATCH, batchOrders=json.dumps([LIMIT]))
        modes = [alone["selfTradePreventionMode"], batched[0]["selfTradePreventionMode"]]
        assert modes == ["EXPIRE_MAKER", "NONE"]

    play(story)


def test_a_countdown_is_answered_and_kept() -> None:
    async def story(rig: Rig) -> None:
        await rig.order(**LIMIT)
        _, answer = await rig.signed("POST", COUNTDOWN, symbol="BTCUSDT", countdownTime=60_000)
        assert answer == {"symbol": "BTCUSDT", "countdownTime": "60000"}
        await rig.step(59_999)
        _, rows = await rig.signed("GET", "/fapi/v1/openOrders", symbol="BTCUSDT")
        assert len(rows) == 1
        await rig.step(1)
        _, rows = await rig.signed("GET", "/fapi/v1/openOrders", symbol="BTCUSDT")
        assert rows == []
        assert await code(rig, "POST", COUNTDOWN, symbol="BTCUSDT", countdownTime=-1) == -1130
        assert await code(rig, "POST", COUNTDOWN, symbol="BTCUSDT") == -1102

    play(story)


def test_an_rpi_order_rests_unseen() -> None:
    async def story(rig: Rig) -> None:
        order = await rig.order(**LIMIT | {"timeInForce": "RPI", "price": "59999.9"})
        assert (order["status"], order["timeInForce"]) == ("NEW", "RPI")
        _, depth = await rig.public("/fapi/v1/depth", symbol="BTCUSDT", limit=5)
        assert "59999.9" not in [price.rstrip("0") for price, _ in depth["bids"]]

    play(story)
