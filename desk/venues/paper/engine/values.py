"""The venue's whole vocabulary in one import: contracts, quotes, orders, views, events and refusals. All frozen."""

from __future__ import annotations

from desk.domain.orders import OrderStatus, Side, StopStatus
from desk.venues.paper.engine.floor.state import House
from desk.venues.paper.engine.vocabulary.asks import NewAlgo, NewOrder, OrderChange
from desk.venues.paper.engine.vocabulary.assets import MARGIN_ASSETS
from desk.venues.paper.engine.vocabulary.events import (
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
from desk.venues.paper.engine.vocabulary.instruments import Bracket, Kline, Ladder, Quote, SymbolSpec
from desk.venues.paper.engine.vocabulary.orders import (
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
from desk.venues.paper.engine.vocabulary.refusals import MESSAGES, Refusal
from desk.venues.paper.engine.vocabulary.switches import Readings, Realism
from desk.venues.paper.engine.vocabulary.views import (
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
