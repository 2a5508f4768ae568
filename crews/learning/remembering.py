"""From decisions that ended to memory, and from memory to the next decision: numbers one way, and the record the other.

A case is made from the audit log alone: the snapshot it was made on, the regime that was reported, and the trade's
outcome. Its reflection is written by code, so no word of a model or of a stranger is in it. Memory that fails costs
itself: the desk decides without, and the record says what was recalled.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from agents.reports import AgentName
from agents.views import SILENT, view_of
from config.loader import DeskConfig
from crews.case import Case as OpenCase
from crews.running.services import Folder
from crews.setup import DeskSetup
from crews.spending.budget import DayBook
from crews.spending.embeddings import PaidEmbedding
from desk.domain.errors import PrerequisiteError
from desk.market.snapshot import Snapshot
from memory.audit import AuditLog, AuditRow
from memory.embedding import Embedding, EmbeddingEndpoint, HashedEmbedding, OpenAIEmbedding
from memory.recall import Case, DecisionMemory, Recalled
from memory.rows import Kind
from memory.state import market_state

_log = logging.getLogger(__name__)


class Memory(Protocol):
    """What a decision asks of memory. `memory.recall.DecisionMemory` keeps this contract."""

    def like(self, state: Sequence[float], symbol: str, now: datetime, *, most: int, likeness: float) -> Recalled:
        """What the markets most like this one came to."""
        ...


def open_memory(config: DeskConfig, folder: Folder, book: DayBook) -> DecisionMemory | None:
    """A profile's memory, or None where it does not open: a desk decides without. Raises for a missing key."""
    embedding = open_embedding(config, book)
    try:
        return DecisionMemory(folder.memory, embedding, days=config.desk.memory.days)
    except PrerequisiteError as error:
        _log.warning("the desk decides without memory: %s", error.message)
        return None


def open_embedding(config: DeskConfig, book: DayBook) -> Embedding:
    """What turns words into vectors, paid for out of `book` where it is a model.

    Raises PrerequisiteError when its key is missing from the environment.
    """
    there = config.desk.memory.embedding
    if there.kind == "hashed":
        return HashedEmbedding()
    key = os.environ.get(there.api_key_env, "") if there.api_key_env else ""
    if there.api_key_env and not key:
        raise PrerequisiteError(f"embeddings need their key in {there.api_key_env}", hint="or `embedding: hashed`")
    asked = OpenAIEmbedding(
        EmbeddingEndpoint(model=there.model, base_url=there.base_url, api_key=key, timeout=there.timeout_seconds)
    )
    return PaidEmbedding(asked, price=there.price / 1_000_000, book=book)


def recall(memory: Memory | None, case: OpenCase, snapshot: Snapshot, setup: DeskSetup) -> Recalled:
    """What such markets came to, recorded before anybody is told. Nothing, where memory is silent or fails."""
    found = Recalled()
    if memory is not None:
        report = case.reports.get(AgentName.REGIME.value)
        regime = "" if report is None else str(report.for_master()["regime"])
        ways = setup.recall
        try:
            state = market_state(snapshot, ways.interval, regime)
            found = memory.like(state, case.symbol, snapshot.at, most=ways.similar, likeness=ways.likeness)
        except Exception as error:
            # Chroma raises of its own kinds; whatever it is, a decision is made without.
            _log.warning("nothing is recalled: %s: %s", type(error).__name__, error)
    case.recorder.note(Kind.RECALL, {"recalled": found.to_json()})
    return Recalled.from_json(found.to_json())


def remember(memory: DecisionMemory | None, audit: AuditLog, decision_id: str) -> None:
    """Remember a decision whose trade has ended. Never raises: memory can be made anew from the log."""
    if memory is None:
        return
    try:
        case = case_of(audit, decision_id)
        if case is not None:
            memory.keep(case)
    except Exception as error:
        _log.warning("%s is not remembered: %s: %s", decision_id, type(error).__name__, error)


def rebuild(memory: DecisionMemory, audit: AuditLog) -> int:
    """Forget everything and remember the whole log again; returns how many cases there are. Raises JournalError."""
    memory.clear()
    kept = 0
    for one in audit.decisions(limit=1_000_000):
        case = case_of(audit, one.decision_id)
        if case is not None:
            memory.keep(case)
            kept += 1
    return kept


def case_of(audit: AuditLog, decision_id: str) -> Case | None:
    """What there is to remember of a decision, or None before its trade ended. Raises JournalError or DataError."""
    rows = audit.rows(decision_id)
    outcome, run, seen = _last(rows, Kind.OUTCOME), _last(rows, Kind.RUN), _last(rows, Kind.SNAPSHOT)
    if outcome is None or run is None or seen is None or outcome.payload.get("side") not in ("BUY", "SELL"):
        return None
    snapshot = Snapshot.from_json(audit.snapshot(seen.payload["digest"]))
    reports = {row.agent: row.payload["report"] for row in rows if row.kind is Kind.REPORT}
    told = outcome.payload
    side = 1 if told["side"] == "BUY" else -1
    interval = DeskConfig.from_json(run.payload["config"]).desk.signals.interval
    regime = str(reports.get(AgentName.REGIME.value, {}).get("regime", ""))
    gain = Decimal(told["pnl"]) / snapshot.account.equity if snapshot.account.equity else Decimal(0)
    return Case(
        decision_id=decision_id,
        symbol=snapshot.symbol,
        at=datetime.fromisoformat(told["closed_at"]),
        state=market_state(snapshot, interval, regime),
        side=side,
        gain=float(gain),
        reflection=_reflection(snapshot, told, side, float(gain), regime, reports),
    )


def _reflection(
    snapshot: Snapshot, told: Mapping[str, Any], side: int, gain: float, regime: str, reports: Mapping[str, Any]
) -> str:
    """What there is to learn, in one sentence made of enums and numbers."""
    views = {agent: view_of(agent, report) for agent, report in sorted(reports.items())}
    won = 1 if gain > 0 else -1
    spoke = {agent: view * side * won for agent, view in views.items() if view is not None and abs(view) >= SILENT}
    right = [agent for agent, agreed in spoke.items() if agreed > 0]
    wrong = [agent for agent, agreed in spoke.items() if agreed < 0]
    return (
        f"{'long' if side > 0 else 'short'} {snapshot.symbol} in a {regime.lower() or 'nameless'} market "
        f"{'won' if gain > 0 else 'lost'} {abs(gain):.3%} of equity, ended by {told['reason']}; "
        f"right: {', '.join(right) or 'nobody'}; wrong: {', '.join(wrong) or 'nobody'}"
    )


def _last(rows: Sequence[AuditRow], kind: Kind) -> AuditRow | None:
    return next((row for row in reversed(rows) if row.kind is kind), None)
