"""Reference figures and statistics follow from what the market and the accounts did, and never stand still for it."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.desk.venues.paper.wire.rig import MINUTE, OTHER, START_MS, FakeMarket, Rig, play

HOUR = 60 * MINUTE


async def told(rig: Rig, path: str, **params: object) -> Any:
    status, body = await rig.public(path, **params)
    assert status == 200, body
    return body


async def own(rig: Rig, path: str, **params: object) -> Any:
    status, body = await rig.signed("GET", path, **params)
    assert status == 200, body
    return body


def test_the_index_is_made_of_this_market_alone() -> None:
    async def story(rig: Rig) -> None:
        index = await told(rig, "/fapi/v1/constituents", symbol="btcusdt")
        assert index.keys() == {"symbol", "time", "constituents"}
        (only,) = index["constituents"]
        assert only.keys() == {"exchange", "symbol", "price", "weight"}
        assert Decimal(only["price"]) == Decimal(60_000)
        assert await told(rig, "/fapi/v1/indexInfo") == []

    play(story)


def test_margin_assets_are_worth_their_index_less_a_buffer_over_rest_and_stream_alike() -> None:
    async def story(rig: Rig) -> None:
        rows = {row["symbol"]: row for row in await told(rig, "/fapi/v1/assetIndex")}
        bitcoin = rows["BTCUSD"]
        assert Decimal(bitcoin["bidRate"]) < Decimal(bitcoin["index"]) == Decimal(60_000) < Decimal(bitcoin["askRate"])
        assert await told(rig, "/fapi/v1/assetIndex", symbol="BTCUSD") == bitcoin
        status, body = await rig.public("/fapi/v1/assetIndex", symbol="XYZUSD")
        assert (status, body["code"]) == (400, -1121)
        async with rig.session.ws_connect(f"{rig.url}/market/ws/!assetIndex@arr") as socket:
            first = {row["s"]: row for row in (await socket.receive_json(timeout=5))}
            assert (first.keys(), first["BTCUSD"]["B"]) == (rows.keys(), bitcoin["bidRate"])
            await rig.step(MINUTE)
            assert (await socket.receive_json(timeout=5))[0]["e"] == "assetIndexUpdate"
        async with rig.session.ws_connect(f"{rig.url}/market/ws/btcusd@assetIndex") as socket:
            assert (await socket.receive_json(timeout=5))["s"] == "BTCUSD"

    play(story)


def test_the_insurance_fund_is_told_for_the_symbols_behind_which_it_stands() -> None:
    async def story(rig: Rig) -> None:
        funds = await told(rig, "/fapi/v1/insuranceBalance")
        assert [fund["symbols"] for fund in funds] == [["BTCUSDT", "ETHUSDT"]]
        one = await told(rig, "/fapi/v1/insuranceBalance", symbol="ETHUSDT")
        assert one == funds[0]
        assert one["assets"][0].keys() == {"asset", "marginBalance", "updateTime"}

    play(story)


def test_the_risk_of_deleveraging_grows_with_what_is_held() -> None:
    async def story(rig: Rig) -> None:
        await rig.signed("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=100)
        seen = [(await told(rig, "/fapi/v1/symbolAdlRisk", symbol="BTCUSDT"))["adlRisk"]]
        for access in ("own", "other"):
            for _ in range(2):
                who = {"access": OTHER} if access == "other" else {}
                await rig.signed("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=100, **who)
                await rig.signed(
                    "POST", "/fapi/v1/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="6.5", **who
                )
                await rig.step(MINUTE)
            seen.append((await told(rig, "/fapi/v1/symbolAdlRisk", symbol="BTCUSDT"))["adlRisk"])
        assert (seen[0], len(seen)) == ("low", 3)
        assert seen[-1] in ("medium", "high")
        rows = await told(rig, "/fapi/v1/symbolAdlRisk")
        assert {row["symbol"]: row["adlRisk"] for row in rows}["ETHUSDT"] == "low"

    play(story)


def test_the_book_with_hidden_orders_comes_whole_or_not_at_all() -> None:
    async def story(rig: Rig) -> None:
        book = await told(rig, "/fapi/v1/rpiDepth", symbol="BTCUSDT", limit=1_000)
        assert book.keys() == {"lastUpdateId", "E", "T", "bids", "asks"}
        status, body = await rig.public("/fapi/v1/rpiDepth", symbol="BTCUSDT", limit=5)
        assert (status, body) == (400, {"code": -4021, "msg": "5 is not valid depth limit"})

    play(story)


def test_taker_volumes_are_those_of_the_finished_bars() -> None:
    async def story(rig: Rig) -> None:
        await rig.step(HOUR + MINUTE)
        rows = await told(rig, "/futures/data/takerlongshortRatio", symbol="BTCUSDT", period="5m", limit=3)
        assert [row["timestamp"] for row in rows] == [START_MS + HOUR - n * 5 * MINUTE for n in (3, 2, 1)]
        assert rows[0] == {
            "buySellRatio": "1.0000", "buyVol": "0.5000", "sellVol": "0.5000", "timestamp": rows[0]["timestamp"]
        }  # fmt: skip
        first = await told(
            rig, "/futures/data/takerlongshortRatio", symbol="BTCUSDT", period="5m", startTime=START_MS, limit=2
        )
        assert [row["timestamp"] for row in first] == [START_MS, START_MS + 5 * MINUTE]

    play(story)


def test_the_basis_is_the_contract_less_the_index_of_its_pair() -> None:
    async def story(rig: Rig) -> None:
        await rig.step(HOUR)
        asked = {"pair": "BTCUSDT", "contractType": "PERPETUAL", "period": "15m", "limit": 2}
        rows = await told(rig, "/futures/data/basis", **asked)
        assert len(rows) == 2
        assert rows[0].keys() == {
            "indexPrice", "contractType", "basisRate", "futuresPrice", "annualizedBasisRate", "basis", "pair",
            "timestamp",
        }  # fmt: skip
        assert Decimal(rows[0]["basis"]) == Decimal(rows[0]["futuresPrice"]) - Decimal(rows[0]["indexPrice"])
        for wrong, code in (
            ({"contractType": "QUARTER"}, -1130),
            ({"period": "1m"}, -1130),
            ({"limit": 501}, -1130),
            ({"pair": "XYZUSDT"}, -1121),
            ({"startTime": START_MS - 31 * 24 * HOUR}, -1130),
        ):
            status, body = await rig.public("/futures/data/basis", **asked | wrong)
            assert (status, body["code"]) == (400, code), wrong

    play(story)


def test_deliveries_are_told_once_they_happened() -> None:
    due = START_MS + HOUR

    async def story(rig: Rig) -> None:
        assert await told(rig, "/futures/data/delivery-price", pair="ETHUSDT") == []
        await rig.step(HOUR + MINUTE)
        rows = await told(rig, "/futures/data/delivery-price", pair="ETHUSDT")
        assert rows == [{"deliveryTime": due, "deliveryPrice": 3_000.0}]
        status, body = await rig.public("/futures/data/delivery-price", pair="XYZUSDT")
        assert (status, body["code"]) == (400, -1121)

    play(story, market=FakeMarket(delivered_at={"ETHUSDT": due}))


def test_conduct_is_judged_by_the_orders_of_the_last_ten_minutes() -> None:
    async def story(rig: Rig) -> None:
        empty = await own(rig, "/fapi/v1/apiTradingStatus")
        assert empty["indicators"] == {}
        for _ in range(9):
            order = await rig.order(type="LIMIT", timeInForce="GTC", quantity="0.01", price="50000")
            await rig.signed("DELETE", "/fapi/v1/order", symbol="BTCUSDT", orderId=order["orderId"])
        await rig.order(quantity="0.01")
        rows = (await own(rig, "/fapi/v1/apiTradingStatus", symbol="BTCUSDT"))["indicators"]["BTCUSDT"]
        assert rows[0].keys() == {"isLocked", "plannedRecoverTime", "indicator", "value", "triggerValue"}
        assert {row["indicator"]: row["value"] for row in rows}["UFR"] == 0.9
        await rig.step(11 * MINUTE)
        assert (await own(rig, "/fapi/v1/apiTradingStatus"))["indicators"] == {}

    play(story)


def test_limits_of_the_account_are_those_of_exchange_info() -> None:
    async def story(rig: Rig) -> None:
        published = (await told(rig, "/fapi/v1/exchangeInfo"))["rateLimits"]
        assert await own(rig, "/fapi/v1/rateLimit/order") == published[1:]

    play(story)


def test_coins_are_those_of_the_listed_contracts_with_what_the_wallet_holds() -> None:
    async def story(rig: Rig) -> None:
        coins = {row["coin"]: row for row in await own(rig, "/sapi/v1/capital/config/getall")}
        assert coins.keys() == {"USDT", "BTC", "ETH"}
        assert Decimal(coins["USDT"]["free"]) == Decimal(10_000)
        left = await own(rig, "/fapi/v1/pmAccountInfo", asset="USDT")
        assert Decimal(left["maxWithdrawAmount"]) == Decimal(10_000)
        limits = (await told(rig, "/fapi/v1/pmExchangeInfo", symbol="BTCUSDT"))["notionalLimits"]
        assert [row["symbol"] for row in limits] == ["BTCUSDT"]

    play(story)


def test_a_market_in_trouble_is_a_system_in_maintenance() -> None:
    market = FakeMarket()

    async def story(rig: Rig) -> None:
        assert (await told(rig, "/sapi/v1/system/status"))["status"] == 0
        market.trouble_now = "no price"
        assert await told(rig, "/sapi/v1/system/status") == {"status": 1, "msg": "system_maintenance"}

    play(story, market=market)


@pytest.mark.parametrize(
    ("history", "column", "count"),
    [("trade", "orderId", 1), ("order", "clientOrderId", 1), ("income", "incomeType", 2)],
)
def test_a_history_is_asked_for_by_id_and_fetched_by_link(history: str, column: str, count: int) -> None:
    async def story(rig: Rig) -> None:
        await rig.order(quantity="0.01")
        asked = await own(rig, f"/fapi/v1/{history}/asyn", startTime=START_MS, endTime=rig.now)
        number = asked["downloadId"]
        link = await own(rig, f"/fapi/v1/{history}/asyn/id", downloadId=number)
        assert link.keys() == {"downloadId", "status", "url", "notified", "expirationTimestamp", "isExpired"}
        async with rig.session.get(link["url"]) as answer:
            rows = list(csv.DictReader(io.StringIO(await answer.text())))
        assert [bool(row[column]) for row in rows] == [True] * count
        status, body = await rig.signed("GET", f"/fapi/v1/{history}/asyn/id", downloadId=number, access=OTHER)
        assert (status, body["code"]) == (400, -1130)
        await rig.step(8 * 24 * HOUR)
        assert (await own(rig, f"/fapi/v1/{history}/asyn/id", downloadId=number))["isExpired"] is True
        async with rig.session.get(link["url"]) as answer:
            assert answer.status == 404

    play(story)


def test_a_history_is_at_most_a_year() -> None:
    async def story(rig: Rig) -> None:
        status, body = await rig.signed(
            "GET", "/fapi/v1/income/asyn", startTime=START_MS - 367 * 24 * HOUR, endTime=START_MS
        )
        assert (status, body["code"]) == (400, -1127)

    play(story)


def test_an_index_in_dollars_is_the_one_of_the_contract_in_usdt() -> None:
    async def story(rig: Rig) -> None:
        named = await told(rig, "/fapi/v1/constituents", symbol="BTCUSD")
        assert (named["symbol"], named["constituents"][0]["symbol"]) == ("BTCUSD", "BTCUSDT")
        status, body = await rig.public("/fapi/v1/constituents", symbol="XYZUSD")
        assert (status, body["code"]) == (400, -1121)

    play(story)


def test_no_contract_is_listed_whose_market_keeps_hours() -> None:
    async def story(rig: Rig) -> None:
        schedules = (await told(rig, "/fapi/v1/tradingSchedule"))["marketSchedules"]
        assert {"EQUITY", "COMMODITY", "FX"} <= schedules.keys()
        assert all(hours == {"sessions": []} for hours in schedules.values())
        async with rig.session.ws_connect(f"{rig.url}/market/ws/tradingSession") as socket:
            await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
            assert (await socket.receive_json(timeout=5))["result"] == ["tradingSession"]

    play(story)
