"""Binance's own SDK on its sockets: every stream, every method of the WebSocket API, and what the user stream tells.

A stream is subscribed to twice, once parsed by the SDK's model and once raw, and the two are compared. One that tells
nothing because nothing of its kind happens (a liquidation, a new listing) has only its subscription checked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from binance_common.configuration import (
    ConfigurationRestAPI,
    ConfigurationWebSocketAPI,
    ConfigurationWebSocketStreams,
)
from binance_sdk_derivatives_trading_usds_futures.derivatives_trading_usds_futures import DerivativesTradingUsdsFutures
from official_sdk_keys import compare, compare_all, gaps
from official_sdk_rest import Strictness
from told import failed, invitation, not_applicable, passed, require, said

SYMBOL, PAIR = "BTCUSDT", "BTCUSDT"
HEARD_WITHIN_S = 6.0
STREAMS: dict[str, dict[str, str]] = {
    "aggregate_trade_streams": {"symbol": "btcusdt"},
    "all_market_mini_tickers_stream": {},
    "all_market_tickers_streams": {},
    "asset_index": {},
    "continuous_contract_kline_candlestick_streams": {
        "pair": "btcusdt",
        "contract_type": "perpetual",
        "interval": "1m",
    },
    "individual_symbol_mini_ticker_stream": {"symbol": "btcusdt"},
    "individual_symbol_ticker_streams": {"symbol": "btcusdt"},
    "kline_candlestick_streams": {"symbol": "btcusdt", "interval": "1m"},
    "mark_price_stream": {"symbol": "btcusdt", "update_speed": "1s"},
    "mark_price_stream_for_all_market": {"update_speed": "1s"},
    "all_book_tickers_stream": {},
    "diff_book_depth_streams": {"symbol": "btcusdt", "update_speed": "100ms"},
    "individual_symbol_book_ticker_streams": {"symbol": "btcusdt"},
    "partial_book_depth_streams": {"symbol": "btcusdt", "levels": "5", "update_speed": "100ms"},
    "rpi_diff_book_depth_streams": {"symbol": "btcusdt"},
}
# Told only when something happens that does not happen in a quiet minute.
RARE: dict[str, tuple[dict[str, str], str]] = {
    "all_market_liquidation_order_streams": ({}, "nobody was liquidated"),
    "liquidation_order_streams": ({"symbol": "btcusdt"}, "nobody was liquidated"),
    "contract_info_stream": ({}, "no contract changed"),
    "composite_index_symbol_information_streams": ({"symbol": "defiusdt"}, "no composite index is listed"),
    "trading_session_stream": ({}, "sessions are of tokenised stocks, and none is listed"),
}
ANSWERED = ("id", "status", "rateLimits")


def client() -> DerivativesTradingUsdsFutures:
    """The SDK with its three addresses changed."""
    told = invitation()
    keys = {"api_key": told.key, "api_secret": told.secret}
    return DerivativesTradingUsdsFutures(
        config_rest_api=ConfigurationRestAPI(**keys, base_path=told.url, retries=0),
        config_ws_api=ConfigurationWebSocketAPI(**keys, stream_url=f"{told.streams}/ws-fapi/v1"),
        config_ws_streams=ConfigurationWebSocketStreams(stream_url=told.streams),
    )


async def main() -> None:
    """Streams, then the WebSocket API, then the user stream while the account trades."""
    strictness = Strictness()
    logging.getLogger().addHandler(strictness)
    await market_streams()
    await socket_api(strictness)
    await user_stream(strictness)


async def market_streams() -> None:
    """All of them at once, each on both connections."""
    parsing, raw = client().websocket_streams, client().websocket_streams
    await parsing.create_connection()
    await raw.create_connection()
    try:
        for name, words in STREAMS.items():
            await attempt(f"stream {name}", lambda name=name, words=words: one_stream(parsing, raw, name, words))
        for name, (words, quiet) in RARE.items():
            await rare(parsing, name, words, quiet)
    finally:
        await parsing.close_connection()
        await raw.close_connection()


async def one_stream(parsing: Any, raw: Any, name: str, words: dict[str, str]) -> None:
    """Hear one message parsed and one raw, and compare."""
    models: asyncio.Queue[Any] = asyncio.Queue()
    answers: asyncio.Queue[Any] = asyncio.Queue()
    handle = await getattr(parsing, name)(**words)
    handle.on("message", models.put_nowait)
    stream = handle._stream
    connection = next(one for one in raw.connections if one.url_path == _path_of(parsing, stream))
    await raw.subscribe([stream], stream_url=connection.url_path)
    raw.on("message", answers.put_nowait, stream)
    async with asyncio.timeout(HEARD_WITHIN_S):
        model, answer = await models.get(), await answers.get()
    await handle.unsubscribe()
    await raw.unsubscribe([stream])
    differences = compare(model, answer["data"])
    if differences:
        failed(f"stream {name}: fields", str(differences))
    else:
        passed(f"stream {name}: fields")


def _path_of(streams: Any, name: str) -> str:
    return str(streams.stream_connections.stream_connections_map[name].url_path)


async def rare(parsing: Any, name: str, words: dict[str, str], quiet: str) -> None:
    """Subscribe, and see that the exchange has it on its list."""

    async def listed() -> None:
        handle = await getattr(parsing, name)(**words)
        shown = str(await parsing.list_subscribe())
        require(handle._stream in shown, f"{handle._stream} is not among {shown}")

    await attempt(f"stream {name}: subscribed", listed)
    not_applicable(f"stream {name}", quiet)


async def socket_api(strictness: Strictness) -> None:
    """Every method of the WebSocket API, in the order a trader would."""
    api = client().websocket_api
    await api.create_connection()

    async def ask(name: str, **words: Any) -> Any:
        return await one_answer(api, strictness, name, words)

    try:
        await readings(ask)
        await tradings(ask)
    finally:
        await api.close_connection()


async def readings(ask: Callable[..., Awaitable[Any]]) -> None:
    """What changes nothing, with something held, so that the rows are whole."""
    await ask("order_book", symbol=SYMBOL, limit=5)
    for name in ("symbol_order_book_ticker", "symbol_price_ticker"):
        await ask(name, symbol=SYMBOL)
        await ask(name)
    await ask("new_order", symbol=SYMBOL, side="BUY", type="MARKET", quantity=0.01)
    for name in (
        "account_information",
        "account_information_v2",
        "futures_account_balance",
        "futures_account_balance_v2",
    ):
        await ask(name)
    for name in ("position_information", "position_information_v2"):
        await ask(name, symbol=SYMBOL)
    await ask("start_user_data_stream")
    await ask("keepalive_user_data_stream")
    await ask("close_user_data_stream")


async def tradings(ask: Callable[..., Awaitable[Any]]) -> None:
    """Orders and stops."""
    low = round(mark_of(client().rest_api) * 0.9, 1)
    rest = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "time_in_force": "GTC", "quantity": 0.01, "price": low}
    number = (await ask("new_order", **rest)).result.order_id
    await ask("modify_order", symbol=SYMBOL, side="BUY", quantity=0.02, price=low, order_id=number)
    await ask("query_order", symbol=SYMBOL, order_id=number)
    await ask("cancel_order", symbol=SYMBOL, order_id=number)
    stop = {"algo_type": "CONDITIONAL", "symbol": SYMBOL, "side": "SELL", "type": "STOP_MARKET", "quantity": 0.01}
    algo = (await ask("new_algo_order", **stop, trigger_price=low)).result.algo_id
    await ask("cancel_algo_order", algo_id=algo)
    await ask("new_order", symbol=SYMBOL, side="SELL", type="MARKET", quantity=0.01, reduce_only="true")


async def one_answer(api: Any, strictness: Strictness, name: str, words: dict[str, Any]) -> Any:
    """One method, two checks: it was answered in the model's types, and with the model's fields."""
    label = f"ws-api {name}{' (all)' if name.startswith('symbol_') and not words else ''}"
    label += f" {words['type']}" if "type" in words else ""
    strictness.drain()
    try:
        model = (await getattr(api, name)(**words)).data()
        require(not isinstance(model, dict), str(model))
    except Exception as error:
        failed(label, said(error))
        return None
    warned = strictness.drain()
    if warned:
        failed(label, warned[0])
    else:
        passed(label)
    differences = gaps(model)
    if differences:
        failed(f"{label}: fields", str(differences))
    else:
        passed(f"{label}: fields")
    return model


async def user_stream(strictness: Strictness) -> None:
    """Buy, rest a stop, take it away and sell again; each kind of event in the SDK's own model and fields."""
    sdk = client()
    streams, raw = sdk.websocket_streams, client().websocket_streams
    key = sdk.rest_api.start_user_data_stream().data().listen_key
    await streams.create_connection()
    await raw.create_connection()
    heard: list[Any] = []
    told: list[Any] = []
    (await streams.user_data(key)).on("message", heard.append)
    await raw.subscribe([key], stream_url="private")
    raw.on("message", told.append, key)
    strictness.drain()
    try:
        await asyncio.to_thread(trade, sdk.rest_api)
        for kind in ("ACCOUNT_CONFIG_UPDATE", "ORDER_TRADE_UPDATE", "TRADE_LITE", "ACCOUNT_UPDATE", "ALGO_UPDATE"):
            await attempt(f"user stream {kind}", lambda kind=kind: one_event(heard, told, kind))
        require_quiet(strictness)
    finally:
        await streams.close_connection()
        await raw.close_connection()
    for kind, why in (
        ("MARGIN_CALL", "the account was never near liquidation"),
        ("listenKeyExpired", "an hour did not pass"),
        ("CONDITIONAL_ORDER_TRIGGER_REJECT", "Binance sends it no more since 2025-12-15"),
        ("GRID_UPDATE, STRATEGY_UPDATE", "events of Binance's own bots"),
    ):
        not_applicable(f"user stream {kind}", why)


