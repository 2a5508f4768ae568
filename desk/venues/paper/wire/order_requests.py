"""From parameters to an order the engine can judge: what is missing, misspelt or misplaced is refused here.

The engine owns every rule about prices, quantities, margin and positions. This file owns spelling: which words exist,
which parameters belong to which endpoint, and that a conditional type on the ordinary endpoint is answered -4120.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar

from desk.venues.paper.engine.values import (
    Depth,
    NewAlgo,
    NewOrder,
    OrderKind,
    PositionSide,
    Refusal,
    SelfTrade,
    Side,
    TimeInForce,
    WorkingType,
)
from desk.venues.paper.wire import errors
from desk.venues.paper.wire.calls import Desk
from desk.venues.paper.wire.params import Params

_Word = TypeVar("_Word", bound=StrEnum)

_OF_CONDITIONALS_ONLY: Final = ("stopPrice", "triggerPrice", "activationPrice", "activatePrice", "callbackRate")
# priceMatch: whose side of the book, and how many levels deep (1 is the touch).
_PRICE_MATCHES: Final = {
    "OPPONENT": (True, 1),
    "OPPONENT_5": (True, 5),
    "OPPONENT_10": (True, 10),
    "OPPONENT_20": (True, 20),
    "QUEUE": (False, 1),
    "QUEUE_5": (False, 5),
    "QUEUE_10": (False, 10),
    "QUEUE_20": (False, 20),
}


def new_order(desk: Desk, params: Params) -> NewOrder:
    """POST order, as a value. Raises Refusal."""
    symbol = desk.symbol(params)
    side = _side(params)
    kind = _ordinary_kind(params)
    for name in _OF_CONDITIONALS_ONLY:
        if params.has(name):
            raise errors.not_required(name)
    if params.flag("closePosition"):
        raise Refusal(-4136, message="Target strategy invalid for orderType " + kind.value + ",closePosition true")
    return NewOrder(
        symbol=symbol,
        side=side,
        type=kind,
        quantity=params.decimal("quantity"),
        price=_price(desk, params, symbol, side),
        time_in_force=_time_in_force(params),
        position_side=position_side(params),
        reduce_only=params.flag("reduceOnly"),
        client_id=params.client_id("newClientOrderId") or "",
        self_trade=_self_trade(params),
        good_till_ms=params.integer("goodTillDate") or 0,
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
        price=_price(desk, params, symbol, side),
        time_in_force=_time_in_force(params),
        position_side=position_side(params),
        working_type=_word(WorkingType, params, "workingType", errors.invalid("workingType"))
        or WorkingType.CONTRACT_PRICE,
        close_position=params.flag("closePosition"),
        price_protect=params.flag("priceProtect"),
        reduce_only=params.flag("reduceOnly"),
        client_id=params.client_id("clientAlgoId") or "",
        self_trade=_self_trade(params),
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


def side_of(params: Params) -> Side:
    """The mandatory side."""
    return _side(params)


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


def _self_trade(params: Params) -> SelfTrade:
    refusal = Refusal(-5039, message="Invalid self trade prevention mode")
    return _word(SelfTrade, params, "selfTradePreventionMode", refusal) or SelfTrade.EXPIRE_MAKER


def _word(kind: type[_Word], params: Params, name: str, refusal: Refusal) -> _Word | None:
    word = params.word(name)
    if word is None:
        return None
    if word not in kind.__members__:
        raise refusal
    return kind(word)


def _price(desk: Desk, params: Params, symbol: str, side: Side) -> Decimal | None:
    match = params.word("priceMatch") or "NONE"
    if match == "NONE":
        return params.decimal("price")
    if match not in _PRICE_MATCHES:
        raise Refusal(-5037, message="Invalid price match")
    if params.has("price"):
        raise errors.not_required("price")
    opponent, depth = _PRICE_MATCHES[match]
    return matched_price(desk.tape.book(symbol, depth), side, opponent=opponent, depth=depth)


def matched_price(book: Depth, side: Side, *, opponent: bool, depth: int) -> Decimal:
    """The price of the `depth`-th level of the opposite (`opponent`) or own (queue) side. Raises Refusal -5041."""
    levels = book.asks if (side is Side.BUY) == opponent else book.bids
    if len(levels) < depth:
        raise Refusal(-5041, message="No depth matches this BBO order.")
    return levels[depth - 1].price
