"""Convert: an offer, its acceptance, and money that is neither made nor lost by it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.unit.desk.venues.paper.wire.rig import MINUTE, OTHER, Rig, play

CONVERT = "/fapi/v1/convert"
D = Decimal


async def offered(rig: Rig, **asked: object) -> Any:
    status, body = await rig.signed("POST", f"{CONVERT}/getQuote", fromAsset="USDT", toAsset="BTC", **asked)
    assert status == 200, body
    return body


async def code(rig: Rig, method: str, name: str, **asked: object) -> int:
    status, body = await rig.signed(method, f"{CONVERT}/{name}", **asked)
    return 0 if status == 200 else body["code"]


async def wallets(rig: Rig) -> dict[str, Decimal]:
    _, rows = await rig.signed("GET", "/fapi/v3/balance")
    return {row["asset"]: D(row["balance"]) for row in rows if D(row["balance"])}


def test_an_offer_stands_above_the_index_and_is_done_when_it_is_taken() -> None:
    async def story(rig: Rig) -> None:
        _, key = await rig.signed("POST", "/fapi/v1/listenKey")
        told = await rig.session.ws_connect(f"{rig.url}/private/ws?listenKey={key['listenKey']}")
        offer = await offered(rig, fromAmount="6000")
        paid, received = D(offer["fromAmount"]), D(offer["toAmount"])
        assert (paid, paid / received > 60_000) == (6_000, True)
        assert await wallets(rig) == {"USDT": D(10_000)}
        status, taken = await rig.signed("POST", f"{CONVERT}/acceptQuote", quoteId=offer["quoteId"])
        assert (status, taken.keys()) == (200, {"orderId", "createTime", "orderStatus"})
        assert await wallets(rig) == {"USDT": D(4_000), "BTC": received}
        assert rig.venue.exchange.imbalance() == 0
        for asked in ({"quoteId": offer["quoteId"]}, {"orderId": taken["orderId"]}):
            _, order = await rig.signed("GET", f"{CONVERT}/orderStatus", **asked)
            assert (order["orderStatus"], order["fromAmount"]) == ("SUCCESS", offer["fromAmount"])
        _, income = await rig.signed("GET", "/fapi/v1/income")
        kinds = [(row["incomeType"], row["asset"], D(row["income"])) for row in income[-2:]]
        assert kinds == [("COIN_SWAP_WITHDRAW", "USDT", D(-6_000)), ("COIN_SWAP_DEPOSIT", "BTC", received)]
        heard = [(await told.receive_json(timeout=5))["a"]["m"] for _ in range(2)]
        assert heard == ["COIN_SWAP_WITHDRAW", "COIN_SWAP_DEPOSIT"]
        await told.close()

    play(story)


def test_what_is_received_may_be_named_in_place_of_what_is_paid() -> None:
    async def story(rig: Rig) -> None:
        offer = await offered(rig, toAmount="0.1")
        assert D(offer["toAmount"]) == D("0.1")
        assert D(offer["fromAmount"]) > 6_000

    play(story)


def test_an_offer_is_its_owners_once_and_for_its_time() -> None:
    async def story(rig: Rig) -> None:
        first = (await offered(rig, fromAmount="100"))["quoteId"]
        assert await code(rig, "POST", "acceptQuote", quoteId=first, access=OTHER) == -1130
        assert await code(rig, "GET", "orderStatus", quoteId=first) == -1130
        assert await code(rig, "POST", "acceptQuote", quoteId=first) == 0
        assert await code(rig, "POST", "acceptQuote", quoteId=first) == -1130
        late = (await offered(rig, fromAmount="100", validTime="30s"))["quoteId"]
        await rig.step(MINUTE)
        assert await code(rig, "POST", "acceptQuote", quoteId=late) == -1130

    play(story)


def test_nobody_converts_what_is_not_free() -> None:
    async def story(rig: Rig) -> None:
        offer = await offered(rig, fromAmount="9900")
        await rig.order(quantity="0.2")
        before = await wallets(rig)
        assert await code(rig, "POST", "acceptQuote", quoteId=offer["quoteId"]) == -2018
        assert await wallets(rig) == before

    play(story)


def test_an_offer_that_cannot_be_made_is_refused() -> None:
    async def story(rig: Rig) -> None:
        pair = {"fromAsset": "USDT", "toAsset": "BTC"}
        for asked, expected in (
            ({**pair, "fromAmount": "1000001"}, -1130),
            ({**pair, "fromAmount": "0.5"}, -1130),
            ({**pair, "fromAmount": "10.000000001"}, -1130),
            ({**pair, "toAmount": "0"}, -1130),
            ({**pair, "fromAmount": "10", "validTime": "9s"}, -1130),
            ({**pair, "fromAmount": "10", "toAmount": "1"}, -1128),
            (pair, -1128),
            ({"fromAsset": "USDT", "toAsset": "USDT", "fromAmount": "10"}, -1130),
            ({"fromAsset": "USDT", "toAsset": "BNB", "fromAmount": "10"}, -1130),
            ({"toAsset": "BTC", "fromAmount": "10"}, -1102),
        ):
            assert await code(rig, "POST", "getQuote", **asked) == expected, asked

    play(story)


def test_pairs_are_of_assets_that_have_a_price() -> None:
    async def story(rig: Rig) -> None:
        _, pairs = await rig.public(f"{CONVERT}/exchangeInfo")
        assert {row["fromAsset"] for row in pairs} == {"USDT", "USDC", "FDUSD", "BTC", "ETH"}
        _, one = await rig.public(f"{CONVERT}/exchangeInfo", fromAsset="usdt", toAsset="btc")
        assert [(row["fromAsset"], row["toAsset"]) for row in one] == [("USDT", "BTC")]
        assert D(one[0]["fromAssetMinAmount"]) == 1

    play(story)
