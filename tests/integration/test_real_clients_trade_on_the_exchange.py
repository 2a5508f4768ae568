"""Clients that know nothing of this project trade on the paper exchange: python-binance and ccxt, as published.

Only their base URLs are changed. Each reads markets and candles, trades, rests a stop on the algo endpoint, queries it,
removes it, and hears of its fill on the user stream.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from binance.exceptions import BinanceAPIException
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.venue_process import VenueProcess, running_venue

SYMBOL = "BTCUSDT"
UNIFIED = "BTC/USDT:USDT"
MINUTE_MS = 60_000
HEARD_WITHIN_S = 10.0
MOST_STEPS = 300


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VenueProcess]:
    with running_venue(tmp_path_factory.mktemp("venue"), clock={"mode": "real"}) as running:
        yield running


# python-binance


def point_at(venue: VenueProcess, client_class: type) -> type:
    """The client with its URLs changed, in the way its users do it."""
    urls = {
        "API_URL": f"{venue.url}/api",
        "FUTURES_URL": f"{venue.url}/fapi",
        "FUTURES_DATA_URL": f"{venue.url}/futures/data",
        "WS_FUTURES_URL": f"{venue.stream_url}/ws-fapi/v1",
    }
    return type(f"Paper{client_class.__name__}", (client_class,), urls)


@pytest.fixture
def binance(venue: VenueProcess) -> Iterator[Any]:
    from binance.client import Client

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    client = point_at(venue, Client)(venue.key, venue.secret)
    yield client
    close_everything(client)
    client.session.close()
    asyncio.set_event_loop(None)
    loop.close()


def close_everything(client: Any) -> None:
    for row in client.futures_position_information():
        held = Decimal(row["positionAmt"])
        if held:
            side = "SELL" if held > 0 else "BUY"
            client.futures_create_order(
                symbol=row["symbol"], side=side, type="MARKET", quantity=str(abs(held)), reduceOnly="true"
            )
    client.futures_cancel_all_algo_open_orders(symbol=SYMBOL)


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_python_binance_signs_with_a_private_key_of_which_the_venue_holds_the_public_half(
    kind: str, tmp_path: Path
) -> None:
    from binance.client import Client

    private = Ed25519PrivateKey.generate() if kind == "ed25519" else generate_private_key(65_537, 2_048)
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    (tmp_path / "keys.json").write_text(json.dumps({"api_key": "p" * 64, "secret": public}), encoding="utf-8")
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    with running_venue(tmp_path, clock={"mode": "real"}) as running:
        client = point_at(running, Client)("p" * 64, private_key=pem)
        placed = client.futures_create_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.010")
        assert client.futures_get_order(symbol=SYMBOL, orderId=placed["orderId"])["status"] == "FILLED"
        client.session.close()
        stranger = point_at(running, Client)("p" * 64, "s" * 64)
        with pytest.raises(BinanceAPIException) as refused:
            stranger.futures_account()
        assert refused.value.code == -1022
        stranger.session.close()
    asyncio.set_event_loop(None)
    loop.close()


def test_python_binance_reads_the_markets(binance: Any) -> None:
    listed = {row["symbol"]: row for row in binance.futures_exchange_info()["symbols"]}
    assert listed[SYMBOL]["contractType"] == "PERPETUAL"
    assert {"STOP_MARKET", "TAKE_PROFIT_MARKET"} <= set(listed[SYMBOL]["orderTypes"])
    assert Decimal(binance.futures_symbol_ticker(symbol=SYMBOL)["price"]) > 0
    assert len(binance.futures_order_book(symbol=SYMBOL, limit=5)["bids"]) == 5
    assert Decimal(binance.futures_mark_price(symbol=SYMBOL)["markPrice"]) > 0


def test_python_binance_pages_candles_by_start_time(binance: Any) -> None:
    now = binance.futures_time()["serverTime"]
    start = now - now % MINUTE_MS - 3000 * MINUTE_MS
    rows = binance.futures_historical_klines(SYMBOL, "1m", start)
    opened = [row[0] for row in rows]
    assert len(opened) in (3001, 3002)
    assert opened == list(range(start, start + len(opened) * MINUTE_MS, MINUTE_MS))


def test_python_binance_trades_and_protects_itself(binance: Any) -> None:
    binance.futures_change_leverage(symbol=SYMBOL, leverage=5)
    bought = binance.futures_create_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.010")
    assert "avgPrice" not in bought
    assert Decimal(binance.futures_get_order(symbol=SYMBOL, orderId=bought["orderId"])["avgPrice"]) > 0
    row = binance.futures_position_information(symbol=SYMBOL)[0]
    assert Decimal(row["positionAmt"]) == Decimal("0.010")

    trigger = f"{Decimal(row['markPrice']) * Decimal('0.9'):.1f}"
    stop = binance.futures_create_order(
        symbol=SYMBOL,
        side="SELL",
        type="STOP_MARKET",
        stopPrice=trigger,
        closePosition="true",
        workingType="MARK_PRICE",
        clientAlgoId="mine-1",
    )
    assert "orderId" not in stop
    assert binance.futures_get_open_orders(symbol=SYMBOL) == []
    assert [o["clientAlgoId"] for o in binance.futures_get_open_orders(symbol=SYMBOL, conditional=True)] == ["mine-1"]
    asked = binance.futures_get_order(symbol=SYMBOL, algoId=stop["algoId"])
    assert (asked["algoStatus"], Decimal(asked["triggerPrice"])) == ("NEW", Decimal(trigger))
    binance.futures_cancel_order(symbol=SYMBOL, algoId=stop["algoId"])
    assert binance.futures_get_open_orders(symbol=SYMBOL, conditional=True) == []
    assert binance.futures_get_order(symbol=SYMBOL, clientAlgoId="mine-1")["algoStatus"] == "CANCELED"


def test_python_binance_hears_no_in_binances_own_codes(binance: Any) -> None:
    from binance.exceptions import BinanceAPIException

    def code(**order: Any) -> int:
        with pytest.raises(BinanceAPIException) as caught:
            binance.futures_create_order(symbol="ETHUSDT", side="BUY", type="MARKET", **order)
        return caught.value.code

    assert code(quantity="0.001") == -4164
    assert code(quantity="1.00001") == -1111
    assert code(quantity="1000") == -2019
    assert code(quantity="1", reduceOnly="true") == -2022


def test_the_order_endpoint_no_longer_takes_stops(binance: Any) -> None:
    from binance.exceptions import BinanceAPIException

    stop = {"symbol": SYMBOL, "side": "SELL", "type": "STOP_MARKET", "stopPrice": "1000", "closePosition": "true"}
    with pytest.raises(BinanceAPIException) as caught:
        binance._request_futures_api("post", "order", True, data=stop)
    assert caught.value.code == -4120


@asynccontextmanager
async def listening(venue: VenueProcess) -> AsyncIterator[tuple[Any, Any]]:
    """An async client and its user stream."""
    from binance import AsyncClient, BinanceSocketManager

    client = await point_at(venue, AsyncClient).create(venue.key, venue.secret)
    manager = BinanceSocketManager(client)
    manager.FSTREAM_URL = f"{venue.stream_url}/"
    try:
        async with manager.futures_user_socket() as stream:
            yield client, stream
            # Its read loop notices that it is to end with the next message, or after ten seconds without one.
            knock = asyncio.create_task(give_it_something_to_read(client))
        await knock
    finally:
        await client.close_connection()


async def give_it_something_to_read(client: Any) -> None:
    for leverage in (4, 5):
        await client.futures_change_leverage(symbol="ETHUSDT", leverage=leverage)


async def hear(stream: Any, until: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """Messages up to the one that was waited for."""
    heard: list[dict[str, Any]] = []
    async with asyncio.timeout(HEARD_WITHIN_S):
        while not heard or not until(heard[-1]):
            heard.append(await stream.recv())
    return heard


def test_python_binance_hears_its_fill_on_the_user_stream(venue: VenueProcess) -> None:
    order = {"symbol": SYMBOL, "type": "MARKET", "quantity": "0.010"}

    async def scene() -> list[dict[str, Any]]:
        async with listening(venue) as (client, stream):
            await client.futures_create_order(**order, side="BUY")
            heard = await hear(stream, lambda m: m["e"] == "ORDER_TRADE_UPDATE" and m["o"]["X"] == "FILLED")
            await client.futures_create_order(**order, side="SELL", reduceOnly="true")
            return heard

    heard = asyncio.run(scene())
    fill = heard[-1]["o"]
    assert (fill["s"], fill["x"], Decimal(fill["z"])) == (SYMBOL, "TRADE", Decimal("0.010"))
    assert Decimal(fill["ap"]) > 0
    assert Decimal(fill["n"]) > 0
    assert "ACCOUNT_UPDATE" in {message["e"] for message in heard}


def test_python_binance_hears_its_stop_rest_and_go(venue: VenueProcess) -> None:
    async def scene() -> list[str]:
        async with listening(venue) as (client, stream):
            mark = Decimal((await client.futures_mark_price(symbol=SYMBOL))["markPrice"])
            placed = await client.futures_create_order(
                symbol=SYMBOL,
                side="SELL",
                type="STOP_MARKET",
                stopPrice=f"{mark * Decimal('0.9'):.1f}",
                closePosition="true",
                workingType="MARK_PRICE",
            )
            await client.futures_cancel_order(symbol=SYMBOL, algoId=placed["algoId"])
            heard = await hear(stream, lambda m: m["e"] == "ALGO_UPDATE" and m["o"]["X"] == "CANCELED")
            return [message["o"]["X"] for message in heard if message["e"] == "ALGO_UPDATE"]

    assert asyncio.run(scene()) == ["NEW", "CANCELED"]


def test_python_binance_hears_its_stop_close_the_position(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_venue(tmp_path_factory.mktemp("stepped")) as stepped:
        heard = asyncio.run(stopped_out(stepped))
    algo = [message["o"] for message in heard if message["e"] == "ALGO_UPDATE"]
    assert [update["X"] for update in algo][:3] == ["NEW", "TRIGGERING", "TRIGGERED"]
    closing = [m["o"] for m in heard if m["e"] == "ORDER_TRADE_UPDATE" and m["o"]["X"] == "FILLED"][-1]
    assert str(closing["i"]) == str(algo[2]["ai"])
    assert (closing["S"], Decimal(closing["z"])) == ("SELL", Decimal("0.010"))
    positions = [row for m in heard if m["e"] == "ACCOUNT_UPDATE" for row in m["a"]["P"]]
    assert [Decimal(row["pa"]) for row in positions][-1] == 0


async def stopped_out(venue: VenueProcess) -> list[dict[str, Any]]:
    """Buy, rest a stop a hair below the mark, and let the market move until it has closed the position."""
    async with listening(venue) as (client, stream):
        await client.futures_create_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.010")
        mark = Decimal((await client.futures_mark_price(symbol=SYMBOL))["markPrice"])
        await client.futures_create_order(
            symbol=SYMBOL,
            side="SELL",
            type="STOP_MARKET",
            stopPrice=f"{mark * Decimal('0.9995'):.1f}",
            closePosition="true",
            workingType="MARK_PRICE",
        )
        # The market is about to jump in time; a stamp by this machine's clock is believed whatever the market's says.
        client.timestamp_offset = 0
        for _ in range(MOST_STEPS):
            if not await client.futures_get_open_orders(symbol=SYMBOL, conditional=True):
                break
            await asyncio.to_thread(venue.advance, 10 * MINUTE_MS)
        return await hear(stream, lambda m: m["e"] == "ALGO_UPDATE" and m["o"]["X"] == "FINISHED")


# ccxt


def ccxt_settings(venue: VenueProcess) -> dict[str, Any]:
    """ccxt's own configuration for another host; nothing of the library is replaced."""
    rest = {
        f"fapi{side}{version}": f"{venue.url}/fapi/v{version[-1] if version else 1}"
        for side in ("Public", "Private")
        for version in ("", "V2", "V3")
    }
    stream = {"linear": f"{venue.stream_url}/ws", "ws-api": {"linear": f"{venue.stream_url}/ws-fapi/v1"}}
    return {
        "apiKey": venue.key,
        "secret": venue.secret,
        "options": {"fetchCurrencies": False},
        "urls": {"api": {**rest, "fapiData": f"{venue.url}/futures/data", "ws": stream}},
    }


