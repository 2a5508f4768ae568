"""Questions about a stretch of time, and stamps that grow old on their way to the matching engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from desk.venues.paper.engine.values import Quote, Refusal
from desk.venues.paper.wire.requests.params import Params
from tests.unit.desk.venues.paper.wire.rig import START_MS, FakeMarket, Rig, play

HOUR = 3_600_000
SPANS = [
    ("/fapi/v1/allOrders", 168),
    ("/fapi/v1/userTrades", 168),
    ("/fapi/v1/allAlgoOrders", 168),
    ("/fapi/v1/aggTrades", 1),
]


@pytest.mark.parametrize(("path", "hours"), SPANS)
def test_the_ends_of_a_question_may_not_be_too_far_apart(path: str, hours: int) -> None:
    async def story(rig: Rig) -> None:
        for beyond, code in ((0, None), (1, -1127)):
            end = START_MS + hours * HOUR + beyond
            _, body = await rig.signed("GET", path, symbol="BTCUSDT", startTime=START_MS, endTime=end)
            assert (body["code"] if isinstance(body, dict) else None) == code, beyond
        assert body["msg"] == f"More than {hours} hours between startTime and endTime."
        _, body = await rig.signed("GET", path, symbol="BTCUSDT", startTime=2, endTime=1)
        assert body["code"] == -1023

    play(story)


@pytest.mark.parametrize("path", ["/fapi/v1/userTrades", "/fapi/v1/aggTrades"])
def test_an_id_and_a_time_exclude_each_other(path: str) -> None:
    async def story(rig: Rig) -> None:
        status, body = await rig.signed("GET", path, symbol="BTCUSDT", fromId=1, startTime=START_MS)
        assert (status, body) == (400, {"code": -1128, "msg": "Combination of optional parameters invalid."})

    play(story)


def test_an_order_that_grew_old_before_the_engine_had_it_is_refused() -> None:
    async def story(rig: Rig) -> None:
        gate = rig.server.pipeline.gate
        gate.check_still_fresh(Params.of({"timestamp": rig.now - 5_000}))
        for window, age in ((None, 5_001), (100, 101)):
            with pytest.raises(Refusal) as late:
                gate.check_still_fresh(Params.of({"timestamp": rig.now - age, "recvWindow": window}))
            assert late.value.code == -5028

    play(story)


def test_continuous_klines_are_of_a_pair_and_a_kind_of_contract() -> None:
    async def story(rig: Rig) -> None:
        asked = {"pair": "BTCUSDT", "contractType": "PERPETUAL", "interval": "1m"}
        status, bars = await rig.public("/fapi/v1/continuousKlines", **asked)
        assert (status, isinstance(bars, Sequence)) == (200, True)
        for wrong, code in (
            ({"contractType": "WEEKLY"}, -1130),
            ({"contractType": "NEXT_QUARTER"}, -1121),
            ({"pair": "XYZUSDT"}, -1121),
        ):
            status, body = await rig.public("/fapi/v1/continuousKlines", **asked | wrong)
            assert (status, body["code"]) == (400, code)
        _, ether = await rig.public("/fapi/v1/continuousKlines", **asked | {"pair": "ETHUSDT", "contractType": QUARTER})
        assert ether[-1][4] == "3000"

    play(story, market=FakeMarket(delivered_at={"ETHUSDT": START_MS + 24 * HOUR}))


QUARTER = "CURRENT_QUARTER"


class Hourly(FakeMarket):
    """The market, quoted once an hour."""

    def quotes(self, after_ms: int, until_ms: int) -> Iterator[Quote]:
        for ms in range(max(START_MS, (after_ms // HOUR + 1) * HOUR), until_ms + 1, HOUR):
            yield from super().quotes(ms - 1, ms)


def test_a_question_without_an_id_or_a_time_is_about_the_last_week() -> None:
    async def story(rig: Rig) -> None:
        await rig.order(quantity="0.01")
        counts: dict[str, list[int]] = {}
        for days in (7, 1):
            for path in ("/fapi/v1/userTrades", "/fapi/v1/allOrders", "/fapi/v1/income"):
                _, rows = await rig.signed("GET", path, symbol="BTCUSDT")
                _, since = await rig.signed("GET", path, symbol="BTCUSDT", startTime=START_MS)
                counts.setdefault(path, []).extend((len(rows) > 0, len(since) > 0))
            await rig.step(days * 24 * HOUR)
        assert counts == dict.fromkeys(counts, [True] * 4)
        for path, first in (("/fapi/v1/userTrades", "fromId"), ("/fapi/v1/allOrders", "orderId")):
            assert (await rig.signed("GET", path, symbol="BTCUSDT"))[1] == []
            assert len((await rig.signed("GET", path, symbol="BTCUSDT", **{first: 0}))[1]) == 1
        _, income = await rig.signed("GET", "/fapi/v1/income")
        assert "COMMISSION" not in {row["incomeType"] for row in income}

    play(story, market=Hourly())


def test_own_trades_are_told_of_every_symbol_when_none_is_named() -> None:
    async def story(rig: Rig) -> None:
        for symbol in ("BTCUSDT", "ETHUSDT"):
            await rig.order(symbol=symbol, quantity="0.05")
        _, rows = await rig.signed("GET", "/fapi/v1/userTrades")
        assert [row["symbol"] for row in rows] == ["BTCUSDT", "ETHUSDT"]

    play(story)


def test_a_tested_order_is_answered_with_the_order_and_never_placed() -> None:
    async def story(rig: Rig) -> None:
        asked = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
        tested = {**asked, "quantity": "0.01", "price": "50000"}
        status, order = await rig.signed("POST", "/fapi/v1/order/test", **tested, newClientOrderId="try-1")
        assert (status, order["orderId"], order["clientOrderId"], order["status"]) == (200, 0, "try-1", "NEW")
        assert (order["origQty"], order["price"], order["executedQty"]) == ("0.01", "50000", "0")
        assert (await rig.signed("GET", "/fapi/v1/openOrders"))[1] == []
        assert (await rig.order(**{**tested}))["orderId"] == 1

    play(story)
