"""Klines of traded, mark, index and premium prices: ascending, and from `startTime` onwards when it is given.

Clients page through history by asking again from the last bar they got; a venue that ignored `startTime` would keep
them asking forever. This market records one price path, its mid; mark and index bars are the traded bars without
volume, and the premium between two equal paths is zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from desk.domain.money import ZERO
from desk.venues.paper.engine.values import Kline
from desk.venues.paper.wire import errors
from desk.venues.paper.wire.calls import Desk, span
from desk.venues.paper.wire.market.rows import kline_row, reference_kline_row
from desk.venues.paper.wire.requests.params import Params

_DEFAULT, _MAX = 500, 1_500
CONTRACT_TYPES: Final = ("PERPETUAL", "CURRENT_QUARTER", "NEXT_QUARTER", "TRADIFI_PERPETUAL")


def klines(desk: Desk, params: Params) -> list[list[object]]:
    """GET klines."""
    return [kline_row(bar) for bar in _bars(desk, params, desk.symbol(params))]


def continuous_klines(desk: Desk, params: Params) -> list[list[object]]:
    """GET continuousKlines: a pair and a contract type instead of a symbol."""
    for name in ("pair", "contractType"):
        params.need(name)
    return [kline_row(bar) for bar in _bars(desk, params, symbol_of(desk, params))]


def mark_klines(desk: Desk, params: Params) -> list[list[object]]:
    """GET markPriceKlines."""
    return _reference(_bars(desk, params, desk.symbol(params)))


def index_klines(desk: Desk, params: Params) -> list[list[object]]:
    """GET indexPriceKlines."""
    params.need("pair")
    return _reference(_bars(desk, params, symbol_of(desk, params)))


def premium_klines(desk: Desk, params: Params) -> list[list[object]]:
    """GET premiumIndexKlines."""
    symbol = desk.symbol(params)
    bars = _bars(desk, params, symbol)
    return [reference_kline_row(bar.open_ms, bar.close_ms, (ZERO,) * 4, bar.trades) for bar in bars]


def symbol_of(desk: Desk, params: Params) -> str:
    """Whose bars are asked for: a symbol's, or those of a pair's contract, the perpetual unless a type is named.

    Raises:
        Refusal: -1121 for a symbol or pair that is not listed, -1130 for a type of contract that does not exist.
    """
    if not params.has("pair"):
        return desk.symbol(params)
    kind = params.need("contractType").upper() if params.has("contractType") else "PERPETUAL"
    if kind not in CONTRACT_TYPES:
        raise errors.invalid("contractType")
    return desk.tape.contract(params.need("pair").upper(), kind)


def request_of(params: Params) -> tuple[str, int | None, int | None, int]:
    """Interval, start, end and limit of a kline request; the order of refusals is Binance's."""
    interval = params.need("interval")
    limit = params.bounded("limit", _DEFAULT, 1, _MAX)
    start, end = span(params)
    return interval, start, end, limit


def _bars(desk: Desk, params: Params, symbol: str) -> Sequence[Kline]:
    return desk.tape.klines(symbol, *request_of(params))


def _reference(bars: Sequence[Kline]) -> list[list[object]]:
    return [
        reference_kline_row(bar.open_ms, bar.close_ms, (bar.open, bar.high, bar.low, bar.close), bar.trades)
        for bar in bars
    ]
