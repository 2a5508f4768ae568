"""The executor of the spike crew: decides within seconds on the scanner's, context's and risk's reports alone.

Offline rules: open with a pressure of at least 0.3 whose danger is less than half, that context does not stand against
by more than a quarter, risk permitting; close a position that a pressure of at least 0.3 endangers; hold otherwise.
Conviction is half the pressure and a fifth of context's lean on its side, never above 0.6: such a move fades.
"""

from __future__ import annotations

from agents.master import DeskDecision, EvidenceLine, Stance
from agents.specialist import Facts, clamp
from desk.domain.intents import Action
from desk.risk.values import RiskVerdict

_PRESSURE, _DANGER, _AGAINST, _MOST = 0.3, 0.5, -0.25, 0.6


def execute_offline(facts: Facts) -> DeskDecision:
    """The written rules."""
    reports = facts["reports"]
    scanner, context, risk = (reports.get(name) for name in ("scanner", "context", "risk"))
    pressure = scanner["pressure"] if scanner else 0.0
    side = 1.0 if pressure > 0 else -1.0
    carried = side * context["lean"] * context["confidence"] if context else 0.0
    action = _action(facts, pressure, carried)
    bounds = facts["bounds"]
    stop = clamp(risk["stop_pct"] if risk else bounds["stop_default"], *bounds["stop"])
    return DeskDecision(
        action=action,
        conviction=clamp(0.5 * abs(pressure) + 0.3 + 0.2 * carried, 0.0, _MOST) if action is not Action.HOLD else 0.0,
        stop_pct=stop,
        target_pct=clamp(max(1.5 * stop, bounds["target"][0]), *bounds["target"]),
        evidence=_evidence(facts, side),
        note=f"offline rules: pressure {pressure:+.2f}, danger {scanner['danger'] if scanner else 0:.2f}, "
        f"carried {carried:+.2f}",
    )


def _action(facts: Facts, pressure: float, carried: float) -> Action:
    position, scanner, risk = facts["position"], facts["reports"].get("scanner"), facts["reports"].get("risk")
    if scanner is None or abs(pressure) < _PRESSURE:
        return Action.HOLD
    if position is not None:
        endangered = (pressure < 0) == (position["side"] == "LONG")
        return Action.CLOSE if endangered else Action.HOLD
    vetoed = risk is None or risk["verdict"] == RiskVerdict.NO_NEW_EXPOSURE.value
    if vetoed or scanner["danger"] >= _DANGER or carried < _AGAINST:
        return Action.HOLD
    return Action.OPEN_LONG if pressure > 0 else Action.OPEN_SHORT


def _evidence(facts: Facts, side: float) -> tuple[EvidenceLine, ...]:
    lines: list[EvidenceLine] = []
    for agent, report in sorted(facts["reports"].items()):
        if agent == "risk":
            allowed = report["verdict"] == RiskVerdict.OK.value
            stance, weight = (Stance.FOR if allowed else Stance.AGAINST), report["size"]
        else:
            view = side * (report["pressure"] if agent == "scanner" else report["lean"])
            stance = Stance.FOR if view > 0 else Stance.AGAINST if view < 0 else Stance.NEUTRAL
            weight = clamp(abs(view), 0.0, 1.0)
        lines.append(EvidenceLine(agent=agent, stance=stance, weight=weight))
    return tuple(lines)