@pytest.fixture
def ccxt_exchange(venue: VenueProcess) -> Iterator[Any]:
    import ccxt

    exchange = ccxt.binanceusdm(ccxt_settings(venue))
    exchange.load_markets()
    yield exchange
    for position in exchange.fetch_positions():
        if position["contracts"]:
            side = "sell" if position["side"] == "long" else "buy"
            exchange.create_order(position["symbol"], "market", side, position["contracts"], None, {"reduceOnly": True})
    exchange.close()


def test_ccxt_reads_the_markets(ccxt_exchange: Any) -> None:
    market = ccxt_exchange.market(UNIFIED)
    assert (market["swap"], market["linear"], market["active"]) == (True, True, True)
    assert market["precision"]["amount"] == 0.001
    assert ccxt_exchange.fetch_ticker(UNIFIED)["last"] > 0
    book = ccxt_exchange.fetch_order_book(UNIFIED, 5)
    assert book["bids"][0][0] < book["asks"][0][0]
    assert ccxt_exchange.fetch_funding_rate(UNIFIED)["fundingRate"] is not None


def test_ccxt_pages_candles_by_start_time(ccxt_exchange: Any) -> None:
    now = ccxt_exchange.fetch_time()
    since = now - now % MINUTE_MS - 2500 * MINUTE_MS
    opened: list[int] = []
    while len(opened) < 2500:
        page = ccxt_exchange.fetch_ohlcv(UNIFIED, "1m", since + len(opened) * MINUTE_MS, 1000)
        assert page
        opened += [row[0] for row in page]
    assert opened == list(range(since, since + len(opened) * MINUTE_MS, MINUTE_MS))


