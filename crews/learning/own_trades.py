"""The desk's own closed trades as lessons: the market each was opened in, as its decision saw it, and its outcome."""

from __future__ import annotations

from collections.abc import Iterator

from desk.domain.errors import DataError, PrerequisiteError
from desk.learning.method import BUY, FLAT, SELL
from desk.learning.reference import Step
from desk.learning.rewards import class_of
from desk.learning.sight import look
from desk.learning.states import UNKNOWN, StateSpace
from desk.ledger import Ledger, TradeRow
from desk.market.candles import Candles
from desk.market.snapshot import Snapshot
from memory.audit import AuditLog
from memory.rows import Kind

LEAST, BEST = 50, 2_000


def own_steps(ledger: Ledger, audit: AuditLog, space: StateSpace, interval: str, leader: str) -> tuple[Step, ...]:
    """A step for each closed trade, oldest first, the newest two thousand; each ends with what its trade earned.

    Raises:
        PrerequisiteError: fewer than fifty trades have closed whose market is known.
    """
    closed = [trade for trade in ledger.trades(limit=BEST) if trade.pnl is not None]
    steps = tuple(_steps(reversed(closed), audit, space, interval, leader))
    if len(steps) < LEAST:
        raise PrerequisiteError(
            f"{len(steps)} closed trades are too few to learn from", hint=f"{LEAST} at the least, {BEST} at best"
        )
    return steps


def net_of(trade: TradeRow) -> float:
    """A closed trade's return on what was staked, fees and funding taken off. Raises DataError for an open one."""
    if trade.pnl is None:
        raise DataError("an open trade has no return yet")
    return float(trade.pnl / (abs(trade.quantity) * trade.entry_price))


def _steps(
    trades: Iterator[TradeRow], audit: AuditLog, space: StateSpace, interval: str, leader: str
) -> Iterator[Step]:
    for trade in trades:
        seen = _seen_by(trade, audit)
        if seen is None or interval not in seen.intervals:
            continue
        state = int(space.encode(look(seen.candles(interval), leader=_leader_in(seen, interval, leader)))[-1])
        if state != UNKNOWN:
            action = BUY if trade.quantity > 0 else SELL
            yield state * 3 + FLAT, action, class_of(net_of(trade)), -1


def _seen_by(trade: TradeRow, audit: AuditLog) -> Snapshot | None:
    """The snapshot that the trade was decided on; None for a trade of which the log knows no decision."""
    rows = audit.rows(trade.decision_id, kind=Kind.SNAPSHOT)
    return Snapshot.from_json(audit.snapshot(rows[-1].payload["digest"])) if rows else None


def _leader_in(seen: Snapshot, interval: str, leader: str) -> Candles | None:
    known = {seen.symbol, *(reference.symbol for reference in seen.references)}
    return seen.candles(interval, leader) if leader in known else None
