"""The spike specialist: what was sudden, which way it pushed, and whether anything stands behind it.

Offline rules: each spike weighs by severity (notable 0.3, strong 0.6, extreme 1.0), halved for every three bars of
age. Pressure is the signed weight of legitimate spikes, danger the weight of those that nothing supports; both are
held to one. A cascade of liquidations counts as danger even when it is genuine. A sudden book counts for less the more
of its walls were pulled before they traded; a price spike that open interest leaves with is half as genuine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from agents.reports import AgentName, Answer, Report, Signed, Unit
from agents.specialist import Facts, Results, Specialist, clamp, need
from desk.market.crowd import Positioning
from desk.spikes.values import Severity, SpikeDirection, SpikeType

_WEIGHT = {Severity.NOTABLE.value: 0.3, Severity.STRONG.value: 0.6, Severity.EXTREME.value: 1.0}
_SIGN = {SpikeDirection.UP.value: 1.0, SpikeDirection.DOWN.value: -1.0, SpikeDirection.NONE.value: 0.0}
_HALF_LIFE_BARS = 3.0
_SHOWN = 5
_GIVEN_UP = 0.5


class SpikeView(Answer):
    """One spike as the desk sees it."""

    type: SpikeType
    direction: SpikeDirection
    severity: Severity
    legitimacy: Unit
    bars_ago: Annotated[int, Field(ge=0, le=1000)]


class SpikesReport(Report):
    """Sudden moves. `pressure` in [-1, 1] is where genuine ones push; `danger` how much is moving without support."""

    spikes: Annotated[tuple[SpikeView, ...], Field(max_length=6)]
    pressure: Signed
    danger: Unit
    noise_pct: Annotated[float, Field(ge=0.0, le=100.0)]


def _rules(facts: Facts, results: Results) -> SpikesReport:
    scan = need(results, "scan_spikes")
    pressure = danger = 0.0
    meant, taken = _meant(results.get("get_order_flow")), _taken(results.get("get_positioning"))
    for spike in scan["spikes"]:
        weight = _weight(spike)
        score = spike["legitimacy"]["score"] * _honesty(spike["type"], meant, taken)
        pressure += weight * score * _SIGN[spike["direction"]]
        cascade = spike["type"] == SpikeType.LIQUIDATION_CASCADE.value
        danger += weight * (1.0 if cascade else 1.0 - score)
    found = len(scan["spikes"])
    return SpikesReport(
        note=f"{found} spikes, pressure {pressure:+.2f}, danger {danger:.2f}" if found else "nothing sudden",
        spikes=tuple(_view(spike) for spike in scan["spikes"][:_SHOWN]),
        pressure=clamp(pressure, -1.0, 1.0),
        danger=clamp(danger, 0.0, 1.0),
        noise_pct=clamp(scan["bar_sigma_pct"], 0.0, 100.0),
    )


def _meant(flow: Mapping[str, Any] | None) -> float:
    """The share of the walls that went which were traded with; all of them where nobody watched."""
    sides = [flow[name] for name in ("bids", "asks") if flow[name] is not None] if flow else []
    gone = sum(side["walls_gone"] for side in sides)
    return 1.0 - sum(side["walls_pulled"] for side in sides) / gone if gone else 1.0


def _taken(positioning: Mapping[str, Any] | None) -> float:
    """Positions that are given up carry a move half as far as positions that are taken."""
    given_up = (Positioning.SHORTS_COVERED.value, Positioning.LONGS_LEFT.value)
    return _GIVEN_UP if positioning and positioning["positioning"] in given_up else 1.0


def _honesty(kind: str, meant: float, taken: float) -> float:
    """How much of a spike of this kind is to be believed."""
    return {SpikeType.BOOK_IMBALANCE.value: meant, SpikeType.PRICE.value: taken}.get(kind, 1.0)


def _weight(spike: Mapping[str, Any]) -> float:
    return _WEIGHT[spike["severity"]] * 0.5 ** (spike["bars_ago"] / _HALF_LIFE_BARS)


def _view(spike: Mapping[str, Any]) -> SpikeView:
    return SpikeView(
        type=SpikeType(spike["type"]),
        direction=SpikeDirection(spike["direction"]),
        severity=Severity(spike["severity"]),
        legitimacy=clamp(spike["legitimacy"]["score"], 0.0, 1.0),
        bars_ago=spike["bars_ago"],
    )


SPIKES = Specialist(
    name=AgentName.SPIKES.value,
    report=SpikesReport,
    default_tools=("scan_spikes", "get_order_book", "get_order_flow", "get_positioning", "get_funding"),
    first_calls=(("scan_spikes", {}), ("get_order_flow", {}), ("get_positioning", {})),
    rules=_rules,
)
