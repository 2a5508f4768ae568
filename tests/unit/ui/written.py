"""Decisions written into a house's audit log, as far as a list and an explanation need them."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from desk.guard.process.clock import SystemClock
from memory.audit import AuditLog, Entry
from ui.server.house import House


def decided(
    house: House, decision_id: str, action: str, *, symbol: str = "BTCUSDT", verdict: str = "", by: str = ""
) -> str:
    """Write a decision that ended so: of the crew or asked for `by` somebody; without a verdict no guard was asked."""
    run: dict[str, Any] = {"run_id": "r", "symbol": symbol, "profile": "demo", "config": "{}", "config_hash": "c"}
    run |= {"models": {} if by else {"risk": "offline rules"}, "weights": {}}
    if by:
        run["asked"] = {"by": by}
    made = {"action": action, "conviction": "0.5"}
    rows = [
        Entry(kind="run", payload=run),
        Entry(
            kind="decision",
            payload={"proposed": None if by else made, "decision": made, "caps": [], "source_call": "m"},
        ),
    ]
    if verdict:
        told = {"outcome": verdict, "rule": "ok", "message": "", "numbers": {}, "quantity": "0.1"}
        rows += [
            Entry(kind="intent", payload={"intent_id": f"i-{decision_id}", "body": "{}"}),
            Entry(kind="verdict", payload={"intent_id": f"i-{decision_id}", **told}),
        ]
    with closing(AuditLog(house.window.folder.audit, SystemClock())) as log:
        log.append_all(decision_id, rows)
    return decision_id
