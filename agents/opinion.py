"""Any further role an operator seats by configuration: a view and how sure it is, in two bounded numbers.

A new role needs an entry in agents.yaml and a task in tasks.yaml, and no Python: it reports an opinion. Offline rules:
its lean is the mean of the directional readings among its tools (weighted signal, regime, chart, headlines, book), its
confidence how well they agree, or the size of the lean where there is only one. Without any it abstains. Its note says
that rules wrote it, and from which tools.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.reports import Report, Signed, Unit
from agents.specialist import Facts, Results, Specialist, clamp
from desk.domain.errors import ModelError

# What one source alone says is a rumour, on which no view is built.
_WITNESSES = 2
DIRECTIONAL = ("get_weighted_signal", "get_regime", "read_chart", "read_headlines", "get_order_book")


class OpinionReport(Report):
    """A view in [-1, 1], above zero for long, and its confidence."""

    lean: Signed
    confidence: Unit


def opinion(name: str) -> Specialist:
    """The specialist behind a role that has no module of its own."""
    calls = tuple((tool, {}) for tool in DIRECTIONAL)
    return Specialist(name=name, report=OpinionReport, default_tools=(), first_calls=calls, rules=_rules)


def _rules(facts: Facts, results: Results) -> OpinionReport:
    found = {tool: view for tool, result in sorted(results.items()) if (view := _view(tool, result)) is not None}
    if not found:
        raise ModelError("the offline rules find no directional reading among this role's tools")
    readings = tuple(found.values())
    lean = sum(readings) / len(readings)
    agreement = 1.0 - (max(readings) - min(readings)) / 2.0
    return OpinionReport(
        note=f"offline rules: lean {lean:+.2f} from {', '.join(found)}",
        lean=clamp(lean, -1.0, 1.0),
        confidence=clamp(agreement if len(readings) > 1 else abs(lean), 0.0, 1.0),
    )


def _view(tool: str, result: Mapping[str, Any]) -> float | None:
    """What one tool's result says of direction, in [-1, 1]; None for a tool that says nothing of it."""
    match tool:
        case "get_weighted_signal":
            return clamp(result["score"] / (2.0 * result["threshold"]), -1.0, 1.0)
        case "get_regime":
            return result["odds"]["bull"] - result["odds"]["bear"]
        case "read_chart":
            return result["score"] / 100.0
        case "read_headlines":
            vouched = result["vouched"] if result["witnesses"] >= _WITNESSES else 0.0
            return clamp(result["score"], -vouched, vouched) * result["confidence"]
        case "get_order_book":
            return result["imbalances"][-1]["imbalance"] if result["imbalances"] else None
        case _:
            return None
