"""Live prices are only as good as their age: what was heard is passed on whole, and silence is called silence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

from desk.domain.errors import DataError, StaleDataError, VenueUnavailableError
from desk.venues.paper.sources import UpstreamSource
from desk.venues.paper.sources.heard import HeardMarket
from desk.venues.paper.sources.live import LiveSource
from desk.venues.paper.sources.upstream import Premium, Touch, kline_of, ladder_of, touch_of

FILTERS = [
    {"filterType": "PRICE_FILTER", "minPrice": "261.10", "maxPrice": "809484", "tickSize": "0.10"},
    {"filterType": "LOT_SIZE", "stepSize": "0.001", "minQty": "0.001", "maxQty": "900"},
    {"filterType": "MARKET_LOT_SIZE", "stepSize": "0.001", "minQty": "0.001", "maxQty": "77"},
    {"filterType": "MIN_NOTIONAL", "notional": "60"},
    {"filterType": "PERCENT_PRICE", "multiplierUp": "1.0500", "multiplierDown": "0.9500", "multiplierDecimal": "4"},
]
BAR = [0, "100.0", "101.0", "99.0", "100.5", "12.5", 59_999, "1250.5", 7, "6.0", "600.5", "0"]


class FakeExchange:
    """A few public endpoints whose answers a test sets."""

    def __init__(self) -> None:
        self.bid, self.ask = "60000.00", "60000.20"
        self.down = False
        self.asked: list[str] = []
        self.sockets: list[web.WebSocketResponse] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/fapi/v1/{tail:.*}", self._rest)
        app.router.add_get("/{side}/stream", self._stream)
        return app

    async def say(self, message: dict[str, Any]) -> None:
        for socket in self.sockets:
            await socket.send_json({"stream": "x", "data": message})

    async def _rest(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        if self.down:
            return web.json_response({"code": -1000, "msg": "no"}, status=503)
        name = request.match_info["tail"]
        if name == "klines" and request.query["interval"] == "7m":
            return web.json_response({"code": -1120, "msg": "Invalid interval."}, status=400)
        return web.json_response(self._answer(name))

    def _answer(self, name: str) -> Any:
        row = {"symbol": "BTCUSDT", "pair": "BTCUSDT", "contractType": "PERPETUAL", "deliveryDate": 4_133_404_800_000}
        row |= {"baseAsset": "BTC", "quoteAsset": "USDT", "filters": FILTERS, "pricePrecision": 2}
        row |= {
            "quantityPrecision": 3,
            "triggerProtect": "0.0500",
            "liquidationFee": "0.0125",
            "marketTakeBound": "0.05",
        }
        return {
            "exchangeInfo": {"symbols": [row | {"onboardDate": 1, "status": "TRADING"}]},
            "ticker/bookTicker": {"symbol": "BTCUSDT", "bidPrice": self.bid, "askPrice": self.ask},
            "premiumIndex": {"symbol": "BTCUSDT", "indexPrice": "60010.5", "lastFundingRate": "0.00008000"},
            "depth": {"bids": [["60000.0", "1.0"], ["59999.9", "2.0"]], "asks": [["60000.2", "1.5"]]},
            "klines": [BAR],
            "fundingRate": [{"symbol": "BTCUSDT", "fundingRate": "0.0001", "fundingTime": 0, "markPrice": ""}],
        }[name]

    async def _stream(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        async for message in socket:
            if message.type is WSMsgType.ERROR:
                break
        return socket


class FakeWall:
    """The machine's clock, moved by a test."""

    def __init__(self) -> None:
        self.ms = 1_700_000_000_000

    def __call__(self) -> int:
        return self.ms


@asynccontextmanager
async def following(
    *, stream: bool = False, poll: float = 60.0
) -> AsyncIterator[tuple[FakeExchange, LiveSource, FakeWall]]:
    exchange, wall = FakeExchange(), FakeWall()
    async with TestServer(exchange.app()) as server:
        root = str(server.make_url("/")).rstrip("/")
        socket_root = root.replace("http", "ws") if stream else None
        source = LiveSource(("BTCUSDT",), rest_url=root, stream_url=socket_root, poll_seconds=poll, wall_ms=wall)
        await source.open()
        try:
            yield exchange, source, wall
        finally:
            await source.close()


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.005)


