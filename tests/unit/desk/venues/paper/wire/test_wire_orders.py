"""Orders and stops over REST: the shape of late 2026, and the refusals that clients must see."""

from __future__ import annotations

import json
from typing import Any

import pytest

from desk.venues.paper.settings import WireSettings
from desk.venues.paper.wire.trading.order_json import pair_of
from tests.unit.desk.venues.paper.wire.rig import FakeMarket, Rig, play

ORDER = "/fapi/v1/order"
ALGO = "/fapi/v1/algoOrder"
LIMIT: dict[str, object] = {
    "symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": "59000",
}  # fmt: skip
STOP: dict[str, object] = {
    "algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET", "triggerPrice": "59000",
    "closePosition": "true", "workingType": "MARK_PRICE",
}  # fmt: skip


async def refused(rig: Rig, method: str, path: str, **params: object) -> int:
    status, body = await rig.signed(method, path, **params)
    assert status == 400, body
    return int(body["code"])


@pytest.mark.parametrize("kind", ["STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"])
def test_a_conditional_type_on_the_ordinary_endpoint_is_4120(kind: str) -> None:
    async def story(rig: Rig) -> None:
        asked = {"symbol": "BTCUSDT", "side": "SELL", "type": kind, "quantity": "0.01", "stopPrice": "59000"}
        assert await refused(rig, "POST", ORDER, **asked) == -4120
        assert await refused(rig, "POST", "/fapi/v1/order/test", **asked) == -4120
        _, batch = await rig.signed("POST", "/fapi/v1/batchOrders", batchOrders=json.dumps([asked]))
        assert [row["code"] for row in batch] == [-4120]

    play(story)


def test_an_acknowledgement_says_new_and_carries_no_price_and_reading_back_does() -> None:
    async def story(rig: Rig) -> None:
        ack = await rig.order(quantity="0.01")
        assert (ack["status"], ack["executedQty"], ack["cumQty"]) == ("NEW", "0", "0")
        result = await rig.order(quantity="0.01", newOrderRespType="RESULT")
        assert (result["status"], result["executedQty"]) == ("FILLED", "0.01")
        for answer in (ack, result):
            assert not {"avgPrice", "cumQuote", "time"} & answer.keys()
        _, row = await rig.signed("GET", ORDER, symbol="BTCUSDT", orderId=ack["orderId"])
        assert (row["status"], row["avgPrice"], row["cumQuote"]) == ("FILLED", "60003", "600.03")

    play(story)


def test_the_older_acknowledgement_can_be_switched_on() -> None:
    async def story(rig: Rig) -> None:
        answer = await rig.order(quantity="0.01", newOrderRespType="RESULT")
        assert (answer["avgPrice"], answer["cumQuote"]) == ("60003", "600.03")

    play(story, wire=WireSettings(legacy_ack=True))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"symbol": None}, -1102),
        ({"symbol": "NOPE"}, -1121),
        ({"side": None}, -1102),
        ({"side": "LONG"}, -1117),
        ({"type": None}, -1102),
        ({"type": "ICEBERG"}, -1116),
        ({"timeInForce": None}, -1102),
        ({"timeInForce": "DAY"}, -1115),
        ({"quantity": None}, -1102),
        ({"quantity": "1e-2"}, -1100),
        ({"quantity": "0.0001"}, -4004),
        ({"quantity": "0.0105"}, -1111),
        ({"price": None}, -1102),
        ({"price": "59000.05"}, -1111),
        ({"quantity": "0.001", "price": "30000"}, -4164),
        ({"stopPrice": "58000"}, -1106),
        ({"positionSide": "LONG"}, -4061),
        ({"positionSide": "UP"}, -4060),
        ({"newOrderRespType": "FULL"}, -1136),
        ({"newClientOrderId": "a b"}, -1100),
        ({"reduceOnly": "true"}, -2022),
        ({"selfTradePreventionMode": "HOPE"}, -5039),
        ({"priceMatch": "BEST"}, -5037),
    ],
)
def test_each_wrong_order_is_refused_by_its_own_code(change: dict[str, object], code: int) -> None:
    async def story(rig: Rig) -> None:
        assert await refused(rig, "POST", ORDER, **LIMIT | change) == code
        _, rows = await rig.signed("GET", "/fapi/v1/openOrders", symbol="BTCUSDT")
        assert rows == []

    play(story)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"algoType": None}, -1102),
        ({"algoType": "TWAP"}, -1130),
        ({"type": "MARKET"}, -1116),
        ({"triggerPrice": None}, -1102),
        ({"triggerPrice": None, "stopPrice": "59000"}, -1102),
        ({"triggerPrice": "61000"}, -2021),
        ({"workingType": "INDEX"}, -4031),
        ({"quantity": "0.01"}, -4137),
    ],
)
def test_each_wrong_stop_is_refused_by_its_own_code(change: dict[str, object], code: int) -> None:
    async def story(rig: Rig) -> None:
        await rig.order(quantity="0.01")
        assert await refused(rig, "POST", ALGO, **STOP | change) == code

    play(story)


