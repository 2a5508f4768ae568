"""ccxt's unified methods, synchronous, asynchronous and pro: values that agree with one another, not only shapes.

The synchronous and the asynchronous client run the same scene; the pro client hears of what a second client does.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import ccxt
import ccxt.async_support
import ccxt.pro
from ccxt_settings import settings
from told import failed, invitation, passed, require, said

BTC, ETH = "BTC/USDT:USDT", "ETH/USDT:USDT"
MINUTE_MS = 60_000
HEARD_WITHIN_S = 15.0
CONDITIONAL = {"stop": True}


class Client:
    """Either client behind one way of asking: an answer that must be awaited is awaited."""

    def __init__(self, exchange: Any, label: str) -> None:
        self.exchange, self.label = exchange, label

    async def ask(self, method: str, *words: Any) -> Any:
        """Call one unified method."""
        answer = getattr(self.exchange, method)(*words)
        return await answer if inspect.isawaitable(answer) else answer

    async def check(self, name: str, attempt: Callable[[], Awaitable[None]]) -> None:
        """One check."""
        try:
            await attempt()
        except TimeoutError:
            failed(f"{self.label} {name}", f"nothing was heard within {HEARD_WITHIN_S:.0f} s")
        except Exception as error:
            failed(f"{self.label} {name}", said(error))
        else:
            passed(f"{self.label} {name}")


async def main() -> None:
    """The same scene twice, then the streams."""
    told = settings(invitation())
    sync = ccxt.binanceusdm(told)
    await scene(Client(sync, "sync"))
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


# the market


async def fetch_time(client: Client) -> None:
    apart = abs(await client.ask("fetch_time") - client.exchange.milliseconds())
    require(apart < 5_000, f"{apart} ms apart")


async def load_markets(client: Client) -> None:
    market = client.exchange.market(BTC)
    require(market["swap"] and market["linear"] and market["active"], "not an active linear swap")
    require(market["limits"]["cost"]["min"] > 0 and market["precision"]["price"] > 0, "no limits or no precision")


async def fetch_ticker_and_last_prices(client: Client) -> None:
    ticker, last = await client.ask("fetch_ticker", BTC), await client.ask("fetch_last_prices", [BTC])
    require(ticker["low"] <= ticker["last"] <= ticker["high"], f"last outside of the day: {ticker}")
    near(ticker["last"], last[BTC]["price"], 0.02)


async def fetch_tickers(client: Client) -> None:
    tickers = await client.ask("fetch_tickers")
    swaps = {symbol for symbol, market in client.exchange.markets.items() if market["active"]}
    require(swaps <= set(tickers), f"without a ticker: {sorted(swaps - set(tickers))[:5]}")


async def fetch_bids_asks(client: Client) -> None:
    for quote in (await client.ask("fetch_bids_asks", [BTC, ETH])).values():
        require(0 < quote["bid"] < quote["ask"], f"crossed: {quote['bid']} {quote['ask']}")


async def fetch_order_book(client: Client) -> None:
    book = await client.ask("fetch_order_book", BTC, 20)
    bids, asks = ([row[0] for row in book[side]] for side in ("bids", "asks"))
    require(bids == sorted(bids, reverse=True) and asks == sorted(asks) and bids[0] < asks[0], "not in order")


async def fetch_trades(client: Client) -> None:
    trades = await client.ask("fetch_trades", BTC, None, 50)
    times = [trade["timestamp"] for trade in trades]
    require(len(trades) == 50 and times == sorted(times), f"{len(trades)} trades, in order: {times == sorted(times)}")
    require(all(abs(t["price"] * t["amount"] - t["cost"]) < 1e-6 for t in trades), "cost is not price x amount")


async def fetch_ohlcv(client: Client) -> None:
    now = await client.ask("fetch_time")
    since = now - now % MINUTE_MS - 200 * MINUTE_MS
    rows = await client.ask("fetch_ohlcv", BTC, "1m", since, 150)
    require([row[0] for row in rows] == [since + i * MINUTE_MS for i in range(150)], "minutes are missing")
    require(all(row[3] <= min(row[1], row[4]) <= max(row[1], row[4]) <= row[2] for row in rows), "a bar is torn")


async def fetch_ohlcv_of_an_hour_is_its_minutes(client: Client) -> None:
    now = await client.ask("fetch_time")
    since = now - now % (60 * MINUTE_MS) - 120 * MINUTE_MS
    hour = (await client.ask("fetch_ohlcv", BTC, "1h", since, 1))[0]
    minutes = await client.ask("fetch_ohlcv", BTC, "1m", since, 60)
    require(hour[1] == minutes[0][1] and hour[4] == minutes[-1][4], "open or close differs")
    require(hour[2] == max(row[2] for row in minutes) and hour[3] == min(row[3] for row in minutes), "extremes differ")
    near(hour[5], sum(row[5] for row in minutes), 1e-6)


async def fetch_mark_index_and_premium_ohlcv(client: Client) -> None:
    mark = (await client.ask("fetch_mark_ohlcv", BTC, "1m", None, 3))[-1]
    index = (await client.ask("fetch_index_ohlcv", BTC, "1m", None, 3))[-1]
    premium = (await client.ask("fetch_premium_index_ohlcv", BTC, "1m", None, 3))[-1]
    near(mark[4], index[4], 0.02)
    require(abs(premium[4]) < 0.05, f"a premium of {premium[4]}")


async def fetch_funding_rate_and_rates(client: Client) -> None:
    one, every = await client.ask("fetch_funding_rate", BTC), await client.ask("fetch_funding_rates")
    require(one["fundingTimestamp"] == every[BTC]["fundingTimestamp"], "the next funding is at two times")
    require(one["fundingTimestamp"] > await client.ask("fetch_time"), "the next funding is past")
    near(one["markPrice"], one["indexPrice"], 0.02)


async def fetch_funding_rate_history(client: Client) -> None:
    rows = await client.ask("fetch_funding_rate_history", BTC, None, 6)
    apart = {later["timestamp"] - row["timestamp"] for row, later in itertools.pairwise(rows)}
    require(len(rows) == 6 and len(apart) == 1, f"{len(rows)} rates, {apart} ms apart")


async def fetch_funding_intervals(client: Client) -> None:
    require(isinstance(await client.ask("fetch_funding_intervals"), dict), "no intervals")


async def fetch_open_interest(client: Client) -> None:
    require((await client.ask("fetch_open_interest", BTC))["openInterestAmount"] > 0, "nobody holds anything")


async def fetch_open_interest_history(client: Client) -> None:
    rows = await client.ask("fetch_open_interest_history", BTC, "5m", None, 10)
    require(len(rows) == 10 and all(row["openInterestAmount"] > 0 for row in rows), f"{len(rows)} rows")


async def fetch_long_short_ratio_history(client: Client) -> None:
    rows = await client.ask("fetch_long_short_ratio_history", BTC, "5m", None, 10)
    require(len(rows) == 10 and all(row["longShortRatio"] > 0 for row in rows), f"{len(rows)} rows")


async def fetch_leverage_tiers(client: Client) -> None:
    tiers = (await client.ask("fetch_leverage_tiers", [BTC]))[BTC]
    require(all(a["maxNotional"] == b["minNotional"] for a, b in itertools.pairwise(tiers)), "tiers have gaps")
    rates = [tier["maintenanceMarginRate"] for tier in tiers]
    require(rates == sorted(rates) and tiers[0]["maxLeverage"] > tiers[-1]["maxLeverage"], "tiers are not in order")


async def fetch_market_leverage_tiers(client: Client) -> None:
    require(len(await client.ask("fetch_market_leverage_tiers", BTC)) > 1, "one tier or none")


async def fetch_status(client: Client) -> None:
    require((await client.ask("fetch_status"))["status"] == "ok", "not ok")


async def fetch_currencies(client: Client) -> None:
    require("USDT" in await client.ask("fetch_currencies"), "no USDT")


MARKET = (
    fetch_time, load_markets, fetch_ticker_and_last_prices, fetch_tickers, fetch_bids_asks, fetch_order_book,
    fetch_trades, fetch_ohlcv, fetch_ohlcv_of_an_hour_is_its_minutes, fetch_mark_index_and_premium_ohlcv,
    fetch_funding_rate_and_rates, fetch_funding_rate_history, fetch_funding_intervals, fetch_open_interest,
    fetch_open_interest_history, fetch_long_short_ratio_history, fetch_leverage_tiers, fetch_market_leverage_tiers,
    fetch_status, fetch_currencies,
)  # fmt: skip


# the account


async def set_leverage(client: Client) -> None:
    await client.ask("set_leverage", 5, BTC)
    require((await client.ask("fetch_leverage", BTC))["longLeverage"] == 5, "not 5")
    require((await client.ask("fetch_leverages", [BTC]))[BTC]["shortLeverage"] == 5, "not 5 in the list")


async def set_margin_mode(client: Client) -> None:
    await client.ask("set_margin_mode", "isolated", ETH)
    require((await client.ask("fetch_margin_mode", ETH))["marginMode"] == "isolated", "not isolated")
    await client.ask("set_margin_mode", "cross", ETH)
    require((await client.ask("fetch_margin_modes", [ETH]))[ETH]["marginMode"] == "cross", "not cross")


async def set_margin_mode_to_what_it_is(client: Client) -> None:
    # ccxt knows this refusal by Binance's exact words, "No need to change margin type."
    try:
        await client.ask("set_margin_mode", "cross", ETH)
    except ccxt.MarginModeAlreadySet:
        return
    require(False, "it was taken")


async def fetch_position_mode(client: Client) -> None:
    require((await client.ask("fetch_position_mode", BTC))["hedged"] is False, "hedged from the start")


async def fetch_trading_fees(client: Client) -> None:
    one, every = await client.ask("fetch_trading_fee", BTC), await client.ask("fetch_trading_fees")
    require(0 < one["maker"] <= one["taker"] < 0.001, f"fees of {one['maker']} and {one['taker']}")
    require(BTC in every, "not among all of them")


ACCOUNT = (set_leverage, set_margin_mode, set_margin_mode_to_what_it_is, fetch_position_mode, fetch_trading_fees)


# trading


async def create_order_at_market(client: Client) -> None:
    order = await client.ask("create_order", BTC, "market", "buy", 0.01)
    require(order["status"] == "closed" and order["filled"] == 0.01, f"{order['status']}, {order['filled']} filled")


async def fetch_order_average_is_its_trades(client: Client) -> None:
    order = (await client.ask("fetch_closed_orders", BTC))[-1]
    trades = [t for t in await client.ask("fetch_my_trades", BTC) if t["order"] == order["id"]]
    amount = sum(t["amount"] for t in trades)
    require(trades and abs(amount - order["filled"]) < 1e-9, f"{amount} in trades, {order['filled']} in the order")
    near(order["average"], sum(t["cost"] for t in trades) / amount, 1e-6)
    near((await client.ask("fetch_order", order["id"], BTC))["average"], order["average"], 1e-9)
    per_order = await client.ask("fetch_my_trades", BTC, None, None, {"orderId": order["id"]})
    require([t["id"] for t in per_order] == [t["id"] for t in trades], "other trades by order")


async def fetch_my_trades_fee_is_the_rate(client: Client) -> None:
    trade, fee = (await client.ask("fetch_my_trades", BTC))[-1], await client.ask("fetch_trading_fee", BTC)
    near(trade["fee"]["cost"], trade["cost"] * fee["taker"], 1e-4)


async def fetch_positions_is_the_account(client: Client) -> None:
    by_risk = await client.ask("fetch_positions", [BTC])
    by_account = await client.ask("fetch_positions", [BTC], {"method": "account"})
    one, other = by_risk[0], by_account[0]
    require((one["side"], one["contracts"]) == (other["side"], other["contracts"]) == ("long", 0.01), f"{one} {other}")
    require((await client.ask("fetch_position", BTC))["contracts"] == 0.01, "another by itself")
    near(one["notional"], one["contracts"] * one["markPrice"], 1e-4)
    near(one["initialMargin"], one["notional"] / 5, 0.01)
    require(one["liquidationPrice"] is None or one["liquidationPrice"] < one["entryPrice"], "a long liquidated above")


async def fetch_positions_risk(client: Client) -> None:
    risk = (await client.ask("fetch_positions_risk", [BTC]))[0]
    near(risk["unrealizedPnl"], risk["contracts"] * (risk["markPrice"] - risk["entryPrice"]), 0.05, least=0.5)


async def fetch_balance_is_the_account(client: Client) -> None:
    balance = await client.ask("fetch_balance")
    told, usdt = balance["info"], balance["USDT"]
    asset = next(row for row in told["assets"] if row["asset"] == "USDT")
    near(usdt["total"], float(asset["marginBalance"]), 1e-6)
    near(usdt["free"], float(asset["availableBalance"]), 1e-6)
    near(usdt["used"], usdt["total"] - usdt["free"], 1e-6)
    near(float(told["totalWalletBalance"]), float(asset["walletBalance"]), 1e-2)


async def edit_and_cancel_a_resting_order(client: Client) -> None:
    price = await low(client, 0.9)
    order = await client.ask("create_order", BTC, "limit", "buy", 0.01, price)
    require([o["id"] for o in await client.ask("fetch_open_orders", BTC)] == [order["id"]], "it is not open")
    require((await client.ask("fetch_open_order", order["id"], BTC))["price"] == price, "another by itself")
    edited = await client.ask("edit_order", order["id"], BTC, "limit", "buy", 0.02, price)
    require((edited["id"], edited["amount"]) == (order["id"], 0.02), f"{edited['id']} of {edited['amount']}")
    await client.ask("cancel_order", order["id"], BTC)
    require((await client.ask("fetch_order", order["id"], BTC))["status"] == "canceled", "not canceled")
    require(order["id"] in [o["id"] for o in await client.ask("fetch_canceled_orders", BTC)], "not in the list")
    canceled_and_closed = await client.ask("fetch_canceled_and_closed_orders", BTC)
    require(order["id"] in [o["id"] for o in canceled_and_closed], "not in the longer list")


async def create_orders_and_cancel_orders(client: Client) -> None:
    price = await low(client, 0.9)
    row = {"symbol": BTC, "type": "limit", "side": "buy", "amount": 0.01, "price": price}
    orders = await client.ask("create_orders", [row, row])
    edits = [{**row, "id": order["id"], "amount": 0.02} for order in orders]
    require({o["amount"] for o in await client.ask("edit_orders", edits)} == {0.02}, "not edited")
    await client.ask("cancel_orders", [orders[0]["id"]], BTC)
    await client.ask("cancel_all_orders", BTC)
    require(await client.ask("fetch_open_orders", BTC) == [], "something is left")


async def fetch_orders(client: Client) -> None:
    orders = await client.ask("fetch_orders", BTC)
    require({"closed", "canceled"} <= {order["status"] for order in orders}, "not every status")


async def refusals_have_ccxts_own_types(client: Client) -> None:
    for order, error in (
        ((BTC, "market", "buy", 100), ccxt.InsufficientFunds),
        ((BTC, "limit", "buy", 0.001, await low(client, 0.2)), ccxt.InvalidOrder),
        ((BTC, "market", "buy", 0.01, None, {"newClientOrderId": "#"}), ccxt.BadRequest),
    ):
        try:
            await client.ask("create_order", *order)
        except error:
            continue
        require(False, f"{order} was taken")


async def close_position_and_read_the_ledger(client: Client) -> None:
    before = (await client.ask("fetch_balance"))["USDT"]["total"]
    require(before > 0, "no money")
    await client.ask("create_order", BTC, "market", "sell", 0.01, None, {"reduceOnly": True})
    require(not [p for p in await client.ask("fetch_positions", [BTC]) if p["contracts"]], "still open")
    ledger = await client.ask("fetch_ledger", "USDT")
    require({"fee", "trade"} <= {row["type"] for row in ledger} or len(ledger) >= 3, f"{ledger}")
    wallet = float((await client.ask("fetch_balance"))["info"]["totalWalletBalance"])
    near(sum(row["amount"] if row["direction"] == "in" else -row["amount"] for row in ledger), wallet, 1e-6)
    require(isinstance(await client.ask("fetch_funding_history", BTC), list), "no list of fundings")


async def fetch_my_liquidations(client: Client) -> None:
    require(await client.ask("fetch_my_liquidations", BTC) == [], "liquidated")


TRADING = (
    create_order_at_market, fetch_order_average_is_its_trades, fetch_my_trades_fee_is_the_rate,
    fetch_positions_is_the_account, fetch_positions_risk, fetch_balance_is_the_account, edit_and_cancel_a_resting_order,
    create_orders_and_cancel_orders, fetch_orders, refusals_have_ccxts_own_types, close_position_and_read_the_ledger,
    fetch_my_liquidations,
)  # fmt: skip


# conditional orders


async def stop_loss_and_take_profit(client: Client) -> None:
    await client.ask("create_order", BTC, "market", "buy", 0.01)
    stop = await client.ask(
        "create_order", BTC, "market", "sell", 0.01, None, {"stopLossPrice": await low(client, 0.9)}
    )
    target = {"takeProfitPrice": await low(client, 1.1)}
    profit = await client.ask("create_order", BTC, "market", "sell", 0.01, None, target)
    require(stop["status"] == profit["status"] == "open", f"{stop['status']} {profit['status']}")
    resting = {o["id"] for o in await client.ask("fetch_open_orders", BTC, None, None, CONDITIONAL)}
    require(resting == {stop["id"], profit["id"]}, f"{resting} rest")
    require(await client.ask("fetch_open_orders", BTC) == [], "stops among the ordinary ones")
    require((await client.ask("fetch_order", stop["id"], BTC, CONDITIONAL))["triggerPrice"] is not None, "no trigger")
    await client.ask("cancel_order", stop["id"], BTC, CONDITIONAL)
    await client.ask("cancel_all_orders", BTC, CONDITIONAL)
    every = await client.ask("fetch_orders", BTC, None, None, CONDITIONAL)
    require({stop["id"], profit["id"]} <= {order["id"] for order in every}, "forgotten once canceled")
    require({o["status"] for o in every if o["id"] in resting} == {"canceled"}, "not canceled")


async def trailing_stop(client: Client) -> None:
    trailing = {"trailingPercent": 5, "reduceOnly": True}
    order = await client.ask("create_order", BTC, "market", "sell", 0.01, None, trailing)
    require(order["status"] == "open", order["status"])
    await client.ask("cancel_order", order["id"], BTC, CONDITIONAL)


async def stop_that_would_trigger_at_once(client: Client) -> None:
    try:
        await client.ask("create_order", BTC, "market", "sell", 0.01, None, {"stopLossPrice": await low(client, 1.1)})
    except ccxt.OrderImmediatelyFillable:
        return
    except ccxt.ExchangeError as error:
        require("-2021" in str(error), str(error))
    else:
        require(False, "it was taken")


STOPS = (stop_loss_and_take_profit, trailing_stop, stop_that_would_trigger_at_once)


# modes, and what needs a flat account


async def close_and_add_isolated_margin(client: Client) -> None:
    await client.ask("create_order", BTC, "market", "sell", 0.01, None, {"reduceOnly": True})
    await client.ask("set_margin_mode", "isolated", ETH)
    await client.ask("create_order", ETH, "market", "buy", 0.1)
    await client.ask("add_margin", ETH, 10)
    await client.ask("reduce_margin", ETH, 5)
    rows = await client.ask("fetch_margin_adjustment_history", ETH)
    require({row["type"] for row in rows} == {"add", "reduce"}, f"{rows}")
    require((await client.ask("fetch_positions", [ETH]))[0]["marginMode"] == "isolated", "not isolated")
    await client.ask("create_order", ETH, "market", "sell", 0.1, None, {"reduceOnly": True})
    await client.ask("set_margin_mode", "cross", ETH)


async def set_position_mode(client: Client) -> None:
    await client.ask("set_position_mode", True)
    try:
        require((await client.ask("fetch_position_mode", BTC))["hedged"] is True, "not hedged")
        for side, position in (("buy", "LONG"), ("sell", "SHORT")):
            await client.ask("create_order", BTC, "market", side, 0.01, None, {"positionSide": position})
        held = {(p["side"], p["contracts"]) for p in await client.ask("fetch_positions", [BTC])}
        require(held == {("long", 0.01), ("short", 0.01)}, f"{held}")
        for side, position in (("sell", "LONG"), ("buy", "SHORT")):
            await client.ask("create_order", BTC, "market", side, 0.01, None, {"positionSide": position})
    finally:
        await client.ask("set_position_mode", False)


MODES = (close_and_add_isolated_margin, set_position_mode)


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
    require((await client.ask("fetch_ticker_ws", BTC))["last"] > 0, "no ticker")
    require((await client.ask("fetch_order_book_ws", BTC, 5))["bids"], "no book")


async def low(client: Client, share: float) -> float:
    """A share of the last price, on the tick."""
    return float(client.exchange.price_to_precision(BTC, (await client.ask("fetch_ticker", BTC))["last"] * share))


def near(one: float, other: float, share: float, *, least: float = 1e-9) -> None:
    """Fail unless the two are within a share of the larger, or within `least`."""
    require(abs(one - other) <= max(share * max(abs(one), abs(other)), least), f"{one} is not {other}")


if __name__ == "__main__":
    asyncio.run(main())
