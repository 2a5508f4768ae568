"""The risk specialist: the state of the account, what is left of its limits, and how much the conditions call for.

Without this report nothing new is opened. Offline rules: verdict, reasons, size and distances are the account
reading's; a guard that is not in NORMAL, or that holds something unexplained, means no new exposure; extreme funding
adds caution and cuts size by a quarter. Code compares the verdict with its own reading and keeps the stricter one.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agents.reports import AgentName, Report, Unit
from agents.specialist import Facts, Results, Specialist, clamp, need
from desk.risk.values import RiskReason, RiskVerdict

_NORMAL = "NORMAL"


class RiskReport(Report):
    """What the account allows. `size` is the share of the usual size; `*_left` unspent fractions of limits."""

    verdict: RiskVerdict
    reasons: Annotated[tuple[RiskReason, ...], Field(max_length=20)]
    size: Unit
    stop_pct: Annotated[float, Field(gt=0.0, le=0.5)]
    target_pct: Annotated[float, Field(gt=0.0, le=1.0)]
    leverage: Annotated[float, Field(ge=0.0, le=1000.0)]
    day_left: Unit
    gap_left: Unit


def _rules(facts: Facts, results: Results) -> RiskReport:
    risk, limits = need(results, "get_account_risk"), need(results, "get_limits")
    funding = results.get("get_funding")
    verdict, size = RiskVerdict(risk["verdict"]), risk["size"]["fraction"]
    reasons = [RiskReason(code) for code in risk["reasons"]]
    if limits["latched"] or limits["mode"] != _NORMAL:
        verdict, reasons = RiskVerdict.NO_NEW_EXPOSURE, [RiskReason.NOT_NORMAL, *reasons]
    if limits["unexplained"]:
        verdict, reasons = RiskVerdict.NO_NEW_EXPOSURE, [RiskReason.UNEXPLAINED, *reasons]
    if funding is not None and funding["extreme"]:
        verdict = RiskVerdict.CAUTION if verdict is RiskVerdict.OK else verdict
        reasons, size = [*reasons, RiskReason.FUNDING_COSTLY], size * 0.75
    unique = tuple(dict.fromkeys(reasons))
    named = ", ".join(reason.value.lower() for reason in unique) or "nothing against it"
    return RiskReport(
        note=f"{verdict.value.lower()}: {named}"[:280],
        verdict=verdict,
        reasons=unique[:20],
        size=clamp(size, 0.0, 1.0),
        stop_pct=clamp(risk["size"]["stop_pct"], 0.0001, 0.5),
        target_pct=clamp(risk["size"]["target_pct"], 0.0001, 1.0),
        leverage=clamp(risk["gross_leverage"], 0.0, 1000.0),
        day_left=clamp(risk["day_left"], 0.0, 1.0),
        gap_left=clamp(risk["gap_left"], 0.0, 1.0),
    )


RISK = Specialist(
    name=AgentName.RISK.value,
    report=RiskReport,
    default_tools=("get_account_risk", "get_limits", "get_funding"),
    first_calls=(("get_account_risk", {}), ("get_limits", {}), ("get_funding", {})),
    rules=_rules,
)
