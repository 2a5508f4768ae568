"""python-binance: every method whose path is of USD-M futures, synchronous and asynchronous, then its streams.

The same table of calls is made with both clients; the generated `futures_v1_*` methods are covered by name. Methods of
other products (COIN-M, wallets, loans, brokers) are named as not applicable, so that the count is of all there are.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import Any

from binance import AsyncClient, Client
from python_binance_clients import pointed
from python_binance_streams import sockets, threaded
from told import failed, invitation, not_applicable, passed, require, said

SYMBOL, OTHER = "BTCUSDT", "ETHUSDT"
MINUTE_MS = 60_000
ELSEWHERE = ("coin", "loan", "collateral", "account_transfer", "historical_data_link")
NO_SUCH_PATH = "Binance has no such path; the method is generated from an old list"
GENERATED_WRONG = {
    "futures_v1_put_batch_order": NO_SUCH_PATH,
    "futures_v1_post_batch_order": NO_SUCH_PATH,
    "futures_v1_delete_batch_order": NO_SUCH_PATH,
}


class Caller:
    """One client, synchronous or not, behind one way of asking."""

    def __init__(self, client: Any, label: str) -> None:
        self.client, self.label = client, label
        self.called: set[str] = set()

    async def ask(self, method: str, *words: Any, **named: Any) -> Any:
        """Call a method; the error is the caller's."""
        self.called.add(method)
        answer = getattr(self.client, method)(*words, **named)
        answer = await answer if inspect.isawaitable(answer) else answer
        return [row async for row in answer] if inspect.isasyncgen(answer) else answer

    async def call(self, method: str, *words: Any, **named: Any) -> Any:
        """Call a method as a check of its own. Returns the answer, or an empty dict."""
        label = f"{self.label} {method}"
        if not hasattr(self.client, method):
            not_applicable(label, "this client has no such method")
            return {}
        try:
            answer = await self.ask(method, *words, **named)
            require(answer is not None, "no answer")
        except Exception as error:
            failed(label, said(error))
            return {}
        passed(label)
        return answer


def main() -> None:
    """Synchronous, asynchronous, sockets, threads."""
    told = invitation()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    sync = Caller(pointed(Client, told)(told.key, told.secret), "sync")
    # The synchronous client drives the loop itself, so its calls are made outside of one.
    _finish(every_method(sync))
    sync.client.close_connection()
    loop.run_until_complete(asynchronous(told))
    asyncio.set_event_loop(None)
    threaded(told)


def _finish(scene: Any) -> None:
    """Run a coroutine that never waits for anything."""
    try:
        while True:
            scene.send(None)
    except StopIteration:
        return


async def asynchronous(told: Any) -> None:
    """The same calls, and the socket manager."""
    client = await pointed(AsyncClient, told).create(told.key, told.secret)
    try:
        await every_method(Caller(client, "async"))
        await sockets(client, told)
    finally:
        await client.close_connection()


async def every_method(caller: Caller) -> None:
    """All of them, in the order a trader would."""
    for part in (market, statistics, account, orders, conditional, modes, generated, over_socket):
        try:
            await part(caller)
        except Exception as error:
            failed(f"{caller.label}: the part '{part.__name__}' ran to its end", said(error))
    tell_what_was_left(caller)


def tell_what_was_left(caller: Caller) -> None:
    """Methods of other products are not applicable; a method of this one that nobody called is a failure."""
    for name, _ in inspect.getmembers(type(caller.client), callable):
        if not name.startswith(("futures_", "ws_futures_")) or name in caller.called:
            continue
        if name in GENERATED_WRONG:
            not_applicable(f"{caller.label} {name}", GENERATED_WRONG[name])
        elif any(part in name for part in ELSEWHERE):
            not_applicable(f"{caller.label} {name}", "is about another product than USD-M futures")
        else:
            failed(f"{caller.label} {name}", "nothing here calls it")