def test_the_first_price_stands_at_the_start_with_its_book_index_and_funding() -> None:
    async def play() -> None:
        async with following() as (_, source, wall):
            assert isinstance(source, UpstreamSource)
            (quote,) = source.quotes(source.start_ms - 1, wall.ms)
            assert quote.at_ms == source.start_ms
            assert quote.price == Decimal("60000.1")
            assert quote.spread * quote.price == Decimal("0.2")
            assert (quote.index, quote.funding_rate, quote.gap) == (Decimal("60010.5"), Decimal("0.00008"), False)
            assert quote.ladder[0] == (0, Decimal(1))
            assert quote.ask_ladder == ((0, Decimal("1.5")),)

    run(play)


def test_contracts_are_the_upstreams_and_brackets_our_own() -> None:
    async def play() -> None:
        async with following() as (_, source, _wall):
            spec = source.specs()["BTCUSDT"]
            assert spec.rules.min_notional == 60
            assert spec.rules.market_max_quantity == 77
            assert spec.brackets[0].ratio == Decimal("0.004")
            assert "headlines" in source.about()

    run(play)


def test_polling_moves_the_price() -> None:
    async def play() -> None:
        async with following(poll=0.01) as (exchange, source, wall):
            list(source.quotes(source.start_ms - 1, wall.ms))
            exchange.bid, exchange.ask = "61000.00", "61000.20"
            wall.ms += 500
            moved: list[Decimal] = []

            def heard() -> bool:
                wall.ms += 1
                moved.extend(q.price for q in source.quotes(source.start_ms, wall.ms))
                return Decimal("61000.1") in moved

            await until(heard)

    run(play)


def test_the_stream_tells_every_extreme_between_two_answers() -> None:
    async def play() -> None:
        async with following(stream=True) as (exchange, source, wall):
            list(source.quotes(source.start_ms - 1, wall.ms))
            await until(lambda: len(exchange.sockets) == 2)
            for bid in ("60500", "59000", "60100", "60200"):
                wall.ms += 10
                await exchange.sockets[0].send_json({"data": {"e": "bookTicker", "s": "BTCUSDT", "b": bid, "a": bid}})
            heard = source._heard.symbols["BTCUSDT"]
            await until(lambda: bool(heard.waiting) and heard.waiting[-1].touch.bid == Decimal("60200"))
            prices = [q.price for q in source.quotes(source.start_ms, wall.ms)]
            assert prices == [Decimal("60500"), Decimal("59000"), Decimal("60200")]

    run(play)


def test_a_stream_that_talks_nonsense_moves_nothing_and_is_dialled_again() -> None:
    async def play() -> None:
        async with following(stream=True) as (exchange, source, wall):
            await until(lambda: len(exchange.sockets) == 2)
            await exchange.sockets[0].send_json({"data": {"e": "bookTicker", "s": "BTCUSDT", "b": "NaN", "a": "1"}})
            await until(lambda: len(exchange.sockets) == 3)
            assert [q.price for q in source.quotes(source.start_ms - 1, wall.ms)] == [Decimal("60000.1")]

    run(play)


def test_a_silent_upstream_is_trouble_and_gives_no_quotes() -> None:
    async def play() -> None:
        async with following(poll=0.01) as (exchange, source, wall):
            exchange.down = True
            list(source.quotes(source.start_ms - 1, wall.ms))
            assert source.trouble(wall.ms) is None
            wall.ms += 11_000
            assert "BTCUSDT for 11 s" in (source.trouble(wall.ms) or "")
            assert list(source.quotes(source.start_ms, wall.ms)) == []
            exchange.down = False
            await until(lambda: source.trouble(wall.ms) is None)
            wall.ms += 1
            first, *_ = source.quotes(source.start_ms, wall.ms)
            assert first.gap

    run(play)


