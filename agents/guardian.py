"""The guardian: whether an alarm is worth the spike crew. It sees the alarms and what stood behind them, and no more.

Offline rules: act when an alarm has at least half of what could be asked behind it, or is extreme, or stands against an
open position; stand down otherwise. The focus follows the account, as the master's does.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from agents.master import Focus, Note
from agents.reports import Answer
from agents.specialist import Facts
from desk.spikes.values import Severity, SpikeDirection

_GENUINE = 0.5
_AGAINST = {"LONG": SpikeDirection.DOWN.value, "SHORT": SpikeDirection.UP.value}


class TriageVerdict(StrEnum):
    """What becomes of an alarm."""

    ACT = "ACT"
    STAND_DOWN = "STAND_DOWN"


class Triage(Answer):
    """The guardian's answer."""

    verdict: TriageVerdict
    focus: Focus
    note: Note


def triage_offline(facts: Facts) -> Triage:
    """The written rules."""
    alarms: list[Mapping[str, Any]] = facts["alarms"]
    position = facts["position"]
    genuine = [a for a in alarms if a["legitimacy"]["score"] >= _GENUINE or a["severity"] == Severity.EXTREME.value]
    against = [a for a in alarms if position is not None and a["direction"] == _AGAINST[position["side"]]]
    focus = Focus.ENTRY if position is None else Focus.EXIT
    if facts["mode"] != "NORMAL":
        focus = Focus.PROTECT
    verdict = TriageVerdict.ACT if genuine or against else TriageVerdict.STAND_DOWN
    return Triage(
        verdict=verdict,
        focus=focus,
        note=f"offline rules: {len(genuine)} of {len(alarms)} alarms genuine, {len(against)} against the position",
    )
