"""Several accounts at one venue: each key opens its own, and nothing of one is seen or moved with another's."""

from __future__ import annotations

import asyncio

from desk.venues.paper.settings import WireSettings
from tests.unit.desk.venues.paper.wire.rig import OTHER, OWN, READER, Rig, play


def test_each_key_opens_its_own_account_and_sees_nothing_of_the_other() -> None:
    async def story(rig: Rig) -> None:
        order = await rig.order(quantity="0.01")
        _, own = await rig.signed("GET", "/fapi/v3/positionRisk")
        _, other = await rig.signed("GET", "/fapi/v3/positionRisk", access=OTHER)
        assert [row["positionAmt"] for row in own] == ["0.01"]
        assert other == []
        status, body = await rig.signed(
            "GET", "/fapi/v1/order", access=OTHER, symbol="BTCUSDT", orderId=order["orderId"]
        )
        assert (status, body["code"]) == (400, -2013)

    play(story)


def test_a_key_signed_with_the_secret_of_another_account_is_refused() -> None:
    async def story(rig: Rig) -> None:
        crossed = {"X-MBX-APIKEY": OTHER.api_key}
        status, body = await rig.signed("GET", "/fapi/v3/account", headers=crossed, access=OWN)
        assert (status, body["code"]) == (400, -1022)

    play(story)


def test_a_private_stream_carries_the_events_of_its_own_account_alone() -> None:
    async def story(rig: Rig) -> None:
        _, own = await rig.signed("POST", "/fapi/v1/listenKey")
        _, other = await rig.signed("POST", "/fapi/v1/listenKey", access=OTHER)
        assert own["listenKey"] != other["listenKey"]
        url = f"{rig.url}/private/ws?listenKey={other['listenKey']}"
        async with rig.session.ws_connect(url) as stream:
            await rig.order(quantity="0.01")
            await rig.signed(
                "POST", "/fapi/v1/order", access=OTHER, symbol="ETHUSDT", side="SELL", type="MARKET", quantity="0.1"
            )
            told = await asyncio.wait_for(stream.receive_json(), 5)
        assert told["e"] == "ORDER_TRADE_UPDATE"
        assert told["o"]["s"] == "ETHUSDT"

    play(story)


def test_a_key_that_may_not_trade_reads_and_changes_nothing() -> None:
    async def story(rig: Rig) -> None:
        status, _ = await rig.signed("GET", "/fapi/v3/account", access=READER)
        assert status == 200
        _, rights = await rig.signed("GET", "/sapi/v1/account/apiRestrictions", access=READER)
        assert (rights["enableFutures"], rights["enableWithdrawals"]) == (False, False)
        for path, params in (
            ("/fapi/v1/order", {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}),
            ("/fapi/v1/leverage", {"symbol": "BTCUSDT", "leverage": 5}),
        ):
            status, body = await rig.signed("POST", path, access=READER, **params)
            assert (status, body["code"]) == (401, -2015)

    play(story)


def test_position_rows_are_those_in_use_or_all_as_the_switch_says() -> None:
    async def story(rig: Rig) -> None:
        _, rows = await rig.signed("GET", "/fapi/v3/positionRisk")
        shown = {row["symbol"] for row in rows}
        assert shown == ({"BTCUSDT", "ETHUSDT"} if rig.server.desk.wire.position_rows == "all" else set())

    play(story)
    play(story, wire=WireSettings(position_rows="all"))