def test_bars_and_charges_are_the_ones_that_were_fetched() -> None:
    async def play() -> None:
        async with following() as (exchange, source, wall):
            with pytest.raises(StaleDataError, match="not fetched"):
                source.klines("BTCUSDT", "1m", 5, None, 10, wall.ms)
            await source.fetch_klines("BTCUSDT", "1m", 5, None, 10)
            (bar,) = source.klines("BTCUSDT", "1m", 5, None, 10, wall.ms)
            assert (bar.open, bar.taker_quote, bar.trades) == (Decimal("100.0"), Decimal("600.5"), 7)
            assert exchange.asked[-1] == "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&startTime=5&limit=10"
            await source.fetch_funding("BTCUSDT", None, None, 3)
            assert source.funding_rates("BTCUSDT", None, None, 3, wall.ms)[0].rate == Decimal("0.0001")
            with pytest.raises(DataError, match="Invalid interval"):
                await source.fetch_klines("BTCUSDT", "7m", None, None, 1)
            with pytest.raises(DataError, match="not followed"):
                await source.fetch_klines("ETHUSDT", "1m", None, None, 1)

    run(play)


def test_an_upstream_that_is_down_or_lists_other_symbols_is_not_opened() -> None:
    async def play() -> None:
        exchange = FakeExchange()
        async with TestServer(exchange.app()) as server:
            root = str(server.make_url("/"))
            with pytest.raises(DataError, match="does not list DOGEUSDT"):
                await LiveSource(("DOGEUSDT",), rest_url=root).open()
            exchange.down = True
            with pytest.raises(VenueUnavailableError, match="503"):
                await LiveSource(("BTCUSDT",), rest_url=root).open()
        with pytest.raises(VenueUnavailableError, match="does not answer"):
            await LiveSource(("BTCUSDT",), rest_url=root).open()

    run(play)


def test_a_source_that_is_not_open_has_no_start_and_is_in_trouble() -> None:
    source = LiveSource(("BTCUSDT",), rest_url="http://127.0.0.1:1")
    assert source.trouble(0)
    with pytest.raises(DataError, match="opened first"):
        assert source.start_ms


def test_a_tick_in_an_answered_millisecond_is_not_lost() -> None:
    market = HeardMarket(("BTCUSDT",), 10_000, lambda: 1_000)
    market.premium(Premium(symbol="BTCUSDT", index=Decimal(1), funding_rate=Decimal(0)))
    assert market.take(0, 1_000) == []
    market.touch(Touch(symbol="BTCUSDT", bid=Decimal(1), ask=Decimal(1)))
    assert [q.at_ms for q in market.take(1_000, 1_001)] == [1_001]
    assert [q.at_ms for q in market.take(1_000, 1_001)] == [1_001]


@pytest.mark.parametrize(
    "row",
    [
        {"symbol": "BTCUSDT", "bidPrice": "2", "askPrice": "1"},
        {"symbol": "BTCUSDT", "bidPrice": "0", "askPrice": "1"},
        {"symbol": "BTCUSDT", "bidPrice": "1e3", "askPrice": "2000"},
        {"symbol": "BTCUSDT", "bidPrice": 1, "askPrice": "2"},
        {"symbol": "BTCUSDT", "askPrice": "2"},
        ["BTCUSDT"],
        None,
    ],
)
def test_a_touch_that_cannot_be_is_refused(row: Any) -> None:
    with pytest.raises(DataError):
        touch_of(row)


@pytest.mark.parametrize("row", [BAR[:5], None, {}, ["x", *BAR[1:]], [0, "NaN", *BAR[2:]]])
def test_a_bar_that_cannot_be_is_refused(row: Any) -> None:
    with pytest.raises(DataError):
        kline_of(row)


def test_a_deep_book_is_gathered_without_losing_liquidity_or_bringing_it_nearer() -> None:
    levels = [[str(Decimal(60_000) - Decimal(i) / 10), "0.5"] for i in range(500)]
    ladder = ladder_of(levels, bids=True)
    assert len(ladder) <= 24
    assert sum(quantity for _, quantity in ladder) == 250
    assert ladder[0] == (0, Decimal("0.5"))
    for offset, _ in ladder:
        behind = sum(q for o, q in ladder if o <= offset)
        assert behind <= (offset * 600_000 + 1) * Decimal("0.5") + Decimal("0.000001")


@pytest.mark.parametrize("levels", [[], [["1", "1"], ["2", "1"]], [["1"]], None])
def test_a_book_out_of_order_is_refused(levels: Any) -> None:
    with pytest.raises(DataError):
        ladder_of(levels, bids=True)