def test_lower_case_types_and_names_pass_as_real_clients_send_them() -> None:
    async def story(rig: Rig) -> None:
        answer = await rig.order(symbol="btcusdt", side="buy", type="market", quantity="0.01")
        _, row = await rig.signed("GET", ORDER, symbol="BTCUSDT", orderid=answer["orderId"])
        assert row["status"] == "FILLED"

    play(story)


def test_a_limit_order_is_listed_changed_cancelled_and_then_gone() -> None:
    async def story(rig: Rig) -> None:
        placed = await rig.order(**LIMIT, newClientOrderId="desk-1")
        _, rows = await rig.signed("GET", "/fapi/v1/openOrders")
        assert [row["clientOrderId"] for row in rows] == ["desk-1"]
        _, changed = await rig.signed(
            "PUT", ORDER, symbol="BTCUSDT", side="BUY", origClientOrderId="desk-1", quantity="0.02", price="58000"
        )
        assert (changed["orderId"], changed["origQty"], changed["price"]) == (placed["orderId"], "0.02", "58000")
        assert changed["pair"] == "BTCUSDT"
        _, gone = await rig.signed("DELETE", ORDER, symbol="BTCUSDT", orderId=placed["orderId"])
        assert gone["status"] == "CANCELED"
        assert "avgPrice" not in gone
        assert await refused(rig, "DELETE", ORDER, symbol="BTCUSDT", orderId=placed["orderId"]) == -2011
        assert await refused(rig, "GET", "/fapi/v1/openOrder", symbol="BTCUSDT", orderId=placed["orderId"]) == -2013
        assert await refused(rig, "GET", ORDER, symbol="BTCUSDT", orderId=99) == -2013
        assert await refused(rig, "GET", ORDER, symbol="BTCUSDT") == -1102

    play(story)


def test_a_batch_answers_each_order_by_itself() -> None:
    async def story(rig: Rig) -> None:
        orders = [LIMIT, {**LIMIT, "quantity": 0.00001}, {**LIMIT, "price": 58000}]
        status, rows = await rig.signed("POST", "/fapi/v1/batchOrders", batchOrders=json.dumps(orders))
        assert status == 200
        assert ["orderId" in row for row in rows] == [True, False, True]
        ids = json.dumps([rows[0]["orderId"], 99])
        _, gone = await rig.signed("DELETE", "/fapi/v1/batchOrders", symbol="BTCUSDT", orderidlist=ids)
        assert [row.get("status", row.get("code")) for row in gone] == ["CANCELED", -2011]
        too_many = json.dumps([LIMIT] * 6)
        assert await refused(rig, "POST", "/fapi/v1/batchOrders", batchOrders=too_many) == -4082
        assert await refused(rig, "POST", "/fapi/v1/batchOrders", batchOrders="no json") == -1130

    play(story)


@pytest.mark.parametrize(
    ("match", "price"), [("OPPONENT", "60003"), ("OPPONENT_5", "60027.1"), ("QUEUE", "59997"), ("QUEUE_5", "59973")]
)
def test_a_price_may_be_taken_from_the_book(match: str, price: str) -> None:
    async def story(rig: Rig) -> None:
        answer = await rig.order(**LIMIT | {"price": None, "priceMatch": match}, newOrderRespType="RESULT")
        assert answer["price"] == price
        assert await refused(rig, "POST", ORDER, **LIMIT, priceMatch=match) == -1106

    play(story)


def test_a_stop_lives_in_its_own_lists_and_outlives_cancel_all() -> None:
    async def story(rig: Rig) -> None:
        await rig.order(quantity="0.01")
        stop = await rig.stop(clientAlgoId="stop-1")
        assert {"orderId", "stopPrice"}.isdisjoint(stop)
        assert (stop["algoStatus"], stop["orderType"], stop["triggerPrice"]) == ("NEW", "STOP_MARKET", "59000")
        await rig.signed("DELETE", "/fapi/v1/allOpenOrders", symbol="BTCUSDT")
        _, ordinary = await rig.signed("GET", "/fapi/v1/openOrders")
        _, stops = await rig.signed("GET", "/fapi/v1/openAlgoOrders")
        assert ordinary == []
        assert [row["clientAlgoId"] for row in stops] == ["stop-1"]
        # Lists of stops have the prices of a bracket, though none is attached; the look-up of one has not.
        assert {stops[0][name] for name in ("tpTriggerPrice", "tpPrice", "slTriggerPrice", "slPrice")} == {"0.000"}
        _, gone = await rig.signed("DELETE", ALGO, clientAlgoId="stop-1")
        assert gone == {"algoId": stop["algoId"], "clientAlgoId": "stop-1", "code": "200", "msg": "success"}
        assert await refused(rig, "DELETE", ALGO, algoId=stop["algoId"]) == -2011
        assert await refused(rig, "GET", ALGO, algoId=99) == -2013
        _, row = await rig.signed("GET", ALGO, algoId=stop["algoId"])
        assert row["algoStatus"] == "CANCELED"
        assert "slPrice" not in row

    play(story)


