"""python-binance's socket manager and its threaded one: every futures stream, and the account's while it trades."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from binance import AsyncClient, BinanceSocketManager, Client, ThreadedWebsocketManager
from binance.enums import FuturesType
from python_binance_clients import addresses, pointed
from told import failed, passed, require, said, within

SYMBOL = "BTCUSDT"
BOOK = ["btcusdt@bookTicker"]
HEARD_WITHIN_S = 10.0


async def sockets(client: Any, told: Any) -> None:
    """Every futures stream of the socket manager, and the account's while another client trades."""
    manager = BinanceSocketManager(client)
    manager.FSTREAM_URL = f"{told.streams}/"
    usds = FuturesType.USD_M
    for name, open_socket in (
        ("kline_futures_socket", lambda: manager.kline_futures_socket(SYMBOL, "1m")),
        ("aggtrade_futures_socket", lambda: manager.aggtrade_futures_socket(SYMBOL, usds)),
        ("symbol_mark_price_socket", lambda: manager.symbol_mark_price_socket(SYMBOL)),
        ("all_mark_price_socket", lambda: manager.all_mark_price_socket()),
        ("symbol_ticker_futures_socket", lambda: manager.symbol_ticker_futures_socket(SYMBOL)),
        ("individual_symbol_ticker_futures_socket", lambda: manager.individual_symbol_ticker_futures_socket(SYMBOL)),
        ("all_ticker_futures_socket", lambda: manager.all_ticker_futures_socket()),
        ("futures_depth_socket", lambda: manager.futures_depth_socket(SYMBOL)),
        ("futures_rpi_depth_socket", lambda: manager.futures_rpi_depth_socket(SYMBOL)),
        # It dials /market unless told otherwise, and books are told on /public.
        ("futures_multiplex_socket", lambda: manager.futures_multiplex_socket(BOOK, category="public")),
        ("futures_multiplex_socket, market", lambda: manager.futures_multiplex_socket(["btcusdt@markPrice@1s"])),
    ):  # fmt: skip
        await attempt(f"stream {name}", lambda opened=open_socket: one_message(opened()))
    await attempt("stream futures_user_socket", lambda: own_news(client, manager))


async def one_message(socket: Any) -> None:
    """One message that is not an error."""
    async with asyncio.timeout(HEARD_WITHIN_S):
        async with socket as stream:
            heard = await stream.recv()
            require(heard and not (isinstance(heard, dict) and heard.get("e") == "error"), str(heard))


async def own_news(client: Any, manager: Any) -> None:
    """A fill, heard; it is what the order says of itself."""
    async with asyncio.timeout(HEARD_WITHIN_S * 2):
        async with manager.futures_user_socket() as stream:
            order = await client.futures_create_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.010")
            heard = await stream.recv()
            while heard["e"] != "ORDER_TRADE_UPDATE" or heard["o"]["X"] != "FILLED":
                heard = await stream.recv()
            read = await client.futures_get_order(symbol=SYMBOL, orderId=order["orderId"])
            require(
                float(heard["o"]["ap"]) == float(read["avgPrice"]), f"{heard['o']['ap']} heard, {read['avgPrice']} read"
            )
            await client.futures_create_order(symbol=SYMBOL, side="SELL", type="MARKET", quantity="0.010")


async def attempt(name: str, what: Callable[[], Awaitable[None]]) -> None:
    """Make one attempt and tell how it went."""
    try:
        await what()
    except TimeoutError:
        failed(name, "nothing was heard in time")
    except Exception as error:
        failed(name, said(error))
    else:
        passed(name)


def threaded(told: Any) -> None:
    """ThreadedWebsocketManager, which makes its own clients: only class attributes reach those."""
    for name, address in (("FSTREAM_URL", f"{told.streams}/"),):
        setattr(BinanceSocketManager, name, address)
    for name, address in addresses(told).items():
        setattr(AsyncClient, name, address)
    manager = ThreadedWebsocketManager(told.key, told.secret)
    manager.start()
    heard: dict[str, list[Any]] = {}
    try:
        for method, words in (
            ("start_kline_futures_socket", {"symbol": SYMBOL, "interval": "1m"}),
            ("start_symbol_mark_price_socket", {"symbol": SYMBOL}),
            # It knows of no other address than /market, where books are no longer told.
            ("start_futures_multiplex_socket", {"streams": ["btcusdt@markPrice@1s"]}),
            ("start_futures_user_socket", {}),
        ):
            heard[method] = []
            getattr(manager, method)(callback=heard[method].append, **words)
        trading = pointed(Client, told)(told.key, told.secret)
        time.sleep(2)
        trading.futures_create_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.010")
        trading.futures_create_order(symbol=SYMBOL, side="SELL", type="MARKET", quantity="0.010")
        for method, messages in heard.items():
            good = within(HEARD_WITHIN_S, lambda messages=messages: [m for m in messages if _is_good(m)])
            if good:
                passed(f"threaded {method}")
            else:
                failed(f"threaded {method}", f"nothing but {messages[:1]}")
    finally:
        manager.stop()
        manager.join(10)


def _is_good(message: Any) -> bool:
    return bool(message) and not (isinstance(message, dict) and message.get("e") == "error")
