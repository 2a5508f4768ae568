"""The scanner of the spike crew: the spike specialist, told of the alarms that went off before any bar had finished.

Offline rules: those of the spike specialist; an alarm counts as a spike of the newest bar with what stood behind it,
and where the finished bars show the same spike already, the alarm's own answers stand: they are newer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agents.reports import AgentName, Report
from agents.specialist import Facts, Results, need
from agents.spikes import SPIKES

_SCAN = "scan_spikes"


def _rules(facts: Facts, results: Results) -> Report:
    scan = need(results, _SCAN)
    alarms = [_as_spike(alarm, scan["interval"]) for alarm in facts.get("alarms", ())]
    told = {(alarm["type"], alarm["direction"]) for alarm in alarms}
    others = [spike for spike in scan["spikes"] if (spike["type"], spike["direction"]) not in told]
    return SPIKES.rules(facts, {**results, _SCAN: {**scan, "spikes": [*alarms, *others]}})


def _as_spike(alarm: Mapping[str, Any], interval: str) -> dict[str, Any]:
    return {**alarm, "interval": interval, "bars_ago": 0}


SCANNER = replace(
    SPIKES,
    name=AgentName.SCANNER.value,
    default_tools=("scan_spikes", "get_order_book", "get_order_flow", "get_positioning"),
    rules=_rules,
)
