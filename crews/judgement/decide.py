"""What code makes of the models' answers: reports, decision, intent. Pure, and all that a replay needs beside the plan.

Models propose; these rules can only lower. An opening needs a risk report that allows it, enough reports, the weighted
signal on its side, and no more conviction than the reports that agree have earned; a position that loses while nobody
speaks for it is closed; every change is named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from agents.master import DeskDecision
from agents.reports import Report
from agents.risk import RiskReport
from agents.roster import specialist_of
from agents.strict_json import parse_answer
from agents.views import SILENT, view_of
from crews.judgement.hearsay import without_hearsay
from crews.record.record import Abstention
from crews.setup import DeskSetup, Range, Trust
from crews.work.prompts import weighted_signal
from desk.domain.intents import Action, Intent
from desk.domain.money import ONE, ZERO, plain
from desk.market.snapshot import PositionBrief, Snapshot
from desk.risk.values import RiskVerdict
from desk.signals.weighted import WeightedSignal
from memory.standing import Weight
from tools.account import risk_reading
from tools.structure import crowding_of
from tools.tool import ToolContext

_GRID = Decimal("0.0001")
_HALF = Decimal("0.5")
_INDEPENDENT = 2
STOOD_DOWN = "stood_down"
_STRICTNESS = (RiskVerdict.OK, RiskVerdict.CAUTION, RiskVerdict.NO_NEW_EXPOSURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The decision after code's rules. `caps` names each rule that changed it, in order."""

    action: Action
    conviction: Decimal
    stop_pct: Decimal
    target_pct: Decimal
    caps: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The judgement as JSON, without the caps."""
        return {
            "action": self.action.value,
            "conviction": plain(self.conviction),
            "stop_pct": plain(self.stop_pct),
            "target_pct": plain(self.target_pct),
        }

    def capped(self, cap: str, **changes: Any) -> Judgement:  # noqa: ANN401  (fields of this class)
        """The judgement changed by a named rule; unchanged and unnamed when nothing changes."""
        changed = replace(self, **changes)
        return self if changed == self else replace(changed, caps=(*self.caps, cap))


def decision_id_of(run_id: str, symbol: str) -> str:
    """The decision's name: one for each run and symbol."""
    return "d" + _digest(run_id, symbol)


def intent_id_of(run_id: str, symbol: str) -> str:
    """The intent's name: one for each run and symbol, so that asking twice is asking once."""
    return "i" + _digest(run_id, symbol)


def _digest(run_id: str, symbol: str) -> str:
    return hashlib.sha256(f"{run_id}|{symbol}".encode()).hexdigest()[:24]


def read_report(agent: str, text: str) -> Report:
    """A specialist's report. Raises ModelMalformedError."""
    return parse_answer(specialist_of(agent).report, text)


def read_decision(text: str) -> DeskDecision:
    """The master's decision. Raises ModelMalformedError."""
    return parse_answer(DeskDecision, text)


def judge(
    proposed: DeskDecision | None,
    reports: Mapping[str, Report],
    abstentions: Sequence[Abstention],
    snapshot: Snapshot,
    setup: DeskSetup,
    weights: Mapping[str, Weight] | None = None,
) -> Judgement:
    """The decision in force. Without a proposal it is HOLD, and the position rules still apply.

    `weights` are what each agent has earned; without them everybody counts as unproven.
    """
    judgement = _first(proposed, setup)
    position = snapshot.account.position(snapshot.symbol)
    if position is not None:
        return _with_position(judgement, position, setup)
    if judgement.action is Action.CLOSE:
        return judgement.capped("nothing_to_close", action=Action.HOLD)
    if judgement.action is Action.HOLD:
        return judgement
    signal = weighted_signal(snapshot, setup)
    judgement = _opening(judgement, reports, signal, snapshot, setup)
    if not judgement.action.opens:
        return judgement
    weights = setup.trust.unproven() if weights is None else weights
    # Hearsay supports nothing: what the master may not hear in favour of a trade may not vouch for it either.
    heard = without_hearsay(reports, snapshot, setup, signal.score)
    support = support_of(judgement.action, heard, weights, setup.trust)
    judgement = judgement.capped("support", conviction=min(judgement.conviction, support))
    return _sized(judgement, reports, abstentions, snapshot, setup)


