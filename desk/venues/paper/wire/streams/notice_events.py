"""Streams that give notice: a liquidation, a contract that changed, what margin assets are worth.

Source: Binance USD-M futures, "Websocket Market Streams".
"""

from __future__ import annotations

from desk.venues.paper.engine.values import AssetIndex, LiquidationEvent, SymbolSpec
from desk.venues.paper.wire.figures import Json, figure
from desk.venues.paper.wire.market.exchange_info import NEVER_MS
from desk.venues.paper.wire.market.rows import asset_index_row

_USD_M = 1


def force_order(event: LiquidationEvent, now_ms: int) -> Json:
    """`forceOrder`."""
    order = event.order
    return {
        "e": "forceOrder",
        "E": now_ms,
        "o": {
            "s": order.symbol,
            "S": order.side.value,
            "o": order.type.value,
            "f": order.time_in_force.value,
            "q": figure(order.quantity),
            "p": figure(order.price),
            "ap": figure(order.average_price),
            "X": order.status.value,
            "l": figure(order.filled),
            "z": figure(order.filled),
            "T": event.at_ms,
        },
    }


def contract_info(spec: SymbolSpec, now_ms: int) -> Json:
    """`contractInfo`: a contract as it now stands. Brackets are JSON numbers, as in leverageBracket."""
    return {
        "e": "contractInfo",
        "E": now_ms,
        "s": spec.symbol,
        "ps": spec.pair,
        "ct": spec.contract_type,
        "dt": spec.delivery_ms if spec.delivery_ms is not None else NEVER_MS,
        "ot": spec.onboard_ms,
        "cs": spec.status,
        "bks": [
            {
                "bs": bracket.number,
                "bnf": int(bracket.floor),
                "bnc": int(bracket.cap),
                "mmr": float(bracket.ratio),
                "cf": float(bracket.cum),
                "mi": 1 if bracket is spec.brackets[-1] else following.initial_leverage + 1,
                "ma": bracket.initial_leverage,
            }
            for bracket, following in zip(spec.brackets, (*spec.brackets[1:], spec.brackets[-1]), strict=True)
        ],
        "st": _USD_M,
    }


def asset_index(index: AssetIndex, now_ms: int) -> Json:
    """`assetIndexUpdate`."""
    row = asset_index_row(index)
    return {
        "e": "assetIndexUpdate",
        "E": now_ms,
        "s": row["symbol"],
        "i": row["index"],
        "b": row["bidBuffer"],
        "a": row["askBuffer"],
        "B": row["bidRate"],
        "A": row["askRate"],
        "q": row["autoExchangeBidBuffer"],
        "g": row["autoExchangeAskBuffer"],
        "Q": row["autoExchangeBidRate"],
        "G": row["autoExchangeAskRate"],
    }
