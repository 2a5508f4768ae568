"""Market statistics under /futures/data: what takers bought and sold, and how far contracts stand from the index.

All of it is read from the market's own bars, so it agrees with the klines that the same client sees. Only the last
thirty days are told, periods are 5m to 1d, and a period is told once it is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from desk.domain.money import ZERO
from desk.venues.paper.engine.values import Kline
from desk.venues.paper.wire import errors
from desk.venues.paper.wire.calls import Desk, span
from desk.venues.paper.wire.figures import Json, figure, fixed
from desk.venues.paper.wire.market.rest_klines import CONTRACT_TYPES
from desk.venues.paper.wire.market.tape import DAY_MS, INTERVALS, BarRequest
from desk.venues.paper.wire.requests.params import Params

PERIODS: Final = ("5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d")
_KEPT_MS: Final = 30 * DAY_MS
_DEFAULT, _MOST = 30, 500
_YEAR_MS: Final = 365 * DAY_MS


def taker_volume(desk: Desk, params: Params) -> list[Json]:
    """GET takerlongshortRatio: base asset bought and sold by takers."""
    rows: list[Json] = []
    for bar in finished_bars(desk, params, desk.symbol(params)):
        sold = bar.volume - bar.taker_base
        rows.append(
            {
                "buySellRatio": fixed(bar.taker_base / sold if sold else ZERO, 4),
                "buyVol": fixed(bar.taker_base, 4),
                "sellVol": fixed(sold, 4),
                "timestamp": bar.open_ms,
            }
        )
    return rows


def basis(desk: Desk, params: Params) -> list[Json]:
    """GET basis: a contract's price less the index of its pair; the yearly rate only where the contract ends."""
    pair = params.need("pair").upper()
    contract = params.need("contractType").upper()
    if contract not in CONTRACT_TYPES:
        raise errors.invalid("contractType")
    symbol, index_symbol = desk.tape.contract(pair, contract), desk.tape.contract(pair, "PERPETUAL")
    ends = desk.tape.spec(symbol).delivery_ms
    indices = {bar.open_ms: bar.close for bar in finished_bars(desk, params, index_symbol)}
    rows: list[Json] = []
    for bar in finished_bars(desk, params, symbol):
        index = indices.get(bar.open_ms)
        if index is None:
            continue
        apart = bar.close - index
        left = 0 if ends is None else ends - bar.close_ms
        rows.append(
            {
                "indexPrice": figure(index),
                "contractType": contract,
                "basisRate": fixed(apart / index, 4),
                "futuresPrice": figure(bar.close),
                "annualizedBasisRate": fixed(apart / index * _YEAR_MS / left, 4) if left > 0 else "",
                "basis": figure(apart),
                "pair": pair,
                "timestamp": bar.open_ms,
            }
        )
    return rows


def period_of(params: Params) -> str:
    """The period that must be named. Raises Refusal -1130 for one that is not kept."""
    period = params.need("period")
    if period not in PERIODS:
        raise errors.invalid("period")
    return period


def bar_request(desk: Desk, params: Params, symbol: str) -> BarRequest:
    """The bars that a statistic of `symbol` is read from: one more than asked for, as the running period is not told.

    Raises:
        Refusal: -1130 for times before the last thirty days, and for a bad period or limit; -1023.
    """
    period = period_of(params)
    limit = params.bounded("limit", _DEFAULT, 1, _MOST)
    start, end = span(params)
    now = desk.tape.now_ms()
    for name, moment in (("startTime", start), ("endTime", end)):
        if moment is not None and moment < now - _KEPT_MS:
            raise errors.invalid(name)
    return symbol, period, start, now if end is None else min(end, now), limit + 1


def finished_bars(desk: Desk, params: Params, symbol: str) -> Sequence[Kline]:
    """The bars of the periods asked for: the newest, or those from `startTime` on. Raises as `bar_request`."""
    _, period, start, last, limit = bar_request(desk, params, symbol)
    now = desk.tape.now_ms()
    bars = desk.tape.klines(symbol, period, start, last, limit)
    over = [bar for bar in bars if now - _KEPT_MS <= bar.open_ms <= now - INTERVALS[period]]
    return over[: limit - 1] if start is not None else over[1 - limit :]
