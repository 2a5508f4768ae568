"""What strategies' trades came to, by the regime they were opened in: what choosing among them learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from desk.ledger.database import failing_loud, insert_new
from desk.ledger.revisions import open_engine
from desk.ledger.tables import STRATEGY_TRADES

_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyTrade:
    """One closed trade of one strategy, for each of its settings, sources, symbols, intervals and opening times.

    `gain` is what it added to the wallet, costs and funding included, and `risked` what its stop would have taken, both
    as fractions of the notional. `regime` is empty where it was not known.
    """

    strategy: str
    settings: str
    source: str
    symbol: str
    interval: str
    opened_at: datetime
    closed_at: datetime
    side: str
    regime: str
    gain: Decimal
    risked: Decimal


class StrategyBook:
    """The record of strategies in the ledger's database. Thread-safe; every method raises JournalError."""

    def __init__(self, url: str) -> None:
        """Open or make the database at a SQLAlchemy URL. Raises PrerequisiteError or JournalError."""
        self._engine = open_engine(url)

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    def record(self, trades: Sequence[StrategyTrade]) -> int:
        """Write trades down; returns how many were new. The same trade twice is one."""
        new = 0
        with failing_loud("written"), self._engine.begin() as connection:
            for first in range(0, len(trades), _AT_ONCE):
                part = [asdict(trade) for trade in trades[first : first + _AT_ONCE]]
                new += insert_new(connection, STRATEGY_TRADES, part)
        return new

    def trades(self, strategy: str = "", *, source: str = "") -> tuple[StrategyTrade, ...]:
        """Every trade of a strategy, or of all, in the order they closed."""
        query = select(STRATEGY_TRADES).order_by(STRATEGY_TRADES.c.closed_at, STRATEGY_TRADES.c.opened_at)
        query = query.where(STRATEGY_TRADES.c.strategy == strategy) if strategy else query
        query = query.where(STRATEGY_TRADES.c.source == source) if source else query
        with failing_loud("read"), self._engine.connect() as connection:
            return tuple(StrategyTrade(**row) for row in connection.execute(query).mappings())
