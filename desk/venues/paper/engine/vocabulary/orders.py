"""Orders as the venue keeps them: what was asked, what became of it, and each trade. Times are ms UTC at the venue."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from desk.domain.money import ZERO
from desk.domain.orders import OrderStatus, Side, StopStatus

SETTLEMENT = "settlement_autoclose-"
"""How the ids of the venue's own settlement orders begin."""


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
    """How long a limit order stands.

    GTX is post-only, GTD ends at `good_till_ms`, GTC after a year. RPI is post-only too, shown to no account and met
    only by the outside market: the people who trade by app, for whom Binance made it.
    """

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    GTX = "GTX"
    GTD = "GTD"
    RPI = "RPI"

    @property
    def is_post_only(self) -> bool:
        """Whether the order may only ever be the resting one."""
        return self in (TimeInForce.GTX, TimeInForce.RPI)

    @property
    def rests(self) -> bool:
        """Whether what is not filled at once waits in the book."""
        return self not in (TimeInForce.IOC, TimeInForce.FOK)


class PositionSide(StrEnum):
    """BOTH in one-way mode; LONG and SHORT exist in hedge mode only."""

    BOTH = "BOTH"
    LONG = "LONG"
    SHORT = "SHORT"


class WorkingType(StrEnum):
    """Which price releases a conditional order."""

    MARK_PRICE = "MARK_PRICE"
    CONTRACT_PRICE = "CONTRACT_PRICE"


class PriceMatch(StrEnum):
    """A price the venue reads off its own book: the other side's touch or n-th level (OPPONENT), or the own side's."""

    NONE = "NONE"
    OPPONENT = "OPPONENT"
    OPPONENT_5 = "OPPONENT_5"
    OPPONENT_10 = "OPPONENT_10"
    OPPONENT_20 = "OPPONENT_20"
    QUEUE = "QUEUE"
    QUEUE_5 = "QUEUE_5"
    QUEUE_10 = "QUEUE_10"
    QUEUE_20 = "QUEUE_20"

    @property
    def opposes(self) -> bool:
        """Whether the other side of the book is read."""
        return self.value.startswith("OPPONENT")

    @property
    def level(self) -> int:
        """How many price levels deep; 1 is the touch."""
        _, _, depth = self.value.partition("_")
        return int(depth or 1)


class SelfTrade(StrEnum):
    """What happens when an order would trade with one of the same account."""

    NONE = "NONE"
    EXPIRE_TAKER = "EXPIRE_TAKER"
    EXPIRE_MAKER = "EXPIRE_MAKER"
    EXPIRE_BOTH = "EXPIRE_BOTH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An ordinary order. `quote_filled` is the sum of price x quantity of its trades; `price` is 0 for MARKET.

    `original_type` and `algo_id` tell of the conditional order it came from, if any. `queue` is its place in time among
    resting orders of one price. `amendments` counts the changes made to it. `arrives_ms` is set while an accepted order
    is still on its way to the book.
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
    price_match: PriceMatch = PriceMatch.NONE
    amendments: int = 0
    arrives_ms: int = 0

    @property
    def is_settlement(self) -> bool:
        """Whether the venue closed a position with it because the contract was delivered."""
        return self.client_id.startswith(SETTLEMENT)

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
    price_match: PriceMatch = PriceMatch.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """One fill of one order. `fee` is positive when paid; `realized` is profit closed by it, before fee."""

    account: str
    symbol: str
    trade_id: int
    order_id: int
    side: Side
    price: Decimal
    quantity: Decimal
    realized: Decimal
    margin_asset: str
    fee: Decimal
    fee_asset: str
    maker: bool
    at_ms: int
    position_side: PositionSide = PositionSide.BOTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """One change of a resting order: price and quantity before and after. `count` numbers the changes of one order."""

    account: str
    amendment_id: int
    symbol: str
    order_id: int
    client_id: str
    at_ms: int
    price_before: Decimal
    price_after: Decimal
    quantity_before: Decimal
    quantity_after: Decimal
    count: int
    price_match: PriceMatch = PriceMatch.NONE
