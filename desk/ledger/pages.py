"""Pages of the ledger for whoever reads it over an interface: filtered, newest first, bounded, without gaps.

A page is asked for by symbol, by time and by how many rows to skip. Rows that arrive meanwhile stand before the first
page; whoever names `until` reads pages that stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, RowMapping, Table, func, select

from desk.domain.errors import DataError
from desk.ledger.database import failing_loud
from desk.ledger.revisions import open_engine
from desk.ledger.tables import BREAKER, CONTEXT, COSTS, DECISIONS, EQUITY, SIGNALS, TRADES
from desk.ledger.values import BreakerRow, ContextRow, CostRow, DecisionRow, EquityRow, SignalRow, TradeRow

LONGEST = 1000
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a page is of. `since` is included, `until` is not; an empty text filters nothing.

    `where` is for columns that some tables alone have, such as `action`.
    """

    symbol: str = ""
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 100
    offset: int = 0
    where: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalCount:
    """How often a symbol's signal had this score."""

    symbol: str
    score: int
    count: int


class Pages:
    """Reads pages. Thread-safe.

    Every method raises JournalError when the database cannot tell, and DataError for a page that is too long.
    """

    def __init__(self, url: str) -> None:
        """Open the ledger at a SQLAlchemy URL. Raises PrerequisiteError or JournalError."""
        self._engine = open_engine(url)

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    def decisions(self, asked: Asked) -> tuple[DecisionRow, ...]:
        """Decisions by time; `where` knows action, verdict and rule."""
        return self._page(DECISIONS, DECISIONS.c.at, asked, lambda row: DecisionRow(**row))

    def signals(self, asked: Asked) -> tuple[SignalRow, ...]:
        """Signals by time; `where` knows interval and direction."""
        return self._page(SIGNALS, SIGNALS.c.at, asked, lambda row: SignalRow(**row))

    def contexts(self, asked: Asked) -> tuple[ContextRow, ...]:
        """Contexts by time."""
        return self._page(CONTEXT, CONTEXT.c.at, asked, lambda row: ContextRow(**row))

    def trades(self, asked: Asked, *, state: str = "") -> tuple[TradeRow, ...]:
        """Trades by their opening, `state` open or closed; `where` knows strategy and certificate."""
        over = {"open": TRADES.c.closed_at.is_(None), "closed": TRADES.c.closed_at.is_not(None)}.get(state)
        return self._page(TRADES, TRADES.c.opened_at, asked, lambda row: TradeRow(**row), over)

    def equity(self, asked: Asked) -> tuple[EquityRow, ...]:
        """Points of the equity curve by time."""
        return self._page(EQUITY, EQUITY.c.at, asked, lambda row: EquityRow(**row))

    def breaker(self, asked: Asked) -> tuple[BreakerRow, ...]:
        """What the breaker did, by time."""
        return self._page(BREAKER, BREAKER.c.at, asked, lambda row: BreakerRow(**row))

    def costs(self, asked: Asked) -> tuple[CostRow, ...]:
        """What each agent spent, by time; `where` knows agent and model."""
        return self._page(COSTS, COSTS.c.at, asked, lambda row: CostRow(**row))

    def signal_counts(self, asked: Asked) -> tuple[SignalCount, ...]:
        """How often each score was seen, by symbol: the histogram of the signal."""
        query = select(SIGNALS.c.symbol, SIGNALS.c.score, func.count().label("count"))
        query = query.where(*_filters(SIGNALS, SIGNALS.c.at, asked)).group_by(SIGNALS.c.symbol, SIGNALS.c.score)
        with failing_loud("read"), self._engine.connect() as connection:
            rows = connection.execute(query.order_by(SIGNALS.c.symbol, SIGNALS.c.score)).mappings()
            return tuple(SignalCount(**row) for row in rows)

    def _page(
        self,
        table: Table,
        at: ColumnElement[datetime],
        asked: Asked,
        make: Callable[[RowMapping], Value],
        extra: ColumnElement[bool] | None = None,
    ) -> tuple[Value, ...]:
        if not 1 <= asked.limit <= LONGEST or asked.offset < 0:
            raise DataError(f"a page has 1 to {LONGEST} rows, not {asked.limit}")
        query = select(table).where(*_filters(table, at, asked), *([] if extra is None else [extra]))
        # The key breaks ties of time, so that no row is told twice or never.
        query = query.order_by(at.desc(), *table.primary_key.columns).limit(asked.limit).offset(asked.offset)
        with failing_loud("read"), self._engine.connect() as connection:
            return tuple(make(row) for row in connection.execute(query).mappings())


def _filters(table: Table, at: ColumnElement[datetime], asked: Asked) -> list[ColumnElement[Any]]:
    found: list[ColumnElement[Any]] = []
    if asked.symbol:
        found.append(table.c.symbol == asked.symbol)
    if asked.since is not None:
        found.append(at >= asked.since)
    if asked.until is not None:
        found.append(at < asked.until)
    found += [table.c[name] == value for name, value in asked.where if value]
    return found