def test_ccxt_trades_and_protects_itself(ccxt_exchange: Any) -> None:
    ccxt_exchange.set_leverage(5, UNIFIED)
    bought = ccxt_exchange.create_order(UNIFIED, "market", "buy", 0.01)
    assert bought["status"] == "closed"
    assert ccxt_exchange.fetch_order(bought["id"], UNIFIED)["average"] > 0
    position = ccxt_exchange.fetch_positions([UNIFIED])[0]
    assert (position["side"], position["contracts"]) == ("long", 0.01)
    assert ccxt_exchange.fetch_my_trades(UNIFIED)[-1]["order"] == bought["id"]

    trigger = round(position["markPrice"] * 0.9, 1)
    stop = ccxt_exchange.create_order(UNIFIED, "market", "sell", 0.01, None, {"stopLossPrice": trigger})
    assert stop["status"] == "open"
    assert ccxt_exchange.fetch_open_orders(UNIFIED) == []
    resting = ccxt_exchange.fetch_open_orders(UNIFIED, None, None, {"stop": True})
    assert [(order["id"], order["triggerPrice"]) for order in resting] == [(stop["id"], trigger)]
    assert ccxt_exchange.fetch_order(stop["id"], UNIFIED, {"stop": True})["status"] == "open"
    ccxt_exchange.cancel_order(stop["id"], UNIFIED, {"stop": True})
    assert ccxt_exchange.fetch_open_orders(UNIFIED, None, None, {"stop": True}) == []


