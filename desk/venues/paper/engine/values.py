"""The venue's whole vocabulary in one import: contracts, quotes, orders, views, events and refusals. All frozen."""

from __future__ import annotations

from desk.domain.orders import OrderStatus, Side, StopStatus
from desk.venues.paper.engine.asks import NewAlgo, NewOrder, OrderChange
from desk.venues.paper.engine.assets import MARGIN_ASSETS
from desk.venues.paper.engine.events import (
    AccountEvent,
    AccountReason,
    AlgoEvent,
    ConfigEvent,
    Event,
    Execution,
    Expiry,
    LiquidationEvent,
    MarginCall,
    OrderEvent,
    TradeEvent,
)
from desk.venues.paper.engine.instruments import Bracket, Kline, Ladder, Quote, SymbolSpec
from desk.venues.paper.engine.orders import (
    AlgoOrder,
    Amendment,
    Order,
    OrderKind,
    PositionSide,
    PriceMatch,
    SelfTrade,
    TimeInForce,
    Trade,
    WorkingType,
)
from desk.venues.paper.engine.refusals import MESSAGES, Refusal
from desk.venues.paper.engine.state import House
from desk.venues.paper.engine.switches import Readings, Realism
from desk.venues.paper.engine.views import (
    AccountSummary,
    AssetIndex,
    AssetSummary,
    BalanceRow,
    Depth,
    FundingCharge,
    IncomeRow,
    MarginChange,
    MarkView,
    PositionRow,
    PublicTrade,
    SymbolSettings,
)

__all__ = [
    "MARGIN_ASSETS",
    "MESSAGES",
    "AccountEvent",
    "AccountReason",
    "AccountSummary",
    "AlgoEvent",
    "AlgoOrder",
    "Amendment",
    "AssetIndex",
    "AssetSummary",
    "BalanceRow",
    "Bracket",
    "ConfigEvent",
    "Depth",
    "Event",
    "Execution",
    "Expiry",
    "FundingCharge",
    "House",
    "IncomeRow",
    "Kline",
    "Ladder",
    "LiquidationEvent",
    "MarginCall",
    "MarginChange",
    "MarkView",
    "NewAlgo",
    "NewOrder",
    "Order",
    "OrderChange",
    "OrderEvent",
    "OrderKind",
    "OrderStatus",
    "PositionRow",
    "PositionSide",
    "PriceMatch",
    "PublicTrade",
    "Quote",
    "Readings",
    "Realism",
    "Refusal",
    "SelfTrade",
    "Side",
    "StopStatus",
    "SymbolSettings",
    "SymbolSpec",
    "TimeInForce",
    "Trade",
    "TradeEvent",
    "WorkingType",
]
