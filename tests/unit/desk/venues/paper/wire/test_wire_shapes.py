"""Answers carry exactly the fields the venue documents, and every field that was ever recorded from it."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from desk.venues.paper.symbols import spec_for
from desk.venues.paper.wire.market.exchange_info import symbol_info
from tests.unit.desk.venues.paper.wire.rig import FakeMarket, Rig, play

SAMPLES = Path(__file__).resolve().parents[7] / "shared" / "data" / "binance_json"
HTTP = SAMPLES / "nautilus" / "rs_futures_http_json"
HTTP_OLD = SAMPLES / "nautilus" / "py_http_responses"
USER = SAMPLES / "nautilus" / "rs_futures_user_data_json"
MARKET = SAMPLES / "nautilus" / "rs_futures_market_data_json"


def fields(text: str) -> set[str]:
    """Names from a readable column of text."""
    return set(text.split())


ACK = fields(
    """
    orderId clientOrderId symbol status side positionSide type origType timeInForce origQty executedQty cumQty
    price reduceOnly closePosition stopPrice workingType priceProtect priceMatch selfTradePreventionMode
    goodTillDate updateTime
    """
)
ALGO = fields(
    """
    algoId clientAlgoId algoType orderType symbol side positionSide timeInForce quantity algoStatus
    triggerPrice price icebergQuantity selfTradePreventionMode workingType priceMatch closePosition
    priceProtect reduceOnly activatePrice callbackRate createTime updateTime triggerTime goodTillDate
    """
)
POSITION_V3 = fields(
    """
    symbol positionSide positionAmt entryPrice breakEvenPrice markPrice unRealizedProfit liquidationPrice
    isolatedMargin notional marginAsset isolatedWallet initialMargin maintMargin positionInitialMargin
    openOrderInitialMargin adl bidNotional askNotional updateTime
    """
)
ACCOUNT_V3_POSITION = fields(
    """
    symbol positionSide positionAmt unrealizedProfit isolatedMargin notional isolatedWallet initialMargin
    maintMargin updateTime
    """
)
TOTALS = fields(
    """
    totalInitialMargin totalMaintMargin totalWalletBalance totalUnrealizedProfit totalMarginBalance
    totalPositionInitialMargin totalOpenOrderInitialMargin totalCrossWalletBalance totalCrossUnPnl
    availableBalance maxWithdrawAmount
    """
)
USER_TRADE = fields(
    """
    id orderId symbol pair side positionSide buyer maker price qty quoteQty baseQty marginAsset commission
    commissionAsset realizedPnl time
    """
)


def recorded(path: Path) -> Any:
    """A recorded answer; the first element of a list."""
    if not path.exists():
        pytest.skip(f"the recorded samples are not here: {path}")
    told = json.loads(path.read_text())
    return told[0] if isinstance(told, list) else told


async def traded(rig: Rig) -> dict[str, Any]:
    """One answer of each kind, after a fill and with a resting order and stop."""
    told: dict[str, Any] = {"ack": await rig.order(quantity="0.01"), "algo": await rig.stop()}
    await rig.order(type="LIMIT", timeInForce="GTC", quantity="0.01", price="59000")
    for name, path, params in (
        ("order", "/fapi/v1/order", {"symbol": "BTCUSDT", "orderId": told["ack"]["orderId"]}),
        ("open_algos", "/fapi/v1/openAlgoOrders", {}),
        ("account_v3", "/fapi/v3/account", {}),
        ("account_v2", "/fapi/v2/account", {}),
        ("position_v3", "/fapi/v3/positionRisk", {}),
        ("position_v2", "/fapi/v2/positionRisk", {}),
        ("balance", "/fapi/v3/balance", {}),
        ("trades", "/fapi/v1/userTrades", {"symbol": "BTCUSDT"}),
        ("income", "/fapi/v1/income", {}),
        ("config", "/fapi/v1/symbolConfig", {}),
        ("commission", "/fapi/v1/commissionRate", {"symbol": "BTCUSDT"}),
        ("brackets", "/fapi/v1/leverageBracket", {"symbol": "BTCUSDT"}),
    ):
        status, told[name] = await rig.signed("GET", path, **params)
        assert status == 200, (name, told[name])
    return told


def no_json_decimals(value: Any, *, where: str = "") -> None:
    """Fail on any float: decimals travel as strings."""
    if isinstance(value, dict):
        for key, part in value.items():
            no_json_decimals(part, where=f"{where}.{key}")
    elif isinstance(value, list):
        for part in value:
            no_json_decimals(part, where=f"{where}[]")
    assert not isinstance(value, float), where


def test_signed_answers_have_the_documented_fields_and_no_others() -> None:
    async def story(rig: Rig) -> None:
        told = await traded(rig)
        assert told["ack"].keys() == ACK
        assert told["algo"].keys() == ALGO
        more = {"actualOrderId", "actualPrice", "actualQty", "actualType", "tpOrderType", "isActivated"}
        bracket = {"tpTriggerPrice", "tpPrice", "slTriggerPrice", "slPrice"}
        assert told["open_algos"][0].keys() == ALGO | more | bracket
        assert told["order"].keys() == (ACK - {"cumQty"}) | {"avgPrice", "cumQuote", "time"}
        assert told["position_v3"][0].keys() == POSITION_V3
        assert told["account_v3"].keys() == TOTALS | {"assets", "positions"}
        assert told["account_v3"]["positions"][0].keys() == ACCOUNT_V3_POSITION
        assert told["trades"][0].keys() == USER_TRADE

    play(story)


def test_decimals_travel_as_strings_except_in_the_brackets() -> None:
    async def story(rig: Rig) -> None:
        told = await traded(rig)
        del told["brackets"]
        no_json_decimals(told)

    play(story)


def test_only_v2_lists_symbols_that_are_not_held() -> None:
    async def story(rig: Rig) -> None:
        told = await traded(rig)
        assert {row["symbol"] for row in told["position_v3"]} == {"BTCUSDT"}
        assert {row["symbol"] for row in told["position_v2"]} == {"BTCUSDT", "ETHUSDT"}
        assert {row["symbol"] for row in told["account_v3"]["positions"]} == {"BTCUSDT"}
        assert {row["symbol"] for row in told["account_v2"]["positions"]} == {"BTCUSDT", "ETHUSDT"}
        assert told["position_v2"][0]["isAutoAddMargin"] == "false"

    play(story)


def test_signed_answers_have_every_field_that_was_recorded() -> None:
    samples = {
        "account_v2": recorded(HTTP / "account_info_v2.json"),
        "balance": recorded(HTTP / "balance.json"),
        "position_v2": recorded(HTTP / "position_risk.json"),
        "order": recorded(HTTP / "order_response.json"),
        "trades": recorded(HTTP_OLD / "http_futures_account_trades.json"),
        "config": recorded(HTTP_OLD / "http_futures_account_symbol_config.json"),
        "commission": recorded(HTTP_OLD / "http_futures_wallet_commission_rate_btcusdt.json"),
    }

    async def story(rig: Rig) -> None:
        told = await traded(rig)
        for name, sample in samples.items():
            row = told[name][0] if isinstance(told[name], list) else told[name]
            assert sample.keys() <= row.keys(), name
        assert samples["account_v2"]["positions"][0].keys() <= told["account_v2"]["positions"][0].keys()
        assert samples["account_v2"]["assets"][0].keys() <= told["account_v2"]["assets"][0].keys()
        # The library that recorded this names the type `type`; Binance's own page names it `orderType`.
        stop = recorded(HTTP / "open_algo_orders.json").keys() - {"type"}
        assert stop <= told["open_algos"][0].keys()

    play(story)


def test_public_answers_have_every_field_that_was_recorded() -> None:
    names = {
        "/fapi/v1/ticker/24hr?symbol=BTCUSDT": "http_futures_market_ticker_24hr.json",
        "/fapi/v2/ticker/price?symbol=BTCUSDT": "http_futures_market_ticker_price.json",
        "/fapi/v1/ticker/bookTicker?symbol=BTCUSDT": "http_futures_market_book_ticker.json",
        "/fapi/v1/premiumIndex?symbol=BTCUSDT": "http_futures_market_premium_index.json",
        "/fapi/v1/depth?symbol=BTCUSDT&limit=5": "http_futures_market_depth.json",
        "/fapi/v1/trades?symbol=BTCUSDT": "http_futures_market_trades.json",
        "/fapi/v1/aggTrades?symbol=BTCUSDT": "http_futures_market_agg_trades.json",
        "/fapi/v1/fundingRate?symbol=BTCUSDT": "http_futures_market_funding_rate.json",
        "/fapi/v1/openInterest?symbol=BTCUSDT": "http_futures_market_open_interest.json",
    }
    samples = {path: recorded(HTTP_OLD / name) for path, name in names.items()}

    async def story(rig: Rig) -> None:
        await rig.order(quantity="0.01")
        await rig.step(9 * 3_600_000)
        for path, sample in samples.items():
            status, told = await rig.raw("GET", *path.split("?"))
            assert status == 200
            row = told[0] if isinstance(told, list) else told
            assert sample.keys() <= row.keys(), path
            no_json_decimals(told)
        for kind, name in (("klines", "klines"), ("markPriceKlines", "mark_price_klines")):
            _, bars = await rig.raw("GET", f"/fapi/v1/{kind}", "symbol=BTCUSDT&interval=1m&limit=1")
            sample = recorded(HTTP_OLD / f"http_futures_market_{name}.json")
            assert [type(field) for field in bars[0][:11]] == [type(field) for field in sample[:11]]
            assert len(bars[0]) == 12

    play(story)


def test_exchange_info_lists_what_the_venue_lists() -> None:
    path = SAMPLES / "fapi_exchangeInfo_full_20251126.json.gz"
    if not path.exists():
        pytest.skip(f"the recorded samples are not here: {path}")
    with gzip.open(path, "rt") as file:
        sample = json.load(file)
    bitcoin = next(row for row in sample["symbols"] if row["symbol"] == "BTCUSDT")

    async def story(rig: Rig) -> None:
        _, told = await rig.raw("GET", "/fapi/v1/exchangeInfo", "")
        row = told["symbols"][0]
        assert sample.keys() <= told.keys()
        # Account permissions are a demo-site addition that no client of ours reads.
        assert bitcoin.keys() - {"permissionSets"} <= row.keys()
        filters = {entry["filterType"]: entry.keys() for entry in row["filters"]}
        for entry in bitcoin["filters"]:
            if entry["filterType"] != "MAX_NUM_ALGO_ORDERS":  # removed on 2025-12-29
                assert entry.keys() == filters[entry["filterType"]]
        assert row["orderTypes"] == bitcoin["orderTypes"]
        no_json_decimals(told)

    play(story)


async def events_of(rig: Rig) -> list[dict[str, Any]]:
    """The private events of a fill, a stop, its trigger and a change of leverage."""
    _, key = await rig.signed("POST", "/fapi/v1/listenKey")
    async with rig.session.ws_connect(f"{rig.url}/private/ws?listenKey={key['listenKey']}") as socket:
        await rig.order(quantity="0.01")
        await rig.stop()
        await rig.step(180_000)
        await rig.signed("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=9)
        events: list[dict[str, Any]] = []
        while not events or events[-1]["e"] != "ACCOUNT_CONFIG_UPDATE":
            events.append(json.loads((await socket.receive(5)).data))
        return events


def test_private_events_have_every_field_that_was_recorded() -> None:
    samples = {
        "ORDER_TRADE_UPDATE": recorded(USER / "order_update_trade.json"),
        "ACCOUNT_UPDATE": recorded(USER / "account_update.json"),
        "ALGO_UPDATE": recorded(USER / "algo_update_new.json"),
        "TRADE_LITE": recorded(USER / "trade_lite.json"),
    }
    falling = FakeMarket()
    falling.moves["BTCUSDT"] = {falling.start_ms + 120_000: falling.prices["BTCUSDT"] - 2_000}

    async def story(rig: Rig) -> None:
        events = await events_of(rig)
        for name, sample in samples.items():
            event = [one for one in events if one["e"] == name][-1]
            assert sample.keys() <= event.keys(), name
            if "o" in sample:
                assert sample["o"].keys() <= event["o"].keys(), name
        account = next(one for one in events if one["e"] == "ACCOUNT_UPDATE")["a"]
        assert samples["ACCOUNT_UPDATE"]["a"]["B"][0].keys() == account["B"][0].keys()
        assert samples["ACCOUNT_UPDATE"]["a"]["P"][0].keys() == account["P"][0].keys()
        no_json_decimals(events)

    play(story, market=falling)


def test_market_messages_have_every_field_that_was_recorded() -> None:
    names = {
        "btcusdt@kline_1m": "kline_stream_open.json",
        "btcusdt@markPrice": "mark_price_stream.json",
        "btcusdt@bookTicker": "book_ticker_stream.json",
        "btcusdt@ticker": "ticker_stream.json",
        "btcusdt@depth": "depth_update_stream.json",
        "btcusdt@aggTrade": "agg_trade_stream.json",
        "btcusdt@trade": "trade_stream.json",
    }
    samples = {stream: recorded(MARKET / name) for stream, name in names.items()}

    async def story(rig: Rig) -> None:
        async with rig.session.ws_connect(f"{rig.url}/stream?streams={'/'.join(names)}") as socket:
            await rig.order(quantity="0.01")
            await rig.step(60_000)
            seen: dict[str, Any] = {}
            while seen.keys() != names.keys():
                told = json.loads((await socket.receive(5)).data)
                seen[told["stream"]] = told["data"]
        for stream, sample in samples.items():
            assert sample.keys() <= seen[stream].keys(), stream
            if "k" in sample:
                assert sample["k"].keys() <= seen[stream]["k"].keys()
            no_json_decimals(seen[stream])

    play(story)


def test_a_dated_contract_is_published_with_its_day_and_a_perpetual_with_none() -> None:
    dated = spec_for("BTCUSDT_261225", Decimal(90_000))
    assert symbol_info(dated)["deliveryDate"] == dated.delivery_ms
    assert symbol_info(spec_for("BTCUSDT", Decimal(90_000)))["deliveryDate"] == 4_133_404_800_000
