"""The master: plans who looks at what, and decides on what they report. It chooses no quantity and reads no free text.

Offline rules of the decision: a weighted vote. Signal 35 %, regime 25 %, chart 20 %, spikes 10 %, news 10 %, each in
[-1, 1] and scaled by its own confidence; any further role 5 %; who is missing does not vote. A volatile regime takes
40 % off the lean, danger from spikes up to half, and a side that lost on average in five or more similar cases a third.
It opens only with the weighted signal past its threshold and a lean of at least 0.15 on the same side, risk permitting.
With a position open: an opposite view is stated as such (code closes it above the exit confidence), a fading one is
HOLD (code closes it when losing, keeps it when winning).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from agents.reports import NOTE_CHARS, Answer, Unit
from agents.specialist import Facts, clamp
from agents.views import view_of
from desk.domain.intents import Action
from desk.regime.values import Regime
from desk.risk.values import RiskVerdict

WEIGHTS: Mapping[str, float] = {"signal": 0.35, "regime": 0.25, "chart": 0.20, "spikes": 0.10, "news": 0.10}
MIN_LEAN = 0.15
_FURTHER_WEIGHT = 0.05
_VOLATILE_FACTOR = 0.6
_DANGER_FACTOR = 0.5
_LOSING_FACTOR = 2.0 / 3.0
_CASES = 5
_AGREEMENT = 0.05
_EVIDENCE = 10

Note = Annotated[str, Field(max_length=NOTE_CHARS, description="One sentence for a person. No agent reads it.")]
Distance = Annotated[float, Field(ge=0.0, le=1.0)]


class SpecialistName(StrEnum):
    """Whom the master may assign."""

    REGIME = "regime"
    CHART = "chart"
    NEWS = "news"
    SPIKES = "spikes"
    RISK = "risk"


_FIVE = frozenset(name.value for name in SpecialistName)


class Focus(StrEnum):
    """What an assignment is about."""

    ENTRY = "ENTRY"
    EXIT = "EXIT"
    PROTECT = "PROTECT"


class Assignment(Answer):
    """One specialist and what to look for."""

    agent: SpecialistName
    focus: Focus


class DeskPlan(Answer):
    """Who works on this decision."""

    assignments: Annotated[tuple[Assignment, ...], Field(max_length=10)]
    note: Note


class Stance(StrEnum):
    """Which way a piece of evidence speaks about the action taken."""

    FOR = "FOR"
    AGAINST = "AGAINST"
    NEUTRAL = "NEUTRAL"


class EvidenceLine(Answer):
    """What one report weighed in the decision."""

    agent: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    stance: Stance
    weight: Unit


class DeskDecision(Answer):
    """What the master wants. Distances are fractions of the entry price; there is no quantity."""

    action: Action
    conviction: Unit
    stop_pct: Distance
    target_pct: Distance
    evidence: Annotated[tuple[EvidenceLine, ...], Field(max_length=10)]
    note: Note


def plan_offline(facts: Facts) -> DeskPlan:
    """Everyone works; the focus follows the account: protect it, leave the position, or look for an entry."""
    focus = Focus.ENTRY if facts["position"] is None else Focus.EXIT
    if facts["mode"] != "NORMAL":
        focus = Focus.PROTECT
    assignments = tuple(Assignment(agent=agent, focus=focus) for agent in SpecialistName)
    return DeskPlan(assignments=assignments, note=f"offline rules: all five on {focus.value.lower()}")


def votes(facts: Facts) -> dict[str, float]:
    """Each voter's view in [-1, 1], above zero for long. Only those who reported vote."""
    reports: Mapping[str, Mapping[str, Any]] = facts["reports"]
    signal = facts["signal"]
    cast = {"signal": clamp(signal["score"] / (2.0 * signal["threshold"]), -1.0, 1.0)}
    for name in (*WEIGHTS, *sorted(reports.keys() - _FIVE)):
        view = view_of(name, reports[name]) if name in reports else None
        if view is not None:
            cast[name] = view
    return cast


def lean(facts: Facts) -> float:
    """The weighted vote in [-1, 1], damped by a volatile regime and by unsupported moves."""
    cast = votes(facts)
    weights = {name: WEIGHTS.get(name, _FURTHER_WEIGHT) for name in cast}
    value = sum(weights[name] * vote for name, vote in cast.items()) / sum(weights.values())
    reports: Mapping[str, Mapping[str, Any]] = facts["reports"]
    if reports.get("regime", {}).get("regime") == Regime.VOLATILE.value:
        value *= _VOLATILE_FACTOR
    value *= 1.0 - _DANGER_FACTOR * reports.get("spikes", {}).get("danger", 0.0)
    return value * _remembered(facts.get("memory"), value)


def _remembered(memory: Mapping[str, Any] | None, value: float) -> float:
    """Memory only holds back: a gain of before is no reason to want more."""
    if memory is None or memory["cases"] < _CASES:
        return 1.0
    gain = memory["long_gain"] if value > 0 else memory["short_gain"]
    return _LOSING_FACTOR if gain < 0 else 1.0


def decide_offline(facts: Facts) -> DeskDecision:
    """The weighted vote, held by the risk verdict."""
    value = lean(facts)
    score, threshold = facts["signal"]["score"], facts["signal"]["threshold"]
    agrees = abs(score) >= threshold and score * value > 0 and abs(value) >= MIN_LEAN
    action = Action.HOLD
    if agrees:
        action = Action.OPEN_LONG if value > 0 else Action.OPEN_SHORT
    risk = facts["reports"].get("risk")
    vetoed = risk is None or risk["verdict"] == RiskVerdict.NO_NEW_EXPOSURE.value
    if facts["position"] is None and vetoed:
        action = Action.HOLD
    bounds = facts["bounds"]
    return DeskDecision(
        action=action,
        conviction=clamp(0.3 + 0.7 * abs(value) if action is not Action.HOLD else abs(value), 0.0, 1.0),
        stop_pct=clamp(risk["stop_pct"] if risk else bounds["stop_default"], *bounds["stop"]),
        target_pct=clamp(risk["target_pct"] if risk else bounds["target_default"], *bounds["target"]),
        evidence=_evidence(facts, value),
        note=f"offline rules: lean {value:+.2f}, signal {score:+d}{', risk veto' if vetoed else ''}",
    )


def _evidence(facts: Facts, value: float) -> tuple[EvidenceLine, ...]:
    cast = votes(facts)
    lines = [
        EvidenceLine(agent=name, stance=_stance(vote, value), weight=clamp(abs(vote), 0.0, 1.0))
        for name, vote in cast.items()
        if name != "signal"
    ]
    if risk := facts["reports"].get("risk"):
        against = risk["verdict"] != RiskVerdict.OK.value
        weight = clamp(1.0 - risk["size"], 0.0, 1.0) if against else risk["size"]
        lines.append(
            EvidenceLine(
                agent=SpecialistName.RISK.value, stance=Stance.AGAINST if against else Stance.FOR, weight=weight
            )
        )
    return tuple(lines)[:_EVIDENCE]


def _stance(vote: float, value: float) -> Stance:
    if abs(vote) < _AGREEMENT:
        return Stance.NEUTRAL
    return Stance.FOR if vote * value > 0 else Stance.AGAINST
