"""The context analyst of the spike crew: whether the market at large carries a move or stands against it.

Offline rules: appetite for risk counts a half for or against higher prices, BTC's trend by its strength up to a
quarter, ETH's too. Confidence is the share of these three that could be read. News is not its matter: what two sources
tell stands beside the alarm, and what one tells is hearsay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agents.opinion import OpinionReport
from agents.reports import AgentName
from agents.specialist import Facts, Results, Specialist, clamp, need
from desk.context.values import Appetite, Trend

_APPETITE = {Appetite.RISK_ON.value: 0.5, Appetite.RISK_OFF.value: -0.5, Appetite.MIXED.value: 0.0}
_TREND = {Trend.UP.value: 0.25, Trend.DOWN.value: -0.25, Trend.SIDEWAYS.value: 0.0}
_READINGS = 3


class ContextReport(OpinionReport):
    """A lean in [-1, 1], above zero where the market at large carries higher prices, and its confidence."""

    appetite: Appetite


def _rules(facts: Facts, results: Results) -> ContextReport:
    context = need(results, "get_market_context")
    parts = list(_parts(context))
    lean = sum(parts)
    appetite = context["appetite"].lower().replace("_", " ")
    return ContextReport(
        note=f"offline rules: {appetite}, lean {lean:+.2f} of {len(parts)} readings",
        lean=clamp(lean, -1.0, 1.0),
        confidence=clamp(len(parts) / _READINGS, 0.0, 1.0),
        appetite=Appetite(context["appetite"]),
    )


def _parts(context: Mapping[str, Any]) -> Iterator[float]:
    if context["votes"]:
        yield _APPETITE[context["appetite"]]
    for leader in (context["btc"], context["eth"]):
        if leader is not None:
            yield _TREND[leader["trend"]] * leader["strength"]


CONTEXT = Specialist(
    name=AgentName.CONTEXT.value,
    report=ContextReport,
    default_tools=("get_market_context",),
    first_calls=(("get_market_context", {}),),
    rules=_rules,
)