async def market(caller: Caller) -> None:
    """Prices, books, trades and bars."""
    for method in (
        "ping",
        "time",
        "exchange_info",
        "mark_price",
        "funding_rate",
        "ticker",
        "symbol_ticker",
        "orderbook_ticker",
    ):
        await caller.call(f"futures_{method}")
    for method in (
        "order_book",
        "rpi_depth",
        "recent_trades",
        "historical_trades",
        "aggregate_trades",
        "open_interest",
    ):
        await caller.call(f"futures_{method}", symbol=SYMBOL)
    for method in ("klines", "mark_price_klines", "premium_index_klines"):
        await caller.call(f"futures_{method}", symbol=SYMBOL, interval="1h", limit=5)
    await caller.call("futures_index_price_klines", pair=SYMBOL, interval="1h", limit=5)
    await caller.call("futures_continuous_klines", pair=SYMBOL, contractType="PERPETUAL", interval="1h", limit=5)
    now = (await caller.ask("futures_time"))["serverTime"]
    start = now - now % MINUTE_MS - 2_500 * MINUTE_MS
    await pages(caller, "futures_historical_klines", start)
    await pages(caller, "futures_historical_mark_price_klines", start)
    await pages(caller, "futures_historical_klines_generator", start)


async def pages(caller: Caller, method: str, start: int) -> None:
    """Bars over several pages: each minute once, in order."""
    label = f"{caller.label} {method}"
    if not hasattr(caller.client, method):
        not_applicable(label, "this client has no such method")
        return
    try:
        answer = await caller.ask(method, SYMBOL, "1m", start)
        opened = [row[0] for row in (answer if isinstance(answer, list) else list(answer))]
        require(
            opened == list(range(start, start + len(opened) * MINUTE_MS, MINUTE_MS)), "minutes are missing or twice"
        )
        require(len(opened) in (2_501, 2_502), f"{len(opened)} bars")
    except Exception as error:
        failed(label, said(error))
    else:
        passed(label)


async def statistics(caller: Caller) -> None:
    """What Binance keeps below /futures/data, and figures about the venue itself."""
    for method in (
        "top_longshort_account_ratio", "top_longshort_position_ratio", "global_longshort_ratio",
        "taker_longshort_ratio", "open_interest_hist",
    ):  # fmt: skip
        await caller.call(f"futures_{method}", symbol=SYMBOL, period="5m", limit=3)
    await caller.call("futures_basis", pair=SYMBOL, contractType="PERPETUAL", period="5m", limit=3)
    await caller.call("futures_delivery_price", pair=SYMBOL)
    await caller.call("futures_index_price_constituents", symbol=SYMBOL)
    for method in ("insurance_fund_balance_snapshot", "index_info", "api_trading_status", "symbol_adl_risk"):
        await caller.call(f"futures_{method}")