def stood_down(setup: DeskSetup) -> Judgement:
    """What code makes of an alarm that the guardian holds for noise: nothing is done, to a position neither."""
    return replace(_first(None, setup), caps=(STOOD_DOWN,))


def _first(proposed: DeskDecision | None, setup: DeskSetup) -> Judgement:
    caps = setup.caps
    if proposed is None:
        still = Judgement(
            action=Action.HOLD, conviction=ZERO, stop_pct=caps.stop.default, target_pct=caps.target.default
        )
        return replace(still, caps=("no_decision",))
    stop, target = _exact(proposed.stop_pct), _exact(proposed.target_pct)
    judgement = Judgement(
        action=proposed.action, conviction=_exact(proposed.conviction), stop_pct=stop, target_pct=target
    )
    judgement = judgement.capped("stop_bounds", stop_pct=_within(stop, caps.stop))
    return judgement.capped("target_bounds", target_pct=_within(target, caps.target))


def _with_position(judgement: Judgement, position: PositionBrief, setup: DeskSetup) -> Judgement:
    """A position is kept, or closed; it is never turned or added to in one step."""
    long = position.quantity > 0
    if judgement.action.opens:
        if (judgement.action is Action.OPEN_LONG) == long:
            return judgement.capped("already_open", action=Action.HOLD)
        if judgement.conviction > setup.caps.exit_confidence:
            return judgement.capped("opposite_view_closes", action=Action.CLOSE)
        judgement = judgement.capped("opposite_view_too_weak", action=Action.HOLD)
    if judgement.action is Action.HOLD and position.unrealized < ZERO:
        return judgement.capped("losing_and_undecided_closes", action=Action.CLOSE)
    return judgement


def _opening(
    judgement: Judgement,
    reports: Mapping[str, Report],
    signal: WeightedSignal,
    snapshot: Snapshot,
    setup: DeskSetup,
) -> Judgement:
    """The reasons not to open at all, the gravest first."""
    caps = setup.caps
    risk = reports.get("risk")
    reason = ""
    if not isinstance(risk, RiskReport):
        reason = "no_risk_report"
    elif _verdict(risk, snapshot, setup) is RiskVerdict.NO_NEW_EXPOSURE:
        reason = "risk_veto"
    elif len(reports) < caps.min_reports:
        reason = "too_few_reports"
    elif not _signal_agrees(judgement.action, signal, caps.min_strength):
        reason = "signal_does_not_agree"
    elif not _policy_agrees(judgement.action, snapshot):
        reason = "policy_does_not_agree"
    elif judgement.conviction <= caps.min_confidence:
        reason = "conviction_too_low"
    elif setup.proof_needed and snapshot.licence is None:
        reason = "no_edge_proven"
    elif _crowded(judgement.action, snapshot, setup):
        reason = "crowded"
    return judgement.capped(reason, action=Action.HOLD) if reason else judgement


def _sized(
    judgement: Judgement,
    reports: Mapping[str, Report],
    abstentions: Sequence[Abstention],
    snapshot: Snapshot,
    setup: DeskSetup,
) -> Judgement:
    """The reasons to ask for less. The guard turns conviction into a size, and may lower it again."""
    risk = reports["risk"]
    if isinstance(risk, RiskReport):
        if _verdict(risk, snapshot, setup) is RiskVerdict.CAUTION:
            judgement = judgement.capped("risk_caution", conviction=_grid(judgement.conviction * _HALF))
        judgement = judgement.capped("risk_size", conviction=_grid(judgement.conviction * _exact(risk.size)))
    if abstentions:
        least = min(judgement.conviction, setup.caps.abstention_cap)
        judgement = judgement.capped("abstention_cap", conviction=least)
    judgement = judgement.capped("max_conviction", conviction=min(judgement.conviction, setup.caps.max_conviction))
    return judgement if judgement.conviction > ZERO else judgement.capped("no_conviction_left", action=Action.HOLD)


