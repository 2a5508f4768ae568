"""Orders and stops as the desk speaks of them; the venue's spelling lives in the gateway.

An *order* is sent to be matched now. A *stop* rests at the venue and becomes an order when the mark price reaches its
trigger: on Binance USD-M futures it is a conditional ("algo") order with an id space of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Side(StrEnum):
    """Which way an order trades."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def opposite(self) -> Side:
        """The side that closes what this side opens."""
        return Side.SELL if self is Side.BUY else Side.BUY

    @property
    def sign(self) -> int:
        """+1 for BUY, -1 for SELL."""
        return 1 if self is Side.BUY else -1


class OrderType(StrEnum):
    """How an order wants to be matched."""

    MARKET = "MARKET"
    LIMIT = "LIMIT"


class TimeInForce(StrEnum):
    """How long a limit order stands."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    GTX = "GTX"


class OrderStatus(StrEnum):
    """Life of an order, as Binance names it."""

    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    EXPIRED_IN_MATCH = "EXPIRED_IN_MATCH"

    @property
    def is_final(self) -> bool:
        """Whether the order can trade no more."""
        return self not in (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED)


class StopType(StrEnum):
    """Kinds of conditional orders. The desk rests the first two; any may be found on an account."""

    STOP_MARKET = "STOP_MARKET"
    TAKE_PROFIT_MARKET = "TAKE_PROFIT_MARKET"
    STOP = "STOP"
    TAKE_PROFIT = "TAKE_PROFIT"
    TRAILING_STOP_MARKET = "TRAILING_STOP_MARKET"


class StopStatus(StrEnum):
    """Life of a conditional order, as Binance names it (`algoStatus`)."""

    NEW = "NEW"
    TRIGGERING = "TRIGGERING"
    TRIGGERED = "TRIGGERED"
    FINISHED = "FINISHED"
    CANCELED = "CANCELED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """An order to be sent once. `client_id` matches `^[.A-Z:/a-z0-9_-]{1,36}$` and is never reused."""

    symbol: str
    side: Side
    type: OrderType
    quantity: Decimal
    client_id: str
    reduce_only: bool
    price: Decimal | None = None
    time_in_force: TimeInForce | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRequest:
    """A protective order that closes the whole position when the *mark* price reaches `trigger`."""

    symbol: str
    side: Side
    type: StopType
    trigger: Decimal
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """What the venue says of an order. `average_price` is None where the answer does not carry it (ACK)."""

    symbol: str
    order_id: int
    client_id: str
    side: Side
    type: str
    status: OrderStatus
    quantity: Decimal
    filled: Decimal
    average_price: Decimal | None
    reduce_only: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StopView:
    """What the venue says of a conditional order. `order_id` is the ordinary order it became, once triggered."""

    symbol: str
    algo_id: int
    client_id: str
    side: Side
    type: StopType
    status: StopStatus
    trigger: Decimal
    close_position: bool
    order_id: int | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One trade of an order. Identified by `(symbol, trade_id)`; `fee` is in USDT, positive when paid."""

    symbol: str
    trade_id: int
    order_id: int
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    realized: Decimal
    maker: bool
    at: datetime
