"""What happened, in tables: decisions, signals, trades, equity, breaker events, costs and forecasts.

SQLite, or PostgreSQL by URL.
"""

from desk.ledger.database import sqlite_url
from desk.ledger.grounds import Ground, Said
from desk.ledger.ledger import Ledger
from desk.ledger.shelf import Shelf
from desk.ledger.units import Point
from desk.ledger.values import (
    UNCERTIFIED,
    BreakerRow,
    ChartRow,
    ContextRow,
    CostRow,
    DecisionRow,
    EquityRow,
    ForecastRow,
    Performance,
    Result,
    ShadowRow,
    SignalRow,
    Spent,
    TradeClose,
    TradeRow,
    Tried,
    TryRow,
)

__all__ = [
    "UNCERTIFIED",
    "BreakerRow",
    "ChartRow",
    "ContextRow",
    "CostRow",
    "DecisionRow",
    "EquityRow",
    "ForecastRow",
    "Ground",
    "Ledger",
    "Performance",
    "Point",
    "Result",
    "Said",
    "ShadowRow",
    "Shelf",
    "SignalRow",
    "Spent",
    "TradeClose",
    "TradeRow",
    "Tried",
    "TryRow",
    "sqlite_url",
]
