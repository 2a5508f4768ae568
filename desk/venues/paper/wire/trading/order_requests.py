"""From parameters to an order the engine can judge: what is missing, misspelt or misplaced is refused here.

The engine owns every rule about prices, quantities, margin and positions. This file owns spelling: which words exist,
which parameters belong to which endpoint, and that a conditional type on the ordinary endpoint is answered -4120.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, TypeVar

from desk.venues.paper.engine.values import (
    NewAlgo,
    NewOrder,
    OrderChange,
    OrderKind,
    PositionSide,
    PriceMatch,
    Refusal,
    SelfTrade,
    Side,
    TimeInForce,
    WorkingType,
)
from desk.venues.paper.wire import errors
from desk.venues.paper.wire.calls import Desk
from desk.venues.paper.wire.requests.params import Params
from desk.venues.paper.wire.requests.signing import DEFAULT_RECV_WINDOW_MS

_Word = TypeVar("_Word", bound=StrEnum)

_OF_CONDITIONALS_ONLY: Final = ("stopPrice", "triggerPrice", "activationPrice", "activatePrice", "callbackRate")


def new_order(desk: Desk, params: Params, *, self_trade: SelfTrade = SelfTrade.EXPIRE_MAKER) -> NewOrder:
    """POST order, as a value; `self_trade` is the mode where none is sent. Raises Refusal."""
    symbol = desk.symbol(params)
    side = _side(params)
    kind = _ordinary_kind(params)
    for name in _OF_CONDITIONALS_ONLY:
        if params.has(name):
            raise errors.not_required(name)
    if params.flag("closePosition"):
        raise Refusal(-4136, kind.value)
    return NewOrder(
        symbol=symbol,
        side=side,
        type=kind,
        quantity=params.decimal("quantity"),
        price=params.decimal("price"),
        price_match=_price_match(params),
        time_in_force=_time_in_force(params),
        position_side=position_side(params),
        reduce_only=_reduce_only(desk, params) or False,
        client_id=params.client_id("newClientOrderId") or "",
        self_trade=_self_trade(params, self_trade),
        good_till_ms=params.integer("goodTillDate") or 0,
        patience_ms=_patience(desk, params),
    )


def order_change(desk: Desk, params: Params) -> OrderChange:
    """PUT order, as a value. Raises Refusal."""
    symbol = desk.symbol(params)
    order_id, client_id = order_ids(params)
    return OrderChange(
        symbol=symbol,
        side=_side(params),
        quantity=params.need_decimal("quantity"),
        price=params.decimal("price"),
        price_match=_price_match(params),
        order_id=order_id,
        client_id=client_id,
        patience_ms=_patience(desk, params),
    )


def new_algo(desk: Desk, params: Params) -> NewAlgo:
    """POST algoOrder, as a value. Raises Refusal."""
    if params.need("algoType").upper() != "CONDITIONAL":
        raise errors.invalid("algoType")
    symbol = desk.symbol(params)
    side = _side(params)
    kind = _kind(params)
    if not kind.is_conditional:
        raise Refusal(-1116)
    return NewAlgo(
        symbol=symbol,
        side=side,
        type=kind,
        trigger=params.decimal("triggerPrice"),
        quantity=params.decimal("quantity"),
        price=params.decimal("price"),
        price_match=_price_match(params),
        time_in_force=_time_in_force(params),
        position_side=position_side(params),
        working_type=_working_type(params),
        close_position=params.flag("closePosition"),
        price_protect=params.flag("priceProtect"),
        reduce_only=_reduce_only(desk, params),
        client_id=params.client_id("clientAlgoId") or "",
        self_trade=_self_trade(params, SelfTrade.EXPIRE_MAKER),
        good_till_ms=params.integer("goodTillDate") or 0,
        activate_price=params.decimal("activatePrice"),
        callback_rate=params.decimal("callbackRate"),
    )


def wants_result(params: Params) -> bool:
    """Whether the answer is to wait for matching (RESULT); ACK is the default. Raises Refusal -1136."""
    word = params.word("newOrderRespType") or "ACK"
    if word not in ("ACK", "RESULT"):
        raise Refusal(-1136, message="Invalid newOrderRespType.")
    return word == "RESULT"


def order_ids(params: Params) -> tuple[int | None, str | None]:
    """Which order is meant; -1102 when neither id is sent."""
    order_id, client_id = params.integer("orderId"), params.text("origClientOrderId")
    if order_id is None and client_id is None:
        raise errors.mandatory_pair("origClientOrderId", "orderId")
    return order_id, client_id


def algo_ids(params: Params) -> tuple[int | None, str | None]:
    """Which conditional order is meant; -1102 when neither id is sent."""
    algo_id, client_id = params.integer("algoId"), params.text("clientAlgoId")
    if algo_id is None and client_id is None:
        raise errors.mandatory_pair("clientAlgoId", "algoId")
    return algo_id, client_id


def _side(params: Params) -> Side:
    word = params.need("side").upper()
    if word not in Side.__members__:
        raise Refusal(-1117)
    return Side(word)


def _kind(params: Params) -> OrderKind:
    word = params.need("type").upper()
    if word not in OrderKind.__members__:
        raise Refusal(-1116)
    return OrderKind(word)


def _ordinary_kind(params: Params) -> OrderKind:
    kind = _kind(params)
    if kind.is_conditional:
        raise Refusal(-4120)
    return kind


def _time_in_force(params: Params) -> TimeInForce | None:
    return _word(TimeInForce, params, "timeInForce", Refusal(-1115))


def position_side(params: Params) -> PositionSide:
    """The side of the position an order is for; BOTH when none is named. Raises Refusal -4060."""
    refusal = Refusal(-4060, message="Invalid position side.")
    return _word(PositionSide, params, "positionSide", refusal) or PositionSide.BOTH


def _reduce_only(desk: Desk, params: Params) -> bool | None:
    """In hedge mode the position side says what reduces, and the parameter is refused whatever it says."""
    if params.has("reduceOnly") and desk.exchange.position_mode(desk.account):
        raise errors.not_required("reduceonly")
    return _flag_if_sent(params, "reduceOnly")


def _self_trade(params: Params, usual: SelfTrade) -> SelfTrade:
    refusal = Refusal(-5039)
    return _word(SelfTrade, params, "selfTradePreventionMode", refusal) or usual


def _price_match(params: Params) -> PriceMatch:
    return _word(PriceMatch, params, "priceMatch", Refusal(-5037)) or PriceMatch.NONE


def _working_type(params: Params) -> WorkingType:
    refusal = Refusal(-4031, params.peek("workingType"))
    return _word(WorkingType, params, "workingType", refusal) or WorkingType.CONTRACT_PRICE


def _flag_if_sent(params: Params, name: str) -> bool | None:
    return params.flag(name) if params.has(name) else None


def _patience(desk: Desk, params: Params) -> int | None:
    """What is left of the request's window; all of it where another clock than the venue's stamped the request."""
    window = params.integer("recvWindow") or DEFAULT_RECV_WINDOW_MS
    stamped = params.integer("timestamp")
    if stamped is None:
        return None
    left = stamped + window - desk.venue.now_ms()
    return left if 0 <= left <= window else window


def _word(kind: type[_Word], params: Params, name: str, refusal: Refusal) -> _Word | None:
    word = params.word(name)
    if word is None:
        return None
    if word not in kind.__members__:
        raise refusal
    return kind(word)
