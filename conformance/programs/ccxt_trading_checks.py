"""What ccxt does with an account: settings, orders, stops and modes, each read back by another way."""

from __future__ import annotations

from typing import Any

import ccxt
from ccxt_client import BTC, ETH, Client, low, near
from told import require

CONDITIONAL = {"stop": True}

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


async def refusals_have_binances_codes(client: Client) -> None:
    for order, _, code in await refused_orders(client):
        try:
            await client.ask("create_order", *order)
        except ccxt.ExchangeError as error:
            require(f'"code":{code}' in str(error), f"{error}, and not {code}")
            continue
        require(False, f"{order} was taken")


async def refusals_have_ccxts_own_types(client: Client) -> None:
    for order, error, _ in await refused_orders(client):
        try:
            await client.ask("create_order", *order)
        except error:
            continue
        require(False, f"{order} was taken")


async def refused_orders(client: Client) -> tuple[tuple[tuple[Any, ...], type[Exception], int], ...]:
    """Orders nobody may send, what ccxt makes of the refusal, and Binance's code of it."""
    return (
        ((BTC, "market", "buy", 100), ccxt.InsufficientFunds, -2019),
        ((BTC, "limit", "buy", 0.001, await low(client, 0.2)), ccxt.InvalidOrder, -4164),
        ((BTC, "market", "buy", 0.01, None, {"newClientOrderId": "#"}), ccxt.BadRequest, -1100),
    )


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
    create_orders_and_cancel_orders, fetch_orders, refusals_have_binances_codes, close_position_and_read_the_ledger,
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
