"""What a report says of what comes next, as numbers that can be held against what came.

A view is a direction in [-1, 1]; a forecast is an event with a probability. Four of the five speak of direction. Risk
has none: what it says of the size to take is a forecast that the price will stray as far as the stop.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from agents.reports import AgentName
from desk.regime.values import Regime

SILENT = 0.05  # a view nearer to zero takes no side
UP, STRAYS = "up", "stop"
_SIDES = {Regime.BULL.value: 1.0, Regime.BEAR.value: -1.0}
_GRID = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """An event and its probability. `up`: the price is higher at the end. `stop`: it strays by the share `distance`."""

    event: str
    probability: Decimal
    called: bool
    distance: Decimal = Decimal(0)


def view_of(agent: str, report: Mapping[str, Any]) -> float | None:
    """The direction of a report in [-1, 1], above zero for long; None for risk, which takes none."""
    match agent:
        case AgentName.REGIME:
            return _SIDES.get(report["regime"], 0.0) * report["confidence"]
        case AgentName.CHART:
            return report["score"] / 100.0 * (0.5 + 0.5 * report["confidence"])
        case AgentName.SPIKES | AgentName.SCANNER:
            return report["pressure"]
        case AgentName.NEWS:
            return report["score"] * report["confidence"]
        case AgentName.RISK:
            return None
        case _:
            return report["lean"] * report["confidence"]


def forecast_of(agent: str, report: Mapping[str, Any]) -> Forecast:
    """What a report says will happen within its horizon."""
    view = view_of(agent, report)
    if view is None:
        danger = 1.0 - report["size"]
        return Forecast(
            event=STRAYS, probability=_exact(danger), called=danger != 0.5, distance=_exact(report["stop_pct"])
        )
    return Forecast(event=UP, probability=_exact(0.5 + view / 2.0), called=abs(view) >= SILENT)


def _exact(value: float) -> Decimal:
    return Decimal(repr(min(max(value, 0.0), 1.0))).quantize(_GRID, rounding=ROUND_HALF_EVEN)
