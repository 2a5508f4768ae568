"""What an account may ask of the venue: a new order, a new conditional order, a change of one that rests.

Nothing here is judged yet; `admission`, `conditional` and `requests` do that. A price is either written or left to
`price_match`, which the venue reads off its own book.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from desk.domain.orders import Side
from desk.venues.paper.engine.vocabulary.orders import (
    OrderKind,
    PositionSide,
    PriceMatch,
    SelfTrade,
    TimeInForce,
    WorkingType,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """A request for POST /fapi/v1/order. `client_id` empty: the venue names it.

    `patience_ms` is what is left of the request's recvWindow; an order that would take longer on its way to the book is
    refused. None: as long as it takes.
    """

    symbol: str
    side: Side
    type: OrderKind
    quantity: Decimal | None = None
    price: Decimal | None = None
    price_match: PriceMatch = PriceMatch.NONE
    time_in_force: TimeInForce | None = None
    position_side: PositionSide = PositionSide.BOTH
    reduce_only: bool = False
    client_id: str = ""
    self_trade: SelfTrade = SelfTrade.EXPIRE_MAKER
    good_till_ms: int = 0
    patience_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlgo:
    """A request for POST /fapi/v1/algoOrder. `callback_rate` is in percent, as on the wire.

    A `price_match` is read off the book when the order triggers.
    """

    symbol: str
    side: Side
    type: OrderKind
    trigger: Decimal | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    price_match: PriceMatch = PriceMatch.NONE
    time_in_force: TimeInForce | None = None
    position_side: PositionSide = PositionSide.BOTH
    working_type: WorkingType = WorkingType.CONTRACT_PRICE
    close_position: bool = False
    price_protect: bool = False
    reduce_only: bool | None = None
    client_id: str = ""
    self_trade: SelfTrade = SelfTrade.EXPIRE_MAKER
    good_till_ms: int = 0
    activate_price: Decimal | None = None
    callback_rate: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChange:
    """A request for PUT /fapi/v1/order: the new price and quantity of an order named by either id."""

    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal | None = None
    price_match: PriceMatch = PriceMatch.NONE
    order_id: int | None = None
    client_id: str | None = None
    patience_ms: int | None = None
