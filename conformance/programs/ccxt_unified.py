"""ccxt's unified methods, synchronous, asynchronous and pro: values that agree with one another, not only shapes.

The synchronous and the asynchronous client run the same scene; the pro client hears of what a second client does.
"""

from __future__ import annotations

import asyncio
from typing import Any

import ccxt
import ccxt.async_support
import ccxt.pro
from ccxt_client import BTC, ETH, HEARD_WITHIN_S, Client, low
from ccxt_market_checks import MARKET
from ccxt_settings import settings
from ccxt_trading_checks import ACCOUNT, MODES, STOPS, TRADING, refusals_have_ccxts_own_types
from told import invitation, require


async def main() -> None:
    """The same scene twice, then the streams."""
    told = settings(invitation())
    sync = ccxt.binanceusdm(told)
    await scene(Client(sync, "sync"))
    # ccxt reads Binance's futures codes by its own table only at Binance's own hosts; anywhere else it must be told to.
    typed = Client(ccxt.binanceusdm({**told, "exceptions": {"exact": sync.exceptions["linear"]["exact"]}}), "sync")
    await typed.ask("load_markets")
    await typed.check("refusals_have_ccxts_own_types", lambda: refusals_have_ccxts_own_types(typed))
    asynchronous = ccxt.async_support.binanceusdm(told)
    try:
        await scene(Client(asynchronous, "async"))
    finally:
        await asynchronous.close()
    await streams(Client(ccxt.pro.binanceusdm(told), "pro"), sync)


async def scene(client: Client) -> None:
    """Read the market, trade, and read what became of it."""
    await client.ask("load_markets")
    for part in (MARKET, ACCOUNT, TRADING, STOPS, MODES):
        for check in part:
            await client.check(check.__name__, lambda check=check: check(client))


# streams


async def streams(client: Client, trader: Any) -> None:
    """What pro hears, of the market and of what another client does on the account."""
    try:
        await client.ask("load_markets")
        for method, words in (
            ("watch_ticker", (BTC,)), ("watch_tickers", ([BTC, ETH],)), ("watch_bids_asks", ([BTC, ETH],)),
            ("watch_order_book", (BTC,)), ("watch_order_book_for_symbols", ([BTC, ETH],)), ("watch_trades", (BTC,)),
            ("watch_trades_for_symbols", ([BTC, ETH],)), ("watch_ohlcv", (BTC, "1m")),
            ("watch_ohlcv_for_symbols", ([[BTC, "1m"], [ETH, "5m"]],)), ("watch_mark_price", (BTC,)),
            ("watch_mark_prices", ([BTC, ETH],)),
        ):  # fmt: skip
            await client.check(method, lambda m=method, w=words: heard(client, m, w))
        await client.check("watch_order_book stays the book", lambda: book_stays(client, trader))
        await client.check("watch_orders, trades, positions and balance", lambda: own_news(client, trader))
        await client.check("create_order_ws, edit, fetch and cancel", lambda: over_socket(client))
    finally:
        await client.exchange.close()


async def heard(client: Client, method: str, words: tuple[Any, ...]) -> None:
    """One update."""
    async with asyncio.timeout(HEARD_WITHIN_S):
        require(await client.ask(method, *words), "an empty update")


async def book_stays(client: Client, trader: Any) -> None:
    """A book kept from differences has the best prices that a fresh snapshot has, soon enough."""
    async with asyncio.timeout(HEARD_WITHIN_S):
        while True:
            book = await client.ask("watch_order_book", BTC)
            fresh = await asyncio.to_thread(trader.fetch_order_book, BTC, 20)
            require(book["bids"][0][0] < book["asks"][0][0], "the kept book is crossed")
            if [row[0] for row in fresh["bids"][:5]] == [row[0] for row in book["bids"][:5]]:
                return


async def own_news(client: Client, trader: Any) -> None:
    """All four streams hear of a market order of another client, and agree."""
    watching = [
        asyncio.create_task(client.ask(method))
        for method in ("watch_orders", "watch_my_trades", "watch_positions", "watch_balance")
    ]
    await asyncio.sleep(2)
    order = await asyncio.to_thread(trader.create_order, BTC, "market", "buy", 0.01)
    async with asyncio.timeout(HEARD_WITHIN_S):
        orders, trades, positions, balance = await asyncio.gather(*watching)
    require(orders[-1]["id"] == trades[-1]["order"] == order["id"], "another order")
    require((positions[-1]["symbol"], positions[-1]["contracts"]) == (BTC, 0.01), f"{positions}")
    require(balance["USDT"]["total"] > 0, "no balance")
    await asyncio.to_thread(trader.create_order, BTC, "market", "sell", 0.01, None, {"reduceOnly": True})


async def over_socket(client: Client) -> None:
    """Orders through the WebSocket API."""
    price = await low(client, 0.9)
    order = await client.ask("create_order_ws", BTC, "limit", "buy", 0.01, price)
    await client.ask("edit_order_ws", order["id"], BTC, "limit", "buy", 0.02, price)
    require((await client.ask("fetch_order_ws", order["id"], BTC))["amount"] == 0.02, "not edited")
    await client.ask("cancel_order_ws", order["id"], BTC)
    require((await client.ask("fetch_balance_ws"))["USDT"]["total"] > 0, "no balance")
    require(isinstance(await client.ask("fetch_positions_ws", [BTC]), list), "no positions")
    require((await client.ask("fetch_ticker_ws", BTC))["bid"] > 0, "no ticker")
    require((await client.ask("fetch_order_book_ws", BTC, 5))["bids"], "no book")


if __name__ == "__main__":
    asyncio.run(main())