def support_of(action: Action, reports: Mapping[str, Report], weights: Mapping[str, Weight], trust: Trust) -> Decimal:
    """The weight in [0, 1] of the reports that speak for an opening: the most conviction it may have.

    What was read from strangers counts only beside another source that agrees and has a weight of its own.
    """
    side = 1.0 if action is Action.OPEN_LONG else -1.0
    agreeing: dict[str, Decimal] = {}
    for agent, report in reports.items():
        view = view_of(agent, report.for_master())
        earned = weights.get(agent)
        if view is not None and view * side >= SILENT and earned is not None and earned.value > ZERO:
            agreeing[agent] = earned.value
    sources = {trust.strangers.get(agent, frozenset({agent})) for agent in agreeing}
    if len(sources) < _INDEPENDENT:
        agreeing = {agent: value for agent, value in agreeing.items() if agent not in trust.strangers}
    return min(ONE, sum(agreeing.values(), ZERO))


def _verdict(report: RiskReport, snapshot: Snapshot, setup: DeskSetup) -> RiskVerdict:
    """The stricter of the specialist's verdict and our own reading: a model may be careful, not careless."""
    own = risk_reading(ToolContext(snapshot=snapshot, settings=setup.tools_for(snapshot.symbol))).verdict
    return max(own, report.verdict, key=_STRICTNESS.index)


def _signal_agrees(action: Action, signal: WeightedSignal, needed: int) -> bool:
    return (signal.score if action is Action.OPEN_LONG else -signal.score) >= needed


def _policy_agrees(action: Action, snapshot: Snapshot) -> bool:
    """Whether the promoted policy wants the same. Where none is proven it has no say."""
    said = snapshot.policy
    return said is None or said.action == ("BUY" if action is Action.OPEN_LONG else "SELL")


def _crowded(action: Action, snapshot: Snapshot, setup: DeskSetup) -> bool:
    """Whether what the account holds already would win and lose with this position, beyond what is allowed."""
    limit = setup.tools_for(snapshot.symbol).crowding_limit
    return crowding_of(snapshot).crowded(long=action is Action.OPEN_LONG, limit=limit)


def build_intent(
    judgement: Judgement, snapshot: Snapshot, setup: DeskSetup, *, run_id: str, snapshot_hash: str
) -> Intent | None:
    """The one intent of this run and symbol, or None for HOLD. It is as old as the snapshot it was decided on."""
    if judgement.action is Action.HOLD:
        return None
    return Intent(
        intent_id=intent_id_of(run_id, snapshot.symbol),
        run_id=run_id,
        symbol=snapshot.symbol,
        action=judgement.action,
        conviction=judgement.conviction,
        stop_pct=judgement.stop_pct,
        target_pct=judgement.target_pct,
        seen_mark=snapshot.mark.price,
        strategy_id=snapshot.licence or setup.strategy_id,
        snapshot_hash=snapshot_hash,
        created_at=snapshot.at,
        expires_at=snapshot.at + timedelta(seconds=setup.intent_ttl),
    )


def _exact(value: float) -> Decimal:
    """A model's number as a decimal with four places, towards zero."""
    return _grid(Decimal(repr(value)))


def _grid(value: Decimal) -> Decimal:
    return min(max(value, ZERO), ONE).quantize(_GRID, rounding=ROUND_DOWN)


def _within(value: Decimal, bounds: Range) -> Decimal:
    return min(max(value, bounds.low), bounds.high)
