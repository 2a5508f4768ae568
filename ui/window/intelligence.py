"""What the desk saw of a market when it last decided on it: every reading of its tools, made again from the record.

The tools are pure functions of the stored snapshot, so these are the very figures the agents had, and they are as old
as that decision, which is said with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from crews.audit.replay import setup_from
from desk.domain.errors import DeskError, PrerequisiteError
from desk.market.snapshot import Snapshot
from memory.rows import Kind
from tools.catalogue import CATALOGUE
from tools.tool import NoArgs, ToolContext, Trust
from ui.window.record import RecordPane


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One tool's result as JSON values, or why it gave none; `hearsay` when it repeats what strangers wrote."""

    tool: str
    told: Mapping[str, Any]
    trouble: str
    hearsay: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Intelligence:
    """All readings of one symbol at one decision."""

    symbol: str
    decision_id: str
    at: datetime
    snapshot: Snapshot
    readings: Mapping[str, Reading]


class IntelligencePane:
    """Reads what the newest decisions saw. Thread-safe; a decision is read once."""

    def __init__(self, record: RecordPane) -> None:
        self._record, self._lock = record, Lock()
        self._kept: dict[str, Intelligence] = {}

    def look(self, symbol: str) -> Intelligence:
        """The newest readings of a symbol. Raises PrerequisiteError when it was never looked at."""
        decision_id = self._record.newest(symbol)
        with self._lock:
            kept = self._kept.get(symbol)
            if kept is None or kept.decision_id != decision_id:
                kept = self._kept[symbol] = self._read(symbol, decision_id)
            return kept

    def _read(self, symbol: str, decision_id: str) -> Intelligence:
        log, rows = self._record.log(), self._record.rows(decision_id)
        seen = next((row.payload["digest"] for row in rows if row.kind is Kind.SNAPSHOT), None)
        config = next((row.payload["config"] for row in rows if row.kind is Kind.RUN), None)
        if seen is None or config is None:
            raise PrerequisiteError(f"the newest decision on {symbol} ended before it saw the market")
        snapshot = Snapshot.from_json(log.snapshot(seen))
        context = ToolContext(snapshot=snapshot, settings=setup_from(config).tools_for(symbol))
        readings = {name: _reading(name, context) for name, tool in CATALOGUE.items() if tool.args is NoArgs}
        return Intelligence(
            symbol=symbol, decision_id=decision_id, at=snapshot.at, snapshot=snapshot, readings=readings
        )


def _reading(name: str, context: ToolContext) -> Reading:
    tool = CATALOGUE[name]
    told: Mapping[str, Any] = {}
    trouble = ""
    try:
        told = tool.run(context, NoArgs()).model_dump(mode="json")
    except DeskError as error:
        trouble = error.message
    return Reading(tool=name, told=told, trouble=trouble, hearsay=tool.trust is Trust.UNTRUSTED)
