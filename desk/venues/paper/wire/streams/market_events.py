"""The market streams' payloads in Binance's short-named JSON. `st` is 1 for USD-M, `ps` names the pair.

Source: Binance USD-M futures, "Websocket Market Streams".
"""

from __future__ import annotations

from desk.venues.paper.engine.values import (
    Depth,
    Kline,
    MarkView,
    PublicTrade,
    Side,
    SymbolSpec,
)
from desk.venues.paper.wire.figures import Json, figure, fixed
from desk.venues.paper.wire.market.rows import (
    DayTicker,
    agg_trade_row,
    average,
    levels,
    percent,
    touch,
)

_USD_M = 1


def kline(symbol: str, interval: str, bar: Kline, now_ms: int) -> Json:
    """`kline`; the bar is final once its close time is past."""
    body = {"t": bar.open_ms, "T": bar.close_ms, "s": symbol, "i": interval, **_bar(bar, now_ms)}
    return {"e": "kline", "E": now_ms, "s": symbol, "k": body}


def continuous_kline(pair: str, contract: str, interval: str, bar: Kline, now_ms: int) -> Json:
    """`continuous_kline` of a pair's contract of one kind."""
    body = {"t": bar.open_ms, "T": bar.close_ms, "i": interval, **_bar(bar, now_ms)}
    return {"e": "continuous_kline", "E": now_ms, "ps": pair, "ct": contract, "k": body}


def _bar(bar: Kline, now_ms: int) -> Json:
    return {
        "f": -1,
        "L": -1,
        "o": figure(bar.open),
        "c": figure(bar.close),
        "h": figure(bar.high),
        "l": figure(bar.low),
        "v": figure(bar.volume),
        "n": bar.trades,
        "x": bar.close_ms < now_ms,
        "q": figure(bar.quote_volume),
        "V": figure(bar.taker_base),
        "Q": figure(bar.taker_quote),
        "B": "0",
    }


def agg_trade(trade: PublicTrade, now_ms: int) -> Json:
    """`aggTrade`."""
    return {
        "e": "aggTrade",
        "E": now_ms,
        "s": trade.symbol,
        **agg_trade_row(trade),
        "st": _USD_M,
    }


def trade(trade: PublicTrade, now_ms: int) -> Json:
    """`trade`."""
    return {
        "e": "trade",
        "E": now_ms,
        "T": trade.at_ms,
        "s": trade.symbol,
        "t": trade.trade_id,
        "p": figure(trade.price),
        "q": figure(trade.quantity),
        "X": "MARKET",
        "m": trade.side is Side.SELL,
    }


def mark_price(mark: MarkView, now_ms: int) -> Json:
    """`markPriceUpdate`. `ap` is the mark again: this market smooths nothing."""
    return {
        "e": "markPriceUpdate",
        "E": now_ms,
        "s": mark.symbol,
        "p": fixed(mark.mark, 8),
        "i": fixed(mark.index, 8),
        "P": fixed(mark.index, 8),
        "ap": fixed(mark.mark, 8),
        "r": fixed(mark.funding_rate, 8),
        "T": mark.next_funding_ms,
        "st": _USD_M,
    }


def ticker(spec: SymbolSpec, day: DayTicker, now_ms: int) -> Json:
    """`24hrTicker`."""
    return {
        "e": "24hrTicker",
        "E": now_ms,
        "s": day.symbol,
        "p": figure(day.last - day.open),
        "P": fixed(percent(day), 3),
        "w": figure(average(day)),
        "c": figure(day.last),
        "Q": figure(day.last_quantity),
        "o": figure(day.open),
        "h": figure(day.high),
        "l": figure(day.low),
        "v": figure(day.volume),
        "q": figure(day.quote_volume),
        "O": day.open_ms,
        "C": day.close_ms,
        "F": day.first_id,
        "L": day.last_id,
        "n": day.count,
        "ps": spec.pair,
        "st": _USD_M,
    }


def mini_ticker(spec: SymbolSpec, day: DayTicker, now_ms: int) -> Json:
    """`24hrMiniTicker`."""
    return {
        "e": "24hrMiniTicker",
        "E": now_ms,
        "s": day.symbol,
        "c": figure(day.last),
        "o": figure(day.open),
        "h": figure(day.high),
        "l": figure(day.low),
        "v": figure(day.volume),
        "q": figure(day.quote_volume),
        "ps": spec.pair,
        "st": _USD_M,
    }


def book_ticker(spec: SymbolSpec, depth: Depth, now_ms: int) -> Json:
    """`bookTicker`."""
    bid, ask = touch(depth)
    return {
        "e": "bookTicker",
        "u": depth.update_id,
        "E": now_ms,
        "T": depth.at_ms,
        "s": depth.symbol,
        "ps": spec.pair,
        "b": figure(bid.price),
        "B": figure(bid.quantity),
        "a": figure(ask.price),
        "A": figure(ask.quantity),
        "st": _USD_M,
    }


def depth_update(
    spec: SymbolSpec, depth: Depth, bids: list[list[str]], asks: list[list[str]], previous_id: int, now_ms: int
) -> Json:
    """`depthUpdate`: levels that changed since update `previous_id`; a quantity of 0 removes a level."""
    return {
        "e": "depthUpdate",
        "E": now_ms,
        "T": depth.at_ms,
        "s": depth.symbol,
        "ps": spec.pair,
        "U": previous_id + 1,
        "u": depth.update_id,
        "pu": previous_id,
        "b": bids,
        "a": asks,
        "st": _USD_M,
    }


def partial_depth(spec: SymbolSpec, depth: Depth, previous_id: int, now_ms: int) -> Json:
    """The best levels, whole, in the shape of `depthUpdate`."""
    return depth_update(spec, depth, levels(depth.bids), levels(depth.asks), previous_id, now_ms)
