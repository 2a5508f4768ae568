"""The shape of a specialist: its report, the tools it starts with, and the written rules it follows offline.

Offline rules are honest work: a pure function of tool results, documented in its module, never a constant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agents.reports import Report
from desk.domain.errors import ModelError

Facts = Mapping[str, Any]
Results = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Specialist:
    """One specialist. `first_calls` are the tools its offline rules ask for; `rules` turn results into a report.

    Where it is offered none of its `first_calls`, it asks for whatever it is offered that needs no argument.
    """

    name: str
    report: type[Report]
    default_tools: tuple[str, ...]
    first_calls: tuple[tuple[str, Mapping[str, Any]], ...]
    rules: Callable[[Facts, Results], Report]


def need(results: Results, tool: str) -> Mapping[str, Any]:
    """The result of one tool. Raises ModelError when it is missing: the rules then have nothing honest to say."""
    found = results.get(tool)
    if found is None:
        raise ModelError(f"the offline rules need the result of {tool}")
    return found


def clamp(value: float, low: float, high: float) -> float:
    """The value held inside [low, high], to four decimals: more digits than any of these judgements deserve."""
    return round(min(max(value, low), high), 4)
