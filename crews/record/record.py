"""What one decision was: the record a person reads, a script parses, and the audit log keeps.

Every field is plain JSON once written; money and prices are decimal strings, so that nothing is rounded on the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from desk.domain.intents import Action
from desk.domain.money import plain


class VerdictKind(StrEnum):
    """How the decision ended: the guard's three answers, and the three ways in which nobody was asked."""

    APPROVED = "approved"
    REDUCED = "reduced"
    REFUSED = "refused"
    NOT_ASKED = "not_asked"
    UNREACHABLE = "unreachable"
    ABSTAINED = "abstained"


class AbstentionReason(StrEnum):
    """Why an agent gave no report."""

    TIMEOUT = "timeout"
    MODEL_ERROR = "model_error"
    MALFORMED = "malformed"
    BUDGET = "budget"
    DATA_MISSING = "data_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstention:
    """An agent that gave no report, and why. `detail` is for a person and never enters a prompt."""

    agent: str
    reason: AbstentionReason
    detail: str

    def to_json(self) -> dict[str, str]:
        """The abstention as JSON."""
        return {"agent": self.agent, "reason": self.reason.value, "detail": self.detail}


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """One decision from snapshot to verdict.

    `verdict` says how it ended and `rule` names the rule that decided it. `orders`, `filled` (base asset),
    `average_price`, `stop` and `target` are what the guard reports as executed. `seconds` is wall time. `reports` maps
    each agent to its typed report as JSON.
    """

    decision_id: str
    run_id: str
    symbol: str
    decided_at: datetime
    action: Action
    conviction: Decimal
    stop_pct: Decimal
    target_pct: Decimal
    verdict: VerdictKind
    rule: str
    message: str
    intent_id: str | None
    orders: tuple[Mapping[str, Any], ...]
    filled: Decimal
    average_price: Decimal | None
    stop: str | None
    target: str | None
    equity: Decimal
    mark: Decimal
    requests: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    reports: Mapping[str, Mapping[str, Any]]
    abstentions: tuple[Abstention, ...]
    evidence: tuple[str, ...]
    caps: tuple[str, ...]
    models: Mapping[str, str]
    snapshot_hash: str
    licence: str | None

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON values."""
        return {
            "decision_id": self.decision_id,
            "run_id": self.run_id,
            "symbol": self.symbol,
            "decided_at": self.decided_at.isoformat(),
            "action": self.action.value,
            "conviction": plain(self.conviction),
            "stop_pct": plain(self.stop_pct),
            "target_pct": plain(self.target_pct),
            "verdict": self.verdict.value,
            "rule": self.rule,
            "message": self.message,
            "intent_id": self.intent_id,
            "orders": [dict(order) for order in self.orders],
            "filled": plain(self.filled),
            "average_price": None if self.average_price is None else plain(self.average_price),
            "stop": self.stop,
            "target": self.target,
            "equity": plain(self.equity),
            "mark": plain(self.mark),
            "requests": self.requests,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "seconds": round(self.seconds, 4),
            "reports": {agent: dict(report) for agent, report in self.reports.items()},
            "abstentions": [item.to_json() for item in self.abstentions],
            "evidence": list(self.evidence),
            "caps": list(self.caps),
            "models": dict(self.models),
            "snapshot_hash": self.snapshot_hash,
            "licence": self.licence,
            "certified": self.licence is not None,
        }