def test_a_triggered_stop_closes_the_position_and_names_the_order_it_became() -> None:
    falling = FakeMarket()
    falling.moves["BTCUSDT"] = {falling.start_ms + 120_000: falling.prices["BTCUSDT"] - 2_000}

    async def story(rig: Rig) -> None:
        await rig.order(quantity="0.01")
        stop = await rig.stop()
        await rig.step(180_000)
        _, row = await rig.signed("GET", ALGO, algoId=stop["algoId"])
        assert row["algoStatus"] == "FINISHED"
        _, order = await rig.signed("GET", ORDER, symbol="BTCUSDT", orderId=row["actualOrderId"])
        assert (order["status"], order["origType"]) == ("FILLED", "STOP_MARKET")
        _, positions = await rig.signed("GET", "/fapi/v3/positionRisk")
        assert [p for p in positions if p["positionAmt"] != "0"] == []

    play(story, market=falling)


def test_while_the_market_is_in_trouble_nothing_trades_but_stops_may_rest_and_orders_be_cancelled() -> None:
    market = FakeMarket()

    async def story(rig: Rig) -> None:
        placed = await rig.order(**LIMIT)
        market.trouble_now = "the feed is silent"
        status, body = await rig.signed("POST", ORDER, **LIMIT)
        assert (status, body["code"]) == (503, -1008)
        await rig.stop()
        status, _ = await rig.signed("DELETE", ORDER, symbol="BTCUSDT", orderId=placed["orderId"])
        assert status == 200

    play(story, market=market)


def test_the_state_is_written_before_the_answer_leaves() -> None:
    async def story(rig: Rig) -> None:
        before = len(rig.saves)
        await rig.signed("GET", "/fapi/v3/account")
        assert len(rig.saves) == before
        await rig.order(quantity="0.01")
        assert len(rig.saves) == before + 1
        await rig.step(60_000)
        assert rig.saves[-1] == rig.now

    play(story)


def test_a_failure_of_the_store_is_told_as_an_unknown_outcome() -> None:
    async def story(rig: Rig) -> None:
        def full_disk(ms: int) -> None:
            raise OSError("no space left on device")

        kept, rig.venue.keep = rig.venue.keep, full_disk
        status, body = await rig.signed("POST", ORDER, **LIMIT)
        assert (status, body["code"]) == (500, -1000)
        rig.venue.keep = kept
        _, rows = await rig.signed("GET", "/fapi/v1/openOrders")
        assert len(rows) == 1

    play(story)


def test_settings_of_the_account_are_set_told_and_refused_by_code() -> None:
    async def story(rig: Rig) -> None:
        _, leverage = await rig.signed("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=5)
        assert (leverage["leverage"], leverage["symbol"]) == (5, "BTCUSDT")
        isolated: dict[str, Any] = {"symbol": "BTCUSDT", "marginType": "ISOLATED"}
        assert (await rig.signed("POST", "/fapi/v1/marginType", **isolated))[1] == {"code": 200, "msg": "success"}
        assert await refused(rig, "POST", "/fapi/v1/marginType", **isolated) == -4046
        assert await refused(rig, "POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=1_000) == -4028
        assert await refused(rig, "POST", "/fapi/v1/positionSide/dual", dualSidePosition="false") == -4059
        _, config = await rig.signed("GET", "/fapi/v1/symbolConfig", symbol="BTCUSDT")
        assert (config[0]["marginType"], config[0]["leverage"]) == ("ISOLATED", 5)
        _, rights = await rig.signed("GET", "/sapi/v1/account/apiRestrictions")
        assert rights["enableWithdrawals"] is False

    play(story)


def test_a_dated_contract_is_of_the_pair_before_its_day() -> None:
    assert [pair_of(symbol) for symbol in ("BTCUSDT", "BTCUSDT_261225")] == ["BTCUSDT", "BTCUSDT"]