def test_ccxt_sees_its_balance_and_wallet_history(ccxt_exchange: Any) -> None:
    assert ccxt_exchange.fetch_balance()["USDT"]["total"] > 0
    assert ccxt_exchange.fetch_ledger("USDT")[0]["amount"] == 10_000


def test_ccxt_maps_refusals_to_its_own_errors(venue: VenueProcess) -> None:
    import ccxt

    # Over plain http ccxt maps futures codes only when told to; on Binance's own host it does so by itself.
    exact = {"exceptions": {"exact": ccxt.binanceusdm().exceptions["linear"]["exact"]}}
    exchange = ccxt.binanceusdm(ccxt_settings(venue) | exact)
    exchange.load_markets()
    with pytest.raises(ccxt.InsufficientFunds):
        exchange.create_order(UNIFIED, "market", "buy", 100)
    exchange.close()


def test_ccxt_hears_its_fill_on_the_user_stream(venue: VenueProcess) -> None:
    import ccxt.pro

    async def scene() -> dict[str, Any]:
        exchange = ccxt.pro.binanceusdm(ccxt_settings(venue))
        try:
            await exchange.load_markets()
            return await traded_and_heard(exchange)
        finally:
            await exchange.close()

    order = asyncio.run(scene())
    assert (order["symbol"], order["status"], order["filled"]) == (UNIFIED, "closed", 0.01)
    assert order["average"] > 0


async def traded_and_heard(exchange: Any) -> dict[str, Any]:
    """Buy once the stream is open, and listen until the order is closed."""
    first: Awaitable[Any] = asyncio.ensure_future(exchange.watch_orders(UNIFIED))
    deadline = time.monotonic() + HEARD_WITHIN_S
    while not any(client.connected.done() for client in exchange.clients.values()):
        assert time.monotonic() < deadline, "the user stream never opened"
        await asyncio.sleep(0.01)
    sent = await exchange.create_order(UNIFIED, "market", "buy", 0.01)
    async with asyncio.timeout(HEARD_WITHIN_S):
        orders = await first
        while orders[-1]["id"] != sent["id"] or orders[-1]["status"] != "closed":
            orders = await exchange.watch_orders(UNIFIED)
    await exchange.create_order(UNIFIED, "market", "sell", 0.01, None, {"reduceOnly": True})
    return orders[-1]