def require_quiet(strictness: Strictness) -> None:
    """Nothing the SDK could not read came along."""
    warned = [words for words in strictness.drain() if "Failed to parse" in words or "Unknown" in words]
    if warned:
        failed("user stream: every event is known", warned[0])
    else:
        passed("user stream: every event is known")


def trade(rest: Any) -> None:
    """One of everything the user stream tells of."""
    rest.change_initial_leverage(symbol=SYMBOL, leverage=7)
    rest.new_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity=0.01)
    stop = {"algo_type": "CONDITIONAL", "symbol": SYMBOL, "side": "SELL", "type": "STOP_MARKET", "quantity": 0.01}
    placed = rest.new_algo_order(**stop, trigger_price=round(mark_of(rest) * 0.9, 1)).data()
    rest.cancel_algo_order(algo_id=placed.algo_id)
    rest.new_order(symbol=SYMBOL, side="SELL", type="MARKET", quantity=0.01, reduce_only="true")


def mark_of(rest: Any) -> float:
    """The mark price now."""
    return float(rest.mark_price(symbol=SYMBOL).data().actual_instance.mark_price)


async def one_event(heard: list[Any], told: list[Any], kind: str) -> None:
    """The first event of a kind, parsed and raw."""
    async with asyncio.timeout(HEARD_WITHIN_S):
        while not (models := [one.actual_instance for one in heard if _kind(one.actual_instance) == kind]):
            await asyncio.sleep(0.05)
        while not (rows := [one["data"] for one in told if one["data"].get("e") == kind]):
            await asyncio.sleep(0.05)
    require(not isinstance(models[0], dict), f"the SDK could not read it: {models[0]}")
    # The SDK tells events apart by "e" and leaves it out of their models.
    bare = [{key: value for key, value in row.items() if key != "e"} for row in rows]
    differences = compare_all(zip(models, bare, strict=False))
    if differences:
        failed(f"user stream {kind}: fields", str(differences))
    else:
        passed(f"user stream {kind}: fields")


def _kind(event: Any) -> str:
    if isinstance(event, dict):
        return str(event.get("e"))
    told = getattr(event, "e", None)
    if told:
        return str(told)
    # The SDK's models leave the kind out; their names say it.
    name = type(event).__name__
    return "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in name).lstrip("_").upper()


async def attempt(name: str, what: Callable[[], Awaitable[None]]) -> None:
    """Make one attempt and tell how it went."""
    try:
        await what()
    except TimeoutError:
        failed(name, f"nothing was heard within {HEARD_WITHIN_S:.0f} s")
    except Exception as error:
        failed(name, said(error))
    else:
        passed(name)


if __name__ == "__main__":
    asyncio.run(main())
