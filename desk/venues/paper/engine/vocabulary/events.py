"""What the venue announces, in the order Binance announces it. The wire server turns each into its JSON shape.

A trade is told as the public TradeEvent, then AccountEvent (reason ORDER), then OrderEvent (TRADE). A conditional order
is told as AlgoEvent TRIGGERING, AlgoEvent TRIGGERED, the events of the order it became, AlgoEvent FINISHED.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum

from desk.venues.paper.engine.vocabulary.orders import AlgoOrder, Order, Trade
from desk.venues.paper.engine.vocabulary.views import BalanceRow, PositionRow, PublicTrade


class Execution(StrEnum):
    """What happened to an order: `x` of ORDER_TRADE_UPDATE. CALCULATED is a trade of a liquidation order."""

    NEW = "NEW"
    TRADE = "TRADE"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    AMENDMENT = "AMENDMENT"
    CALCULATED = "CALCULATED"


class Expiry(IntEnum):
    """Why an order ended unfilled: `er` of ORDER_TRADE_UPDATE, in Binance's numbers."""

    NONE = 0
    SELF_TRADE = 1
    IOC = 2
    IOC_SELF_TRADE = 3
    KNOCKED_OUT = 4
    LIQUIDATED = 5
    DELISTED = 7
    MARKET = 9
    FOK = 10
    POST_ONLY = 11


class AccountReason(StrEnum):
    """Why balances changed: `m` of ACCOUNT_UPDATE."""

    ORDER = "ORDER"
    DEPOSIT = "DEPOSIT"
    FUNDING_FEE = "FUNDING_FEE"
    MARGIN_TRANSFER = "MARGIN_TRANSFER"
    MARGIN_TYPE_CHANGE = "MARGIN_TYPE_CHANGE"
    INSURANCE_CLEAR = "INSURANCE_CLEAR"
    AUTO_EXCHANGE = "AUTO_EXCHANGE"
    COIN_SWAP_WITHDRAW = "COIN_SWAP_WITHDRAW"
    COIN_SWAP_DEPOSIT = "COIN_SWAP_DEPOSIT"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvent:
    """ORDER_TRADE_UPDATE: `order` as it stands after what happened; `trade` with TRADE and CALCULATED."""

    account: str
    at_ms: int
    execution: Execution
    order: Order
    trade: Trade | None = None
    expiry: Expiry = Expiry.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEvent:
    """ACCOUNT_UPDATE: balances and the positions that changed. `symbol` is named where funding was paid."""

    account: str
    at_ms: int
    reason: AccountReason
    balances: tuple[BalanceRow, ...]
    positions: tuple[PositionRow, ...]
    symbol: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlgoEvent:
    """ALGO_UPDATE: the conditional order as it now stands."""

    account: str
    at_ms: int
    algo: AlgoOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeEvent:
    """A public trade, for aggTrade streams and the trades endpoint."""

    at_ms: int
    trade: PublicTrade


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginCall:
    """MARGIN_CALL: these positions no longer carry their maintenance margin. Told before the liquidation itself."""

    account: str
    at_ms: int
    cross_wallet: Decimal
    positions: tuple[PositionRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidationEvent:
    """forceOrder: the public notice of a liquidation order."""

    at_ms: int
    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigEvent:
    """ACCOUNT_CONFIG_UPDATE: new leverage of a symbol, or (with `symbol` empty) the multi-assets mode."""

    account: str
    at_ms: int
    symbol: str = ""
    leverage: int = 0
    multi_assets: bool | None = None


Event = OrderEvent | AccountEvent | AlgoEvent | TradeEvent | MarginCall | LiquidationEvent | ConfigEvent
