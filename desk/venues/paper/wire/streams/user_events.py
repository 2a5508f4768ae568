"""The private stream's events in Binance's short-named JSON, in the order the engine announced them.

A fill is told first by TRADE_LITE, which is quick and carries no fee, and then by ORDER_TRADE_UPDATE.
Source: Binance USD-M futures, "User Data Streams".
"""

from __future__ import annotations

from collections.abc import Iterator

from desk.venues.paper.engine.values import (
    AccountEvent,
    AlgoEvent,
    ConfigEvent,
    Event,
    MarginCall,
    OrderEvent,
    PositionRow,
    Trade,
)
from desk.venues.paper.wire.figures import Json, figure, money


def account_of(event: Event) -> str | None:
    """Whose private stream the event belongs to; None for public events."""
    if isinstance(event, OrderEvent | AccountEvent | AlgoEvent | MarginCall | ConfigEvent):
        return event.account
    return None


def payloads(event: Event, now_ms: int) -> Iterator[Json]:
    """What the private stream carries for one event of the engine; nothing for public events."""
    if isinstance(event, OrderEvent):
        if event.trade is not None:
            yield trade_lite(event, event.trade, now_ms)
        yield order_update(event, now_ms)
    elif isinstance(event, AccountEvent):
        yield account_update(event, now_ms)
    elif isinstance(event, AlgoEvent):
        yield algo_update(event, now_ms)
    elif isinstance(event, MarginCall):
        yield margin_call(event, now_ms)
    elif isinstance(event, ConfigEvent):
        yield config_update(event, now_ms)


def order_update(event: OrderEvent, now_ms: int) -> Json:
    """ORDER_TRADE_UPDATE."""
    order, trade = event.order, event.trade
    body: Json = {
        "s": order.symbol,
        "c": order.client_id,
        "S": order.side.value,
        "o": order.type.value,
        "f": order.time_in_force.value,
        "q": figure(order.quantity),
        "p": figure(order.price),
        "ap": figure(order.average_price),
        "sp": figure(order.stop_price),
        "x": event.execution.value,
        "X": order.status.value,
        "i": order.order_id,
        "l": figure(trade.quantity) if trade else "0",
        "z": figure(order.filled),
        "L": figure(trade.price) if trade else "0",
        "T": event.at_ms,
        "t": trade.trade_id if trade else 0,
        "b": "0",
        "a": "0",
        "m": trade.maker if trade else False,
        "R": order.reduce_only,
        "wt": order.working_type.value,
        "ot": order.original_type.value,
        "ps": order.position_side.value,
        "cp": order.close_position,
        "AP": "0",
        "cr": "0",
        "pP": order.price_protect,
        "si": order.algo_id or 0,
        "ss": 0,
        "rp": money(trade.realized) if trade else "0",
        "V": order.self_trade.value,
        "pm": order.price_match.value,
        "gtd": order.good_till_ms,
        "er": str(int(event.expiry)),
    }
    if trade:
        body["N"] = trade.fee_asset
        body["n"] = money(trade.fee)
    return {"e": "ORDER_TRADE_UPDATE", "T": event.at_ms, "E": now_ms, "o": body}


def trade_lite(event: OrderEvent, trade: Trade, now_ms: int) -> Json:
    """TRADE_LITE."""
    order = event.order
    return {
        "e": "TRADE_LITE",
        "E": now_ms,
        "T": event.at_ms,
        "s": order.symbol,
        "q": figure(order.quantity),
        "p": figure(order.price),
        "m": trade.maker,
        "c": order.client_id,
        "S": order.side.value,
        "L": figure(trade.price),
        "l": figure(trade.quantity),
        "t": trade.trade_id,
        "i": order.order_id,
    }


def account_update(event: AccountEvent, now_ms: int) -> Json:
    """ACCOUNT_UPDATE. `S` names the symbol of a funding payment, since August 2026."""
    balances = [
        {"a": row.asset, "wb": money(row.wallet), "cw": money(row.cross_wallet), "bc": money(row.change)}
        for row in event.balances
    ]
    positions = [_position(row) for row in event.positions]
    named = {"S": event.symbol} if event.symbol else {}
    return {
        "e": "ACCOUNT_UPDATE",
        "T": event.at_ms,
        "E": now_ms,
        "a": {"m": event.reason.value, "B": balances, "P": positions, **named},
    }


def _position(row: PositionRow) -> Json:
    return {
        "s": row.symbol,
        "pa": figure(row.quantity),
        "ep": figure(row.entry_price),
        "bep": figure(row.break_even_price),
        "cr": money(row.realized_total),
        "up": money(row.unrealized),
        "mt": "isolated" if row.isolated else "cross",
        "iw": money(row.isolated_wallet),
        "ps": row.position_side.value,
    }


def algo_update(event: AlgoEvent, now_ms: int) -> Json:
    """ALGO_UPDATE. `ia` says whether a trailing stop follows the price already."""
    algo = event.algo
    became_order = algo.order_id is not None
    body: Json = {
        "caid": algo.client_id,
        "aid": algo.algo_id,
        "at": "CONDITIONAL",
        "o": algo.type.value,
        "s": algo.symbol,
        "S": algo.side.value,
        "ps": algo.position_side.value,
        "f": algo.time_in_force.value,
        "q": figure(algo.quantity),
        "X": algo.status.value,
        "ai": str(algo.order_id) if became_order else "",
        "ap": figure(algo.average_price),
        "aq": figure(algo.filled),
        "act": ("MARKET" if algo.type.becomes_market else "LIMIT") if became_order else "0",
        "tp": figure(algo.trigger),
        "p": figure(algo.price),
        "V": algo.self_trade.value,
        "wt": algo.working_type.value,
        "pm": algo.price_match.value,
        "cp": algo.close_position,
        "pP": algo.price_protect,
        "R": algo.reduce_only,
        "tt": algo.triggered_ms,
        "gtd": algo.good_till_ms,
        "rm": algo.reject_reason,
        "ia": algo.activated,
    }
    return {"e": "ALGO_UPDATE", "T": event.at_ms, "E": now_ms, "o": body}


def margin_call(event: MarginCall, now_ms: int) -> Json:
    """MARGIN_CALL."""
    return {
        "e": "MARGIN_CALL",
        "E": now_ms,
        "cw": money(event.cross_wallet),
        "p": [
            {
                "s": row.symbol,
                "ps": row.position_side.value,
                "pa": figure(row.quantity),
                "mt": "ISOLATED" if row.isolated else "CROSSED",
                "iw": money(row.isolated_wallet),
                "mp": figure(row.mark_price),
                "up": money(row.unrealized),
                "mm": money(row.maint_margin),
            }
            for row in event.positions
        ],
    }


def config_update(event: ConfigEvent, now_ms: int) -> Json:
    """ACCOUNT_CONFIG_UPDATE: a leverage, or the asset mode."""
    change: Json = (
        {"ac": {"s": event.symbol, "l": event.leverage}} if event.symbol else {"ai": {"j": bool(event.multi_assets)}}
    )
    return {"e": "ACCOUNT_CONFIG_UPDATE", "E": now_ms, "T": event.at_ms, **change}


def listen_key_expired(key: str, now_ms: int) -> Json:
    """ListenKeyExpired."""
    return {"e": "listenKeyExpired", "E": now_ms, "listenKey": key}
