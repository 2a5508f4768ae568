"""The ledger: decisions, signals, trades, equity, breaker events and costs, for reports and for whoever asks later.

It is a reading copy, not a safety record: the guard's journal and the audit log are the truth. Writing the same thing
twice changes nothing; writing something else under the same key is an error. Every write is durable when it returns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from statistics import stdev
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, RowMapping, Select, Table, and_, select, update

from desk.domain.errors import DataError, JournalError
from desk.domain.money import ZERO
from desk.ledger.database import failing_loud, insert_new
from desk.ledger.days import last_of_days, prices_of_days
from desk.ledger.grounds import Ground, count_closed, read_grounds
from desk.ledger.revisions import open_engine
from desk.ledger.tables import (
    BREAKER,
    CHARTS,
    CONTEXT,
    COSTS,
    DECISIONS,
    EQUITY,
    FORECASTS,
    SHADOWS,
    SIGNALS,
    TRADES,
    TRIES,
)
from desk.ledger.units import Point
from desk.ledger.values import (
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

LONGEST = 10_000
Value = TypeVar("Value")
Written = (
    DecisionRow
    | SignalRow
    | ContextRow
    | ChartRow
    | TradeRow
    | EquityRow
    | BreakerRow
    | CostRow
    | ForecastRow
    | ShadowRow
)

_TABLES: Mapping[type[Written], Table] = {
    DecisionRow: DECISIONS,
    SignalRow: SIGNALS,
    ContextRow: CONTEXT,
    ChartRow: CHARTS,
    TradeRow: TRADES,
    EquityRow: EQUITY,
    BreakerRow: BREAKER,
    CostRow: COSTS,
    ForecastRow: FORECASTS,
    ShadowRow: SHADOWS,
}


class Ledger:
    """One ledger. Thread-safe. Every method raises JournalError when the database cannot keep or tell."""

    def __init__(self, url: str) -> None:
        """Open or make the ledger at a SQLAlchemy URL. Raises PrerequisiteError or JournalError."""
        self._engine = open_engine(url)

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    def record(self, row: Written) -> bool:
        """Write a row; False when it was there already. Raises JournalError when its key holds something else."""
        table = _TABLES[type(row)]
        values = asdict(row)
        with failing_loud("written"), self._engine.begin() as connection:
            if insert_new(connection, table, values):
                return True
            found = connection.execute(select(table).where(_key(table, values))).mappings().one()
        # A trade that was closed since is still the trade that was opened, and a forecast the one that was made.
        grows = table in (TRADES, FORECASTS)
        settled = {name: value for name, value in values.items() if not (grows and value is None)}
        differing = sorted(name for name, value in settled.items() if found[name] != value)
        if differing:
            raise JournalError(f"the ledger already says otherwise: {table.name}, {', '.join(differing)}")
        return False

    def close_trade(self, intent_id: str, close: TradeClose) -> bool:
        """Write how a trade ended; False when that was known. Raises JournalError when no such trade was opened."""
        values = asdict(close)
        with failing_loud("written"), self._engine.begin() as connection:
            open_one = and_(TRADES.c.intent_id == intent_id, TRADES.c.closed_at.is_(None))
            if connection.execute(update(TRADES).where(open_one).values(values)).rowcount:
                return True
            found = connection.execute(select(TRADES).where(TRADES.c.intent_id == intent_id)).mappings().first()
        if found is None:
            raise JournalError(f"the ledger has no trade {intent_id[:80]}")
        differing = sorted(name for name, value in values.items() if found[name] != value)
        if differing:
            raise JournalError(f"the trade was closed otherwise: {', '.join(differing)}")
        return False

    def decisions(
        self, *, symbol: str = "", since: datetime | None = None, limit: int = 100
    ) -> tuple[DecisionRow, ...]:
        """The newest decisions, newest first."""
        query = _newest(select(DECISIONS), DECISIONS.c.at, since, limit)
        query = query.where(DECISIONS.c.symbol == symbol) if symbol else query
        return self._all(query, lambda row: DecisionRow(**row))

    def signals(self, symbol: str, *, since: datetime | None = None, limit: int = 100) -> tuple[SignalRow, ...]:
        """The newest signals of a symbol, newest first."""
        query = _newest(select(SIGNALS), SIGNALS.c.at, since, limit).where(SIGNALS.c.symbol == symbol)
        return self._all(query, lambda row: SignalRow(**row))

    def contexts(self, symbol: str, *, since: datetime | None = None, limit: int = 100) -> tuple[ContextRow, ...]:
        """The newest contexts a symbol was decided in, newest first."""
        query = _newest(select(CONTEXT), CONTEXT.c.at, since, limit).where(CONTEXT.c.symbol == symbol)
        return self._all(query, lambda row: ContextRow(**row))

    def charts(self, *, symbol: str = "", since: datetime | None = None, limit: int = 100) -> tuple[ChartRow, ...]:
        """The newest readings of charts, newest first."""
        query = _newest(select(CHARTS), CHARTS.c.at, since, limit)
        query = query.where(CHARTS.c.symbol == symbol) if symbol else query
        return self._all(query, lambda row: ChartRow(**row))

    def trades(self, *, symbol: str = "", open_only: bool = False, limit: int = 100) -> tuple[TradeRow, ...]:
        """The newest trades, newest first; only those still open if asked."""
        query = _newest(select(TRADES), TRADES.c.opened_at, None, limit)
        query = query.where(TRADES.c.symbol == symbol) if symbol else query
        query = query.where(TRADES.c.closed_at.is_(None)) if open_only else query
        return self._all(query, lambda row: TradeRow(**row))

    def trade(self, intent_id: str) -> TradeRow | None:
        """The trade this intent opened, or None."""
        query = select(TRADES).where(TRADES.c.intent_id == intent_id)
        return next(iter(self._all(query, lambda row: TradeRow(**row))), None)

    def equity(self, *, since: datetime | None = None, limit: int = 1000) -> tuple[EquityRow, ...]:
        """The newest points of the equity curve, oldest first."""
        newest = self._all(_newest(select(EQUITY), EQUITY.c.at, since, limit), lambda row: EquityRow(**row))
        return newest[::-1]

    def daily_prices(self) -> dict[date, Decimal]:
        """What a unit of the account was worth at the end of each UTC day on which it was seen: equity less transfers.

        Without a transfer it is the equity itself. See `desk.ledger.units`.
        """
        return prices_of_days(self._engine)

    def daily_shadow(self, desk: str) -> dict[date, Decimal]:
        """A shadow desk's last equity of each UTC day on which it was seen."""
        return last_of_days(self._engine, SHADOWS, SHADOWS.c.desk == desk)

    def shadow(self, desk: str) -> ShadowRow | None:
        """A shadow desk's newest account, or None before its first."""
        query = select(SHADOWS).where(SHADOWS.c.desk == desk).order_by(SHADOWS.c.number.desc()).limit(1)
        return next(iter(self._all(query, lambda row: ShadowRow(**row))), None)

    def shadowed(self, desk: str, decision_id: str) -> bool:
        """Whether a shadow desk has acted on this decision."""
        query = select(SHADOWS.c.number).where(SHADOWS.c.desk == desk, SHADOWS.c.decision_id == decision_id)
        return bool(self._all(query, lambda row: row["number"]))

    def breaker_events(self, *, since: datetime | None = None, limit: int = 100) -> tuple[BreakerRow, ...]:
        """What the breaker did, newest first."""
        return self._all(_newest(select(BREAKER), BREAKER.c.at, since, limit), lambda row: BreakerRow(**row))

    def costs(self, *, since: datetime | None = None, limit: int = LONGEST) -> tuple[CostRow, ...]:
        """What each agent spent on each decision, newest first."""
        return self._all(_newest(select(COSTS), COSTS.c.at, since, limit), lambda row: CostRow(**row))

    def forecasts(self, *, since: datetime | None = None, limit: int = LONGEST) -> tuple[ForecastRow, ...]:
        """The newest forecasts whose outcome is known, newest first."""
        query = _newest(select(FORECASTS), FORECASTS.c.at, since, limit).where(FORECASTS.c.outcome.is_not(None))
        return self._all(query, lambda row: ForecastRow(**row))

    def due(self, now: datetime, *, limit: int = 1000) -> tuple[ForecastRow, ...]:
        """Forecasts whose time is over and whose outcome nobody has written yet, newest first."""
        query = _newest(select(FORECASTS), FORECASTS.c.at, None, limit).where(FORECASTS.c.outcome.is_(None))
        return self._all(query.where(FORECASTS.c.until <= now), lambda row: ForecastRow(**row))

    def settle(self, forecast: ForecastRow, outcome: int) -> bool:
        """Write what came of a forecast; False when that was known."""
        one = and_(FORECASTS.c.decision_id == forecast.decision_id, FORECASTS.c.agent == forecast.agent)
        with failing_loud("written"), self._engine.begin() as connection:
            unknown = update(FORECASTS).where(one, FORECASTS.c.outcome.is_(None)).values(outcome=outcome)
            return bool(connection.execute(unknown).rowcount)

    def note_try(self, row: TryRow) -> bool:
        """Count a try; False when the very same was counted before, whenever that was."""
        with failing_loud("written"), self._engine.begin() as connection:
            return bool(insert_new(connection, TRIES, asdict(row)))

    def tried(self, family: str) -> Tried:
        """How much was tried on this data: what a Sharpe ratio is deflated for."""
        query = select(TRIES.c.sharpe).where(TRIES.c.family == family)
        with failing_loud("read"), self._engine.connect() as connection:
            ratios = [float(ratio) for ratio in connection.execute(query).scalars()]
        return Tried(count=len(ratios), spread=stdev(ratios) if len(ratios) > 1 else 0.0)

    def spent(self, since: datetime) -> Spent:
        """Sums of all costs at or after `since`: what a day's budget is held against."""
        query = select(COSTS.c.requests, COSTS.c.prompt_tokens, COSTS.c.completion_tokens, COSTS.c.usd)
        with failing_loud("read"), self._engine.connect() as connection:
            rows = connection.execute(query.where(COSTS.c.at >= since)).all()
        return Spent(
            requests=sum(row.requests for row in rows),
            prompt_tokens=sum(row.prompt_tokens for row in rows),
            completion_tokens=sum(row.completion_tokens for row in rows),
            usd=sum((row.usd for row in rows), ZERO),
        )

    def performance(self, *, since: datetime | None = None, symbol: str = "") -> Performance:
        """Sums of the trades closed at or after `since`."""
        results = self.results(since=since, symbol=symbol)
        lost = -sum((one.pnl for one in results if one.pnl < ZERO), ZERO)
        gained = sum((one.pnl for one in results if one.pnl > ZERO), ZERO)
        return Performance(
            trades=len(results),
            wins=sum(one.pnl > ZERO for one in results),
            pnl=gained - lost,
            fees=sum((one.fees for one in results), ZERO),
            funding=sum((one.funding for one in results), ZERO),
            profit_factor=gained / lost if lost else None,
        )

    def results(self, *, since: datetime | None = None, symbol: str = "") -> tuple[Result, ...]:
        """What each trade closed at or after `since` came to, however many they are."""
        query = select(TRADES.c.pnl, TRADES.c.fees, TRADES.c.funding).where(TRADES.c.closed_at.is_not(None))
        query = query.where(TRADES.c.closed_at >= since) if since else query
        query = query.where(TRADES.c.symbol == symbol) if symbol else query
        with failing_loud("read"), self._engine.connect() as connection:
            return tuple(
                Result(pnl=pnl, fees=fees, funding=funding) for pnl, fees, funding in connection.execute(query)
            )

    def closed(self) -> int:
        """How many trades are over; a trade that is over does not change any more."""
        return count_closed(self._engine)

    def grounds(self, *, since: datetime | None = None) -> tuple[Ground, ...]:
        """What each trade closed at or after `since` came to, and what it was opened on."""
        return read_grounds(self._engine, since)

    def points(self, *, since: datetime | None = None) -> tuple[Point, ...]:
        """Every point of the equity curve at or after `since`, oldest first."""
        query = select(EQUITY.c.at, EQUITY.c.equity, EQUITY.c.transfers).order_by(EQUITY.c.at)
        query = query.where(EQUITY.c.at >= since) if since else query
        with failing_loud("read"), self._engine.connect() as connection:
            return tuple(Point(*row) for row in connection.execute(query))

    def _all(self, query: Select[Any], make: Callable[[RowMapping], Value]) -> tuple[Value, ...]:
        with failing_loud("read"), self._engine.connect() as connection:
            return tuple(make(row) for row in connection.execute(query).mappings())


def _key(table: Table, values: Mapping[str, Any]) -> ColumnElement[bool]:
    return and_(*(column == values[column.name] for column in table.primary_key.columns))


def _newest(query: Select[Any], at: ColumnElement[datetime], since: datetime | None, limit: int) -> Select[Any]:
    if not 1 <= limit <= LONGEST:
        raise DataError(f"a page has 1 to {LONGEST} rows, not {limit}")
    query = query.where(at >= since) if since else query
    return query.order_by(at.desc()).limit(limit)
