"""Step eight from the crew's side: the record of a finished decision, in the words a person and a script read."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from agents.master import DeskDecision
from crews.case import Case
from crews.judgement.decide import Judgement
from crews.record.record import DecisionRecord, VerdictKind
from desk.domain.errors import GuardError
from desk.domain.intents import Intent
from desk.domain.money import ZERO, plain
from desk.guard.door.wire import GuardAnswer
from desk.market.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """All that the record of a decision is made from, besides the case itself."""

    snapshot: Snapshot
    digest: str
    proposed: DeskDecision | None
    judgement: Judgement
    intent: Intent | None
    answer: GuardAnswer | None
    trouble: GuardError | None
    models: Mapping[str, str]


def conclude(case: Case, end: Conclusion) -> DecisionRecord:
    """The record of a finished decision."""
    kind, rule, message = _verdict(end)
    snapshot, judgement, intent = end.snapshot, end.judgement, end.intent
    execution = None if end.answer is None else end.answer.execution
    return DecisionRecord(
        decision_id=case.decision_id,
        run_id=case.run_id,
        symbol=case.symbol,
        decided_at=snapshot.at,
        action=judgement.action,
        conviction=judgement.conviction,
        stop_pct=judgement.stop_pct,
        target_pct=judgement.target_pct,
        verdict=kind,
        rule=rule,
        message=message,
        intent_id=None if intent is None else intent.intent_id,
        orders=tuple(
            {"role": order.role, "client_id": order.client_id, "status": order.status}
            for order in (execution.orders if execution else ())
        ),
        filled=execution.filled if execution else ZERO,
        average_price=execution.average_price if execution else None,
        stop=_text(execution.stop if execution else None),
        target=_text(execution.target if execution else None),
        equity=snapshot.account.equity,
        mark=snapshot.mark.price,
        requests=case.purse.requests,
        prompt_tokens=case.purse.prompt_tokens,
        completion_tokens=case.purse.completion_tokens,
        seconds=time.monotonic() - case.began,
        reports={agent: report.model_dump(mode="json") for agent, report in sorted(case.reports.items())},
        abstentions=tuple(case.abstentions),
        evidence=_evidence(end.proposed),
        caps=judgement.caps,
        models=end.models,
        snapshot_hash=end.digest,
        licence=snapshot.licence,
    )


def _verdict(end: Conclusion) -> tuple[VerdictKind, str, str]:
    """How it ended, by which rule, in one sentence."""
    if end.answer is not None:
        verdict = end.answer.verdict
        return VerdictKind(verdict.outcome.value), verdict.rule, verdict.message
    if end.trouble is not None:
        return VerdictKind.UNREACHABLE, "guard_unreachable", end.trouble.message
    if "no_decision" in end.judgement.caps:
        return VerdictKind.ABSTAINED, "no_decision", "the master gave no decision; nothing was asked of the guard"
    rule = end.judgement.caps[-1] if end.judgement.caps else "hold"
    return VerdictKind.NOT_ASKED, rule, "holding; nothing was asked of the guard"


def _evidence(proposed: DeskDecision | None) -> tuple[str, ...]:
    lines: Sequence[str] = ()
    if proposed is not None:
        lines = [f"{e.agent} {e.stance.value.lower()} {e.weight:.2f}" for e in proposed.evidence]
    return tuple(lines)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
