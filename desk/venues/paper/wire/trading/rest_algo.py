"""Conditional orders over REST. They have their own endpoints, ids and lists, and ordinary lists never show them."""

from __future__ import annotations

from desk.venues.paper.wire.calls import WEEK_HOURS, Desk, page
from desk.venues.paper.wire.figures import Json
from desk.venues.paper.wire.requests.params import Params
from desk.venues.paper.wire.trading.order_json import (
    algo_answer,
    algo_cancelled,
    algo_row,
    listed_algo_row,
    open_algo_row,
)
from desk.venues.paper.wire.trading.order_requests import algo_ids, new_algo, wants_result


def place(desk: Desk, params: Params) -> Json:
    """POST algoOrder."""
    wants_result(params)
    return algo_answer(desk.exchange.place_algo(desk.account, new_algo(desk, params)))


def find(desk: Desk, params: Params) -> Json:
    """GET algoOrder."""
    return algo_row(desk.exchange.algo(desk.account, *algo_ids(params)))


def cancel(desk: Desk, params: Params) -> Json:
    """DELETE algoOrder."""
    return algo_cancelled(desk.exchange.cancel_algo(desk.account, *algo_ids(params)))


def open_algos(desk: Desk, params: Params) -> list[Json]:
    """GET openAlgoOrders."""
    algo_id = params.integer("algoId")
    rows = desk.exchange.open_algos(desk.account, desk.symbol_or_none(params))
    return [open_algo_row(algo) for algo in rows if algo_id is None or algo.algo_id == algo_id]


def all_algos(desk: Desk, params: Params) -> list[Json]:
    """GET allAlgoOrders. `algoId` pages as `fromId` does elsewhere."""
    first = params.integer("algoId")
    every = desk.exchange.all_algos(desk.account, desk.symbol(params))
    algos = [row for row in every if first is None or row.algo_id >= first]
    rows = page(algos, params, at=lambda row: row.created_ms, identity=lambda row: row.algo_id, hours=WEEK_HOURS)
    return [listed_algo_row(algo) for algo in rows]


def cancel_all(desk: Desk, params: Params) -> Json:
    """DELETE algoOpenOrders."""
    desk.exchange.cancel_all_algos(desk.account, desk.symbol(params))
    return {"code": 200, "msg": "The operation of cancel all open order is done."}
