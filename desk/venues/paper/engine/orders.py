"""Orders as the venue keeps them: what was asked, what became of it, and each trade. Times are ms UTC at the venue."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from desk.domain.money import ZERO
from desk.domain.orders import OrderStatus, Side, StopStatus


class OrderKind(StrEnum):
    """Order types on the wire. Conditional ones live in their own id space (`NewAlgo`)."""

    LIMIT = "LIMIT"
    MARKET = "MARKET"
    STOP = "STOP"
    STOP_MARKET = "STOP_MARKET"
    TAKE_PROFIT = "TAKE_PROFIT"
    TAKE_PROFIT_MARKET = "TAKE_PROFIT_MARKET"
    TRAILING_STOP_MARKET = "TRAILING_STOP_MARKET"

    @property
    def is_conditional(self) -> bool:
        """Whether the type waits for a trigger price."""
        return self not in (OrderKind.LIMIT, OrderKind.MARKET)

    @property
    def becomes_market(self) -> bool:
        """Whether the order, now or once triggered, takes whatever the book offers."""
        return self not in (OrderKind.LIMIT, OrderKind.STOP, OrderKind.TAKE_PROFIT)


class TimeInForce(StrEnum):
    """How long a limit order stands; GTX is post-only, GTD ends at `good_till_ms`."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    GTX = "GTX"
    GTD = "GTD"


class PositionSide(StrEnum):
    """BOTH in one-way mode; LONG and SHORT exist in hedge mode only."""

    BOTH = "BOTH"
    LONG = "LONG"
    SHORT = "SHORT"


class WorkingType(StrEnum):
    """Which price releases a conditional order."""

    MARK_PRICE = "MARK_PRICE"
    CONTRACT_PRICE = "CONTRACT_PRICE"


class SelfTrade(StrEnum):
    """What happens when an order would trade with one of the same account."""

    NONE = "NONE"
    EXPIRE_TAKER = "EXPIRE_TAKER"
    EXPIRE_MAKER = "EXPIRE_MAKER"
    EXPIRE_BOTH = "EXPIRE_BOTH"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """A request for POST /fapi/v1/order. `client_id` empty: the venue names it."""

    symbol: str
    side: Side
    type: OrderKind
    quantity: Decimal | None = None
    price: Decimal | None = None
    time_in_force: TimeInForce | None = None
    position_side: PositionSide = PositionSide.BOTH
    reduce_only: bool = False
    client_id: str = ""
    self_trade: SelfTrade = SelfTrade.EXPIRE_MAKER
    good_till_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlgo:
    """A request for POST /fapi/v1/algoOrder. `callback_rate` is in percent, as on the wire."""

    symbol: str
    side: Side
    type: OrderKind
    trigger: Decimal | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    time_in_force: TimeInForce | None = None
    position_side: PositionSide = PositionSide.BOTH
    working_type: WorkingType = WorkingType.CONTRACT_PRICE
    close_position: bool = False
    price_protect: bool = False
    reduce_only: bool = False
    client_id: str = ""
    self_trade: SelfTrade = SelfTrade.EXPIRE_MAKER
    good_till_ms: int = 0
    activate_price: Decimal | None = None
    callback_rate: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An ordinary order. `quote_filled` is the sum of price x quantity of its trades; `price` is 0 for MARKET.

    `original_type` and `algo_id` tell of the conditional order it came from, if any. `queue` is its place in time among
    resting orders of one price.
    """

    account: str
    order_id: int
    client_id: str
    symbol: str
    side: Side
    type: OrderKind
    original_type: OrderKind
    time_in_force: TimeInForce
    quantity: Decimal
    price: Decimal
    status: OrderStatus
    created_ms: int
    updated_ms: int
    filled: Decimal = ZERO
    quote_filled: Decimal = ZERO
    position_side: PositionSide = PositionSide.BOTH
    reduce_only: bool = False
    close_position: bool = False
    self_trade: SelfTrade = SelfTrade.EXPIRE_MAKER
    good_till_ms: int = 0
    algo_id: int | None = None
    stop_price: Decimal = ZERO
    working_type: WorkingType = WorkingType.CONTRACT_PRICE
    price_protect: bool = False
    liquidation: bool = False
    queue: int = 0

    @property
    def remaining(self) -> Decimal:
        """Quantity not traded yet."""
        return self.quantity - self.filled

    @property
    def average_price(self) -> Decimal:
        """Mean price of the trades so far, 0 before the first."""
        return self.quote_filled / self.filled if self.filled else ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class AlgoOrder:
    """A conditional order. `order_id` is the ordinary order it became; `reject_reason` is set with REJECTED.

    `quantity` is 0 with `close_position`. For a trailing stop `extreme` is the best price seen since activation and
    `trigger` follows it.
    """

    account: str
    algo_id: int
    client_id: str
    symbol: str
    side: Side
    type: OrderKind
    time_in_force: TimeInForce
    quantity: Decimal
    trigger: Decimal
    price: Decimal
    status: StopStatus
    created_ms: int
    updated_ms: int
    position_side: PositionSide = PositionSide.BOTH
    working_type: WorkingType = WorkingType.CONTRACT_PRICE
    close_position: bool = False
    price_protect: bool = False
    reduce_only: bool = False
    self_trade: SelfTrade = SelfTrade.EXPIRE_MAKER
    good_till_ms: int = 0
    activate_price: Decimal = ZERO
    callback_rate: Decimal = ZERO
    activated: bool = True
    extreme: Decimal = ZERO
    triggered_ms: int = 0
    order_id: int | None = None
    filled: Decimal = ZERO
    average_price: Decimal = ZERO
    reject_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """One fill of one order. `fee` is in USDT, positive when paid; `realized` is profit closed by it, before fee."""

    account: str
    symbol: str
    trade_id: int
    order_id: int
    side: Side
    price: Decimal
    quantity: Decimal
    realized: Decimal
    fee: Decimal
    maker: bool
    at_ms: int
    position_side: PositionSide = PositionSide.BOTH
