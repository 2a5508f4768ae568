"""What the account may choose, over REST: leverage, margin type, position mode, asset mode, isolated margin."""

from __future__ import annotations

from desk.venues.paper.engine.values import Refusal
from desk.venues.paper.wire import errors
from desk.venues.paper.wire.account.account_json import margin_change_row
from desk.venues.paper.wire.calls import Desk, span
from desk.venues.paper.wire.figures import Json, figure
from desk.venues.paper.wire.requests.params import Params
from desk.venues.paper.wire.trading.order_requests import position_side

_ADD, _REDUCE = 1, 2


def _done() -> Json:
    return {"code": 200, "msg": "success"}


def set_leverage(desk: Desk, params: Params) -> Json:
    """POST leverage."""
    symbol = desk.symbol(params)
    chosen = desk.exchange.set_leverage(desk.account, symbol, params.need_integer("leverage"))
    return {"leverage": chosen.leverage, "maxNotionalValue": figure(chosen.max_notional), "symbol": symbol}


def set_margin_type(desk: Desk, params: Params) -> Json:
    """POST marginType: ISOLATED or CROSSED."""
    symbol = desk.symbol(params)
    word = params.need("marginType").upper()
    if word not in ("ISOLATED", "CROSSED"):
        raise Refusal(-4150, message="Invalid margin type.")
    desk.exchange.set_margin_type(desk.account, symbol, isolated=word == "ISOLATED")
    return _done()


def position_mode(desk: Desk, params: Params) -> Json:
    """GET positionSide/dual."""
    del params
    return {"dualSidePosition": desk.exchange.position_mode(desk.account)}


def set_position_mode(desk: Desk, params: Params) -> Json:
    """POST positionSide/dual."""
    desk.exchange.set_position_mode(desk.account, hedge=params.need_flag("dualSidePosition"))
    return _done()


def multi_assets(desk: Desk, params: Params) -> Json:
    """GET multiAssetsMargin."""
    del params
    return {"multiAssetsMargin": desk.exchange.multi_assets(desk.account)}


def set_multi_assets(desk: Desk, params: Params) -> Json:
    """POST multiAssetsMargin."""
    desk.exchange.set_multi_assets(desk.account, on=params.need_flag("multiAssetsMargin"))
    return _done()


def fee_burn(desk: Desk, params: Params) -> Json:
    """GET feeBurn."""
    del params
    return {"feeBurn": desk.exchange.fee_burn(desk.account)}


def set_fee_burn(desk: Desk, params: Params) -> Json:
    """POST feeBurn."""
    desk.exchange.set_fee_burn(desk.account, on=params.need_flag("feeBurn"))
    return _done()


def adjust_margin(desk: Desk, params: Params) -> Json:
    """POST positionMargin: `type` 1 adds to an isolated position, 2 takes from it."""
    symbol = desk.symbol(params)
    amount = params.need_decimal("amount")
    kind = params.need_integer("type")
    if kind not in (_ADD, _REDUCE):
        raise errors.invalid("type")
    side = position_side(params)
    change = desk.exchange.adjust_margin(desk.account, symbol, amount, add=kind == _ADD, side=side)
    return {"amount": float(change.amount), "code": 200, "msg": "Successfully modify position margin.", "type": kind}


def margin_changes(desk: Desk, params: Params) -> list[Json]:
    """GET positionMargin/history."""
    symbol = desk.symbol(params)
    kind = params.integer("type")
    limit = params.bounded("limit", 500, 1, 1_000)
    start, end = span(params)
    rows = [
        margin_change_row(change)
        for change in desk.exchange.margin_changes(desk.account, symbol)
        if (kind is None or change.kind == kind)
        and (start is None or change.at_ms >= start)
        and (end is None or change.at_ms <= end)
    ]
    return rows[-limit:]
