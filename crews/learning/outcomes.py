"""Learning begins with the truth: what came of a position is written beside the decision that opened it.

The guard tells its closed trades with their profit after fees; each is written to the audit log once, however often and
by whichever kickoff it is read. A trade that no decision of this log opened is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from desk.domain.moments import from_ms
from desk.domain.money import plain
from desk.guard.vocabulary.status import ClosedTrade, GuardStatus
from memory.audit import AuditLog
from memory.rows import Kind


def _nobody(decision_id: str) -> None:
    """Who is told when nobody listens."""


class Outcomes:
    """Follows the guard's closed trades into the audit log."""

    def __init__(self, audit: AuditLog, ended: Callable[[str], None] = _nobody) -> None:
        """`ended` is told the decision of each outcome that is new, once it is written."""
        self._audit = audit
        self._ended = ended
        self._settled: set[str] = set()

    def follow(self, status: GuardStatus) -> int:
        """Write what has closed since the last look; returns how many outcomes were new. Raises JournalError."""
        return sum(self._write(trade) for trade in status.closed)

    def _write(self, trade: ClosedTrade) -> bool:
        if trade.intent_id in self._settled:
            return False
        decision_id = self._audit.decision_of(trade.intent_id)
        new = decision_id is not None and not self._known(decision_id, trade.intent_id)
        if decision_id is not None and new:
            self._audit.append(decision_id, Kind.OUTCOME, outcome_row(trade))
            self._ended(decision_id)
        self._settled.add(trade.intent_id)
        return new

    def _known(self, decision_id: str, intent_id: str) -> bool:
        rows = self._audit.rows(decision_id, kind=Kind.OUTCOME)
        return any(row.payload["intent_id"] == intent_id for row in rows)


def outcome_row(trade: ClosedTrade) -> dict[str, Any]:
    """A closed trade as the audit log keeps it: exact decimals as text, times in ISO 8601 UTC."""
    return {
        "intent_id": trade.intent_id,
        "symbol": trade.symbol,
        "pnl": plain(trade.pnl),
        "reason": trade.reason,
        "closed_at": from_ms(trade.closed_at).isoformat(),
        "opened_at": from_ms(trade.opened_at).isoformat() if trade.opened_at else None,
        "side": trade.side,
        "quantity": plain(trade.quantity),
        "entry_price": plain(trade.entry_price),
        "exit_price": plain(trade.exit_price),
        "realized": plain(trade.realized),
        "fees": plain(trade.fees),
        "funding": plain(trade.funding),
    }
