"""Public market data over REST: candles by page, books by allowed depth, lists and single rows."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from desk.domain.errors import StaleDataError
from desk.domain.market import Headline
from desk.venues.paper.engine.values import MarkView
from tests.unit.desk.venues.paper.wire.rig import MINUTE, START_MS, FakeMarket, Rig, play

HOUR = 60 * MINUTE


def test_candles_are_paged_by_start_time_without_overlap_or_hole() -> None:
    async def story(rig: Rig) -> None:
        opens: list[int] = []
        start = START_MS - 10 * HOUR
        while True:
            query = f"symbol=BTCUSDT&interval=1m&limit=250&startTime={start}"
            _, bars = await rig.raw("GET", "/fapi/v1/klines", query)
            if not bars:
                break
            opens += [bar[0] for bar in bars]
            start = bars[-1][0] + MINUTE
        assert opens == list(range(START_MS - 10 * HOUR, START_MS + 1, MINUTE))

    play(story)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", -1102),
        ("symbol=NOPE&interval=1m", -1121),
        ("symbol=BTCUSDT", -1102),
        ("symbol=BTCUSDT&interval=7m", -1120),
        ("symbol=BTCUSDT&interval=1m&limit=1501", -1130),
        ("symbol=BTCUSDT&interval=1m&limit=0", -1130),
        ("symbol=BTCUSDT&interval=1m&startTime=20&endTime=10", -1023),
        ("symbol=BTCUSDT&interval=1m&startTime=soon", -1100),
    ],
)
def test_a_wrong_candle_request_is_refused_by_code(query: str, code: int) -> None:
    async def story(rig: Rig) -> None:
        status, body = await rig.raw("GET", "/fapi/v1/klines", query)
        assert (status, body["code"]) == (400, code)

    play(story)


def test_every_kind_of_candle_has_the_same_times() -> None:
    async def story(rig: Rig) -> None:
        span = f"interval=5m&startTime={START_MS - HOUR}&endTime={START_MS - 1}"
        opens = list(range(START_MS - HOUR, START_MS, 5 * MINUTE))
        for path, who in (
            ("klines", "symbol=BTCUSDT"),
            ("continuousKlines", "pair=BTCUSDT&contractType=PERPETUAL"),
            ("markPriceKlines", "symbol=BTCUSDT"),
            ("indexPriceKlines", "pair=BTCUSDT"),
            ("premiumIndexKlines", "symbol=BTCUSDT"),
        ):
            status, bars = await rig.raw("GET", f"/fapi/v1/{path}", f"{who}&{span}")
            assert status == 200, bars
            assert [bar[0] for bar in bars] == opens, path

    play(story)


def test_only_certain_depths_exist() -> None:
    async def story(rig: Rig) -> None:
        _, book = await rig.raw("GET", "/fapi/v1/depth", "symbol=BTCUSDT&limit=10")
        assert (len(book["bids"]), len(book["asks"])) == (10, 10)
        assert Decimal(book["bids"][0][0]) < Decimal(book["asks"][0][0])
        status, body = await rig.raw("GET", "/fapi/v1/depth", "symbol=BTCUSDT&limit=7")
        assert (status, body["code"]) == (400, -4021)

    play(story)


@pytest.mark.parametrize(
    "path", ["v1/ticker/24hr", "v1/ticker/price", "v2/ticker/price", "v1/ticker/bookTicker", "v1/premiumIndex"]
)
def test_a_symbol_gets_a_row_and_none_gets_a_list(path: str) -> None:
    async def story(rig: Rig) -> None:
        _, row = await rig.raw("GET", f"/fapi/{path}", "symbol=ETHUSDT")
        assert row["symbol"] == "ETHUSDT"
        _, rows = await rig.raw("GET", f"/fapi/{path}", "")
        assert [each["symbol"] for each in rows] == ["BTCUSDT", "ETHUSDT"]
        status, body = await rig.raw("GET", f"/fapi/{path}", "symbol=NOPE")
        assert (status, body["code"]) == (400, -1121)

    play(story)


def test_a_symbol_that_nobody_has_quoted_yet_spoils_no_list() -> None:
    async def story(rig: Rig) -> None:
        rig.venue.exchange._floor.markets["ETHUSDT"].at_ms = -1
        for path in ("v1/premiumIndex", "v1/ticker/price", "v1/ticker/bookTicker"):
            status, rows = await rig.raw("GET", f"/fapi/{path}", "")
            assert (status, [each["symbol"] for each in rows]) == (200, ["BTCUSDT"])
        status, body = await rig.raw("GET", "/fapi/v1/premiumIndex", "symbol=ETHUSDT")
        assert (status, body["code"]) == (400, -1122)

    play(story)


def test_the_day_is_added_up_from_the_market_as_it_was() -> None:
    market = FakeMarket()
    market.moves["BTCUSDT"] = {START_MS + MINUTE: Decimal(63_000)}

    async def story(rig: Rig) -> None:
        await rig.step(2 * MINUTE)
        _, day = await rig.raw("GET", "/fapi/v1/ticker/24hr", "symbol=BTCUSDT")
        assert (day["openPrice"], day["highPrice"], day["lowPrice"]) == ("60000", "63000", "60000")
        assert (day["lastPrice"], day["priceChange"], day["priceChangePercent"]) == ("63000", "3000", "5.000")

    play(story, market=market)


def test_funding_that_was_charged_is_told_in_ascending_order() -> None:
    async def story(rig: Rig) -> None:
        await rig.step(24 * HOUR)
        _, rows = await rig.raw("GET", "/fapi/v1/fundingRate", "symbol=BTCUSDT")
        assert [row["fundingTime"] for row in rows] == [START_MS + n * 8 * HOUR for n in (1, 2, 3)]
        _, page = await rig.raw(
            "GET", "/fapi/v1/fundingRate", f"symbol=BTCUSDT&startTime={START_MS + 9 * HOUR}&limit=1"
        )
        assert [row["fundingTime"] for row in page] == [START_MS + 16 * HOUR]

    play(story)


def test_headlines_are_told_up_to_now_and_no_further() -> None:
    def at(ms: int, title: str) -> Headline:
        moment = datetime.fromtimestamp(ms / 1000, tz=UTC)
        return Headline(at=moment, source="wire", title=title, symbols=("BTCUSDT",))

    market = FakeMarket(headline_rows=(at(START_MS - MINUTE, "past"), at(START_MS + MINUTE, "future")))

    async def story(rig: Rig) -> None:
        _, rows = await rig.raw("GET", "/paper/v1/headlines", f"since={START_MS - HOUR}")
        assert [row["title"] for row in rows] == ["past"]
        await rig.step(MINUTE)
        _, rows = await rig.raw("GET", "/paper/v1/headlines", f"since={START_MS}")
        assert rows == [{"at": START_MS + MINUTE, "source": "wire", "title": "future", "symbols": ["BTCUSDT"]}]

    play(story, market=market)


def test_a_market_that_cannot_vouch_for_its_price_answers_503_and_no_number() -> None:
    async def story(rig: Rig) -> None:
        def silent(symbol: str) -> MarkView:
            raise StaleDataError(f"{symbol}: the feed is silent")

        rig.server.desk.tape.mark = silent  # type: ignore[method-assign]
        status, body = await rig.raw("GET", "/fapi/v1/premiumIndex", "symbol=BTCUSDT")
        assert (status, body["code"]) == (503, -1008)

    play(story)
