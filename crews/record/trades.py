"""The opening of a trade as a row of the ledger: at what price, by which decision, and under which name and proof.

The name is the one that stood in the intent the guard judged; nobody who reads the ledger has to believe a later word.
Only where a person or a program asked for the trade does `ASKED` stand in its place: no strategy decided it.
"""

from __future__ import annotations

import json

from crews.record.record import DecisionRecord
from desk.domain.certificates import mark_of
from desk.domain.intents import Action
from desk.domain.moments import from_ms
from desk.domain.money import ZERO
from desk.domain.orders import Side
from desk.guard.vocabulary.status import ClosedTrade
from desk.ledger import UNCERTIFIED, TradeRow
from memory.audit import AuditLog
from memory.rows import Kind

ASKED = "asked"


def opening_row(record: DecisionRecord, audit: AuditLog) -> TradeRow | None:
    """The trade a decision opened, once its entry is filled for good: what may still fill is booked when it ends."""
    entry = next((order for order in record.orders if order["role"] == "entry"), None)
    if record.action not in (Action.OPEN_LONG, Action.OPEN_SHORT) or entry is None or entry["status"] != "FILLED":
        return None
    if record.intent_id is None or record.average_price is None or record.filled == ZERO:
        return None
    strategy, certificate = _opened_under(_asked_under(audit, record.decision_id, record.intent_id))
    return TradeRow(
        intent_id=record.intent_id,
        decision_id=record.decision_id,
        symbol=record.symbol,
        quantity=record.filled if record.action is Action.OPEN_LONG else -record.filled,
        opened_at=record.decided_at,
        entry_price=record.average_price,
        strategy=strategy,
        certificate=certificate,
    )


def late_row(trade: ClosedTrade, audit: AuditLog) -> TradeRow:
    """The opening of a trade that is known only now that it is over: unproven until then, or decided by nobody here."""
    decision_id = audit.decision_of(trade.intent_id) or ""
    strategy, certificate = _opened_under(trade.strategy_id)
    if any("asked" in row.payload for row in audit.rows(decision_id, kind=Kind.RUN)):
        strategy = ASKED
    return TradeRow(
        intent_id=trade.intent_id,
        decision_id=decision_id,
        symbol=trade.symbol,
        quantity=trade.quantity * Side(trade.side).sign,
        opened_at=from_ms(trade.opened_at or trade.closed_at),
        entry_price=trade.entry_price,
        strategy=strategy,
        certificate=certificate,
    )


def _asked_under(audit: AuditLog, decision_id: str, intent_id: str) -> str:
    """The name in the very text that went to the guard; empty where the log has no such intent."""
    for row in audit.rows(decision_id, kind=Kind.INTENT):
        if row.payload["intent_id"] == intent_id:
            return str(json.loads(row.payload["body"])["strategy_id"])
    return ""


def _opened_under(strategy_id: str) -> tuple[str | None, str | None]:
    """The strategy's name, and its certificate's mark or that it has none; nothing where no name was told."""
    name, mark = mark_of(strategy_id)
    return (name, mark or UNCERTIFIED) if name else (None, None)
