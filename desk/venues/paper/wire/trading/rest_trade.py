"""Ordinary orders over REST: place, test, change, cancel, look up, one by one or in batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

import orjson

from desk.venues.paper.engine.values import Refusal, SelfTrade
from desk.venues.paper.wire import errors
from desk.venues.paper.wire.calls import WEEK_HOURS, Desk, page, span, week_before
from desk.venues.paper.wire.figures import Json
from desk.venues.paper.wire.requests.params import Params
from desk.venues.paper.wire.trading.order_json import (
    amendment_row,
    force_order_row,
    order_answer,
    order_row,
    pair_of,
    trade_row,
)
from desk.venues.paper.wire.trading.order_requests import new_order, order_change, order_ids, wants_result

_MAX_BATCH_ORDERS, _MAX_BATCH_CANCELS = 5, 10


def place(desk: Desk, params: Params) -> Json:
    """POST order. The default answer is ACK: taken in, not yet matched."""
    return _place(desk, params, SelfTrade.EXPIRE_MAKER)


def _place(desk: Desk, params: Params, usual: SelfTrade) -> Json:
    result = wants_result(params)
    order = desk.exchange.place_order(desk.account, new_order(desk, params, self_trade=usual))
    return order_answer(order, acknowledged=not result, legacy=desk.wire.legacy_ack)


def test(desk: Desk, params: Params) -> Json:
    """POST order/test: every check, and nothing placed; the answer is the order that would have been, under id 0.

    The reference of 2026 and the SDK made from it tell of an order, always with what an older answer of POST order had.
    """
    wants_result(params)
    order = desk.exchange.check_order(desk.account, new_order(desk, params))
    return {**order_answer(order, acknowledged=True, legacy=True), "orderId": 0}


def amend(desk: Desk, params: Params) -> Json:
    """PUT order: new price and quantity of an open limit order. `modifyId` is the caller's, or numbers the change."""
    order = desk.exchange.amend_order(desk.account, order_change(desk, params))
    answer = order_answer(order, acknowledged=False, legacy=desk.wire.legacy_ack)
    return {**answer, "pair": pair_of(order.symbol), "modifyId": params.integer("modifyId") or order.amendments}


def amendments(desk: Desk, params: Params) -> list[Json]:
    """GET orderAmendment: the changes of one order, oldest first."""
    limit = params.bounded("limit", 50, 1, 100)
    start, end = span(params)
    rows = desk.exchange.amendments(desk.account, desk.symbol(params), *order_ids(params))
    kept = [row for row in rows if (start or 0) <= row.at_ms and (end is None or row.at_ms <= end)]
    return [amendment_row(row) for row in kept[-limit:]]


def countdown(desk: Desk, params: Params) -> Json:
    """POST countdownCancelAll: cancel the symbol's orders unless asked again in time; 0 stops it."""
    symbol, ms = desk.symbol(params), params.need_integer("countdownTime")
    if ms < 0:
        raise errors.invalid("countdownTime")
    desk.exchange.set_countdown(desk.account, symbol, ms)
    return {"symbol": symbol, "countdownTime": str(ms)}


def cancel(desk: Desk, params: Params) -> Json:
    """DELETE order."""
    order_id, client_id = order_ids(params)
    order = desk.exchange.cancel_order(desk.account, desk.symbol(params), order_id, client_id)
    return order_answer(order, acknowledged=False, legacy=desk.wire.legacy_ack)


def cancel_all(desk: Desk, params: Params) -> Json:
    """DELETE allOpenOrders. Conditional orders stay."""
    desk.exchange.cancel_all(desk.account, desk.symbol(params))
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def find(desk: Desk, params: Params) -> Json:
    """GET order."""
    symbol = desk.symbol(params)
    return order_row(desk.exchange.order(desk.account, symbol, *order_ids(params)))


def find_open(desk: Desk, params: Params) -> Json:
    """GET openOrder: as GET order, for an order that can still trade."""
    symbol = desk.symbol(params)
    order = desk.exchange.order(desk.account, symbol, *order_ids(params))
    if order.status.is_final:
        raise Refusal(-2013)
    return order_row(order)


def open_orders(desk: Desk, params: Params) -> list[Json]:
    """GET openOrders."""
    return [order_row(order) for order in desk.exchange.open_orders(desk.account, desk.symbol_or_none(params))]