async def account(caller: Caller) -> None:
    """What the holder of the key may read and set, with something held."""
    await caller.call("futures_change_leverage", symbol=SYMBOL, leverage=10)
    await caller.ask("futures_create_order", symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.010")
    for method in (
        "account", "account_balance", "account_config", "symbol_config", "position_information", "leverage_bracket",
        "account_trades", "income_history", "liquidation_orders", "adl_quantile_estimate", "get_position_mode",
        "get_multi_assets_mode",
    ):  # fmt: skip
        await caller.call(f"futures_{method}")
    await caller.call("futures_commission_rate", symbol=SYMBOL)
    await caller.ask("futures_create_order", symbol=SYMBOL, side="SELL", type="MARKET", quantity="0.010")


async def orders(caller: Caller) -> None:
    """Every way to send, read, change and cancel an order."""
    low, high = await prices(caller)
    resting = {"symbol": SYMBOL, "quantity": "0.010", "timeInForce": "GTC"}
    await caller.call("futures_create_test_order", **resting, side="BUY", type="LIMIT", price=low)
    order = await caller.call("futures_create_order", **resting, side="BUY", type="LIMIT", price=low)
    number = order.get("orderId")
    await caller.call("futures_get_order", symbol=SYMBOL, orderId=number)
    await caller.call("futures_v1_get_open_order", symbol=SYMBOL, orderId=number)
    await caller.call("futures_modify_order", symbol=SYMBOL, orderId=number, side="BUY", quantity="0.020", price=low)
    await caller.call("futures_v1_get_order_amendment", symbol=SYMBOL, orderId=number)
    await caller.call("futures_get_open_orders", symbol=SYMBOL)
    await caller.call("futures_cancel_order", symbol=SYMBOL, orderId=number)
    await caller.call("futures_get_all_orders", symbol=SYMBOL)
    await caller.call("futures_limit_order", **resting, side="BUY", price=low)
    await caller.call("futures_limit_buy_order", **resting, price=low)
    await caller.call("futures_limit_sell_order", **resting, price=high)
    await batches(caller, low)
    await caller.call("futures_countdown_cancel_all", symbol=SYMBOL, countdownTime=0)
    await caller.call("futures_cancel_all_open_orders", symbol=SYMBOL)
    await caller.call("futures_market_order", symbol=SYMBOL, side="BUY", quantity="0.010")
    await caller.call("futures_market_buy_order", symbol=SYMBOL, quantity="0.010")
    await caller.call("futures_market_sell_order", symbol=SYMBOL, quantity="0.020")


async def batches(caller: Caller, low: str) -> None:
    """Two at once."""
    row = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.010", "price": low}
    placed = await caller.call("futures_place_batch_order", batchOrders=[row, row])
    numbers = [order["orderId"] for order in placed if "orderId" in order]
    changed = [{"symbol": SYMBOL, "side": "BUY", "orderId": n, "quantity": "0.020", "price": low} for n in numbers]
    await caller.call("futures_v1_put_batch_orders", batchOrders=_compact(changed))
    await caller.call("futures_cancel_orders", symbol=SYMBOL, orderidlist=numbers)


def _compact(rows: list[dict[str, Any]]) -> str:
    import json

    return json.dumps(rows, separators=(",", ":"))


async def conditional(caller: Caller) -> None:
    """Stops: on their own methods, and through those that send them on."""
    low, high = await prices(caller)
    stop = {"symbol": SYMBOL, "side": "SELL", "type": "STOP_MARKET", "quantity": "0.010"}
    placed = await caller.call("futures_create_algo_order", **stop, algoType="CONDITIONAL", triggerPrice=low)
    number = placed.get("algoId")
    await caller.call("futures_get_algo_order", algoId=number)
    await caller.call("futures_get_open_algo_orders", symbol=SYMBOL)
    await caller.call("futures_cancel_algo_order", algoId=number)
    await caller.call("futures_get_all_algo_orders", symbol=SYMBOL)
    routed = await caller.ask("futures_create_order", **stop, stopPrice=low)
    trailing = {**stop, "type": "TRAILING_STOP_MARKET", "activatePrice": high, "callbackRate": "5"}
    await caller.ask("futures_create_order", **trailing)
    open_ones = await caller.ask("futures_get_open_orders", symbol=SYMBOL, conditional=True)
    name = f"{caller.label} conditional orders sent on by futures_create_order"
    if "algoId" in routed and len(open_ones) == 2:
        passed(name)
    else:
        failed(name, f"{routed}, {len(open_ones)} rest")
    await caller.call("futures_cancel_all_algo_open_orders", symbol=SYMBOL)


async def modes(caller: Caller) -> None:
    """What changes how the account trades; and the listen key."""
    await caller.call("futures_change_margin_type", symbol=OTHER, marginType="ISOLATED")
    await caller.ask("futures_create_order", symbol=OTHER, side="BUY", type="MARKET", quantity="0.100")
    await caller.call("futures_change_position_margin", symbol=OTHER, amount="10", type=1)
    await caller.call("futures_position_margin_history", symbol=OTHER)
    await caller.ask(
        "futures_create_order", symbol=OTHER, side="SELL", type="MARKET", quantity="0.100", reduceOnly="true"
    )
    await caller.ask("futures_change_margin_type", symbol=OTHER, marginType="CROSSED")
    await caller.call("futures_change_position_mode", dualSidePosition="true")
    await quietly(caller, "futures_change_position_mode", dualSidePosition="false")
    await caller.call("futures_change_multi_assets_mode", multiAssetsMargin=True)
    await quietly(caller, "futures_change_multi_assets_mode", multiAssetsMargin=False)
    key = await caller.call("futures_stream_get_listen_key")
    await caller.call("futures_stream_keepalive", key or "none")
    await caller.call("futures_stream_close", key or "none")


async def quietly(caller: Caller, method: str, **named: Any) -> None:
    """Put a mode back; whether that worked is seen by what comes after."""
    try:
        await caller.ask(method, **named)
    except Exception as error:
        require("No need" in str(error), str(error))


async def generated(caller: Caller) -> None:
    """Methods generated from Binance's list of paths."""
    for method in (
        "get_funding_info",
        "get_rate_limit_order",
        "get_fee_burn",
        "get_asset_index",
        "get_convert_exchange_info",
    ):
        await caller.call(f"futures_v1_{method}")
    await caller.call("futures_v1_post_fee_burn", feeBurn="true")
    await caller.call("futures_v1_get_pm_account_info", asset="USDT")
    now = int(time.time() * 1000)
    for kind in ("order", "trade", "income"):
        asked = await caller.call(f"futures_v1_get_{kind}_asyn", startTime=now - 60 * MINUTE_MS, endTime=now)
        await caller.call(f"futures_v1_get_{kind}_asyn_id", downloadId=asked.get("downloadId", "0"))
    quote = await caller.call("futures_v1_post_convert_get_quote", fromAsset="USDT", toAsset="BNB", fromAmount="20")
    await caller.call("futures_v1_post_convert_accept_quote", quoteId=quote.get("quoteId", "0"))
    await caller.call("futures_v1_get_convert_order_status", quoteId=quote.get("quoteId", "0"))


async def over_socket(caller: Caller) -> None:
    """The WebSocket API."""
    low, _ = await prices(caller)
    await caller.call("ws_futures_get_order_book", symbol=SYMBOL)
    for method in (
        "get_all_tickers", "get_order_book_ticker", "v2_account_position", "account_position", "v2_account_balance",
        "account_balance", "v2_account_status", "account_status",
    ):  # fmt: skip
        await caller.call(f"ws_futures_{method}")
    resting = {
        "symbol": SYMBOL,
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.010",
        "price": low,
    }
    number = (await caller.call("ws_futures_create_order", **resting)).get("orderId")
    changed = {"symbol": SYMBOL, "orderId": number, "side": "BUY", "quantity": "0.020", "price": low}
    await caller.call("ws_futures_edit_order", **changed)
    await caller.call("ws_futures_get_order", symbol=SYMBOL, orderId=number)
    await caller.call("ws_futures_cancel_order", symbol=SYMBOL, orderId=number)
    stop = {"symbol": SYMBOL, "side": "SELL", "type": "STOP_MARKET", "quantity": "0.010", "triggerPrice": low}
    algo = (await caller.call("ws_futures_create_algo_order", **stop, algoType="CONDITIONAL")).get("algoId")
    await caller.call("ws_futures_cancel_algo_order", algoId=algo)


async def prices(caller: Caller) -> tuple[str, str]:
    """A tenth below and above the mark, on the tick."""
    mark = float((await caller.ask("futures_mark_price", symbol=SYMBOL))["markPrice"])
    return f"{mark * 0.9:.1f}", f"{mark * 1.1:.1f}"


if __name__ == "__main__":
    main()
