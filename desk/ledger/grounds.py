"""What each closed trade came to, and what it was opened on: name, proof, regime, and what each report said then.

Trade and reports meet by the decision that both belong to. What was not kept is None, and never a guess.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Connection, Engine, Float, cast, func, select

from desk.domain.money import ZERO
from desk.ledger.database import failing_loud
from desk.ledger.tables import FORECASTS, TRADES


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a report forecast: whether it gave its `event` more than a half (`likely`), and took a side (`called`)."""

    agent: str
    event: str
    likely: bool
    called: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A closed trade's profit in USDT, net, and what it was opened on. `said` is empty where no report is kept."""

    pnl: Decimal
    long: bool
    strategy: str | None
    certificate: str | None
    regime: str | None
    said: tuple[Said, ...]


def count_closed(engine: Engine) -> int:
    """How many trades are over. A trade that is over does not change any more. Raises JournalError."""
    with failing_loud("read"), engine.connect() as connection:
        return connection.execute(select(func.count()).where(TRADES.c.closed_at.is_not(None))).scalar_one()


def read_grounds(engine: Engine, since: datetime | None = None) -> tuple[Ground, ...]:
    """Every trade closed at or after `since`. Raises JournalError."""
    over = TRADES.c.closed_at.is_not(None) if since is None else TRADES.c.closed_at >= since
    trades = select(
        TRADES.c.decision_id, TRADES.c.quantity, TRADES.c.pnl, TRADES.c.strategy, TRADES.c.certificate
    ).where(over)
    with failing_loud("read"), engine.connect() as connection:
        said, regimes = _reports(connection, over)
        return tuple(
            Ground(
                pnl=pnl,
                long=quantity > ZERO,
                strategy=strategy,
                certificate=certificate,
                regime=regimes.get(decision_id),
                # Sorted here: asked for in this order, a database would walk all reports for a month of trades.
                said=tuple(sorted(said.get(decision_id, ()), key=lambda one: one.agent)),
            )
            for decision_id, quantity, pnl, strategy, certificate in connection.execute(trades)
        )


def _reports(connection: Connection, over: ColumnElement[bool]) -> tuple[dict[str, list[Said]], dict[str, str]]:
    """What was said for each of these trades' decisions, and the regime each was made in, as far as it is known."""
    said: defaultdict[str, list[Said]] = defaultdict(list)
    regimes: dict[str, str] = {}
    # Whether above a half is all that counts here: so no decimal is made of a year of them.
    likely = cast(FORECASTS.c.probability, Float) > 0.5
    query = (
        select(
            FORECASTS.c.decision_id,
            FORECASTS.c.agent,
            FORECASTS.c.event,
            likely,
            FORECASTS.c.called,
            FORECASTS.c.regime,
        )
        .join(TRADES, TRADES.c.decision_id == FORECASTS.c.decision_id)
        .where(over)
    )
    for decision_id, agent, event, above, called, regime in connection.execute(query):
        said[decision_id].append(Said(agent=agent, event=event, likely=bool(above), called=bool(called)))
        if regime:
            regimes[decision_id] = regime
    return said, regimes