def all_orders(desk: Desk, params: Params) -> list[Json]:
    """GET allOrders: of the last week unless a time is named. `orderId` pages as `fromId` does elsewhere."""
    symbol = desk.symbol_or_none(params)
    first = params.integer("orderId")
    orders = [row for row in desk.exchange.all_orders(desk.account, symbol) if first is None or row.order_id >= first]
    rows = page(
        orders,
        params,
        at=lambda row: row.created_ms,
        identity=lambda row: row.order_id,
        hours=WEEK_HOURS,
        since=week_before(desk.tape.now_ms()) if first is None else None,
    )
    return [order_row(order) for order in rows]


def user_trades(desk: Desk, params: Params) -> list[Json]:
    """GET userTrades: of the last week unless an id or a time is named.

    The reference asks for a symbol; the venue answers without one too, as python-binance's own tests rely on.
    """
    trades = desk.exchange.trades(desk.account, desk.symbol_or_none(params))
    order_id = params.integer("orderId")
    wanted = [trade for trade in trades if order_id is None or trade.order_id == order_id]
    rows = page(
        wanted,
        params,
        at=lambda row: row.at_ms,
        identity=lambda row: row.trade_id,
        hours=WEEK_HOURS,
        since=week_before(desk.tape.now_ms()) if order_id is None else None,
    )
    return [trade_row(trade) for trade in rows]


def force_orders(desk: Desk, params: Params) -> list[Json]:
    """GET forceOrders: the account's liquidation orders."""
    limit = params.bounded("limit", 50, 1, 100)
    start, end = span(params)
    orders = desk.exchange.all_orders(desk.account, desk.symbol_or_none(params))
    rows = [
        force_order_row(order)
        for order in orders
        if order.liquidation and (start or 0) <= order.created_ms and (end is None or order.created_ms <= end)
    ]
    return rows[-limit:]


def place_batch(desk: Desk, params: Params) -> list[Json]:
    """POST batchOrders: at most five; each is answered by itself, and prevents self-trades only if it says so."""
    return _each(desk, _batch(params, _MAX_BATCH_ORDERS), lambda desk, params: _place(desk, params, SelfTrade.NONE))


def amend_batch(desk: Desk, params: Params) -> list[Json]:
    """PUT batchOrders: at most five; each is answered by itself."""
    return _each(desk, _batch(params, _MAX_BATCH_ORDERS), amend)


def cancel_batch(desk: Desk, params: Params) -> list[Json]:
    """DELETE batchOrders: at most ten, by id or by client id; each is answered by itself."""
    symbol = desk.symbol(params)
    ids = _listed(params, "orderIdList")
    client_ids = _listed(params, "origClientOrderIdList")
    if not ids and not client_ids:
        raise errors.mandatory_pair("origClientOrderIdList", "orderIdList")
    asked = [Params.of({"symbol": symbol, "orderId": order_id}) for order_id in ids]
    asked += [Params.of({"symbol": symbol, "origClientOrderId": client_id}) for client_id in client_ids]
    if len(asked) > _MAX_BATCH_CANCELS:
        raise Refusal(-4083, message="Invalid number of batch cancel orders.")
    return _each(desk, asked, cancel)


def _each(desk: Desk, batch: list[Params], handle: Callable[[Desk, Params], Json]) -> list[Json]:
    answers: list[Json] = []
    for params in batch:
        try:
            answers.append(handle(desk, params))
        except Refusal as refusal:
            answers.append(errors.body_of(refusal.code, refusal.message))
    return answers


def _batch(params: Params, most: int) -> list[Params]:
    listed = _json_list(params.need("batchOrders"), "batchOrders")
    if not 1 <= len(listed) <= most:
        raise Refusal(-4082, message="Invalid number of batch place orders.")
    batch: list[Params] = []
    for element in listed:
        if not isinstance(element, dict):
            raise errors.invalid("batchOrders")
        batch.append(Params.of(cast("Mapping[str, object]", element)))
    return batch


def _listed(params: Params, name: str) -> list[object]:
    text = params.text(name)
    return [] if text is None else _json_list(text, name)


def _json_list(text: str, name: str) -> list[object]:
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise errors.invalid(name) from None
    if not isinstance(value, list):
        raise errors.invalid(name)
    return cast("list[object]", value)
