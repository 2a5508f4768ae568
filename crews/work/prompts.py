"""What the agents are told: the operator's words, and facts as one line of JSON made of enums, numbers and symbols.

No text that a stranger or another agent wrote enters a prompt: reports reach the master without their notes, and a
missing report as its reason. Pure, so that a replay writes the same lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from agents.master import Focus
from agents.models import facts_line
from agents.reports import Report
from crews.judgement.hearsay import without_hearsay
from crews.record.record import Abstention
from crews.setup import DeskSetup, Seat
from desk.indicators.panel import indicator_panel
from desk.market.snapshot import AlarmBrief, Snapshot
from desk.signals.weighted import WeightedSignal, weigh
from memory.recall import Recalled
from tools.rounding import short

_PLAN_RULE = "Answer with one JSON object: assignments (agent, focus ENTRY, EXIT or PROTECT) and a note. Nothing else."
_TRIAGE_RULE = (
    "Answer with one JSON object: verdict ACT or STAND_DOWN, focus ENTRY, EXIT or PROTECT, and a note. Nothing else."
)
_WORK_RULE = "Call the tools you need once, all in one turn; then answer with one JSON object and nothing else."
_DECIDE_RULE = (
    "Answer with one JSON object: action (OPEN_LONG, OPEN_SHORT, CLOSE, HOLD), conviction 0 to 1, stop_pct, target_pct "
    "as fractions within `bounds`, evidence and a note. Nothing else. Code checks risk, signal and bounds after you."
)


def weighted_signal(snapshot: Snapshot, setup: DeskSetup) -> WeightedSignal:
    """The weighted signal of the snapshot: what an opening must have on its side."""
    settings = setup.tools_for(snapshot.symbol)
    return weigh(indicator_panel(snapshot.candles(settings.signal_interval)), settings.signals)


def plan_facts(snapshot: Snapshot) -> dict[str, Any]:
    """What the master plans on."""
    account = snapshot.account
    return {
        "symbol": snapshot.symbol,
        "mark": short(snapshot.mark.price),
        "mode": account.mode,
        "position": position_facts(snapshot),
        "day_left_share": _share(account.day_left, account.day_limit),
        "intervals": list(snapshot.intervals),
        "headlines": None if snapshot.headlines is None else len(snapshot.headlines),
        **alarm_facts(snapshot),
    }


def work_facts(snapshot: Snapshot, focus: Focus) -> dict[str, Any]:
    """What a specialist starts from; the rest it asks its tools."""
    return {
        "symbol": snapshot.symbol,
        "mark": short(snapshot.mark.price),
        "focus": focus.value,
        "position": position_facts(snapshot),
        "intervals": list(snapshot.intervals),
        **alarm_facts(snapshot),
    }


def alarm_facts(snapshot: Snapshot) -> dict[str, Any]:
    """The alarms that a decision is about, and how old they are; nothing where it is about none."""
    if snapshot.alarms is None:
        return {}
    return {"alarms": [_alarm(alarm, snapshot) for alarm in snapshot.alarms]}


def _alarm(alarm: AlarmBrief, snapshot: Snapshot) -> dict[str, Any]:
    stands = ("score", "market_wide", "volume_behind", "book_agrees", "headline")
    return {
        "type": alarm.type,
        "direction": alarm.direction,
        "severity": alarm.severity,
        "sigma": alarm.sigma,
        "percent": alarm.percent,
        "market": alarm.market,
        "seconds_ago": max(0, int((snapshot.at - alarm.at).total_seconds())),
        "legitimacy": {name: getattr(alarm, name) for name in stands},
    }


def decide_facts(
    snapshot: Snapshot,
    setup: DeskSetup,
    signal: WeightedSignal,
    reports: Mapping[str, Report],
    abstentions: Sequence[Abstention],
    recalled: Recalled,
) -> dict[str, Any]:
    """What the master decides on: reports without their notes, who is missing why, and what such markets came to."""
    caps = setup.caps
    return {
        "symbol": snapshot.symbol,
        "mark": short(snapshot.mark.price),
        "mode": snapshot.account.mode,
        "position": position_facts(snapshot),
        "signal": {
            "score": signal.score,
            "threshold": signal.threshold,
            "needed": caps.min_strength,
            "direction": signal.direction.value,
        },
        "reports": {
            agent: report.for_master()
            for agent, report in sorted(without_hearsay(reports, snapshot, setup, signal.score).items())
        },
        **policy_facts(snapshot),
        "memory": recalled.to_json(),
        "missing": {item.agent: item.reason.value for item in abstentions},
        **alarm_facts(snapshot),
        "bounds": {
            "stop": [float(caps.stop.low), float(caps.stop.high)],
            "stop_default": float(caps.stop.default),
            "target": [float(caps.target.low), float(caps.target.high)],
            "target_default": float(caps.target.default),
            "min_confidence": float(caps.min_confidence),
            "exit_confidence": float(caps.exit_confidence),
        },
    }


def policy_facts(snapshot: Snapshot) -> dict[str, Any]:
    """What the promoted policy would do, and whether it is proven; nothing where none is promoted."""
    said = snapshot.policy
    if said is None:
        return {}
    told = {"action": said.action, "lead": short(said.lead), "visits": said.visits, "proven": said.certified}
    return {"policy": told}


def position_facts(snapshot: Snapshot) -> dict[str, Any] | None:
    """The open position in the symbol: side, profit as a share of its size, exposure as a multiple of equity."""
    position = snapshot.account.position(snapshot.symbol)
    if position is None:
        return None
    return {
        "side": "LONG" if position.quantity > 0 else "SHORT",
        "profit_share": _share(position.unrealized, position.notional),
        "exposure": _share(position.notional, snapshot.account.equity),
    }


def plan_task(seat: Seat, snapshot: Snapshot) -> str:
    """What is asked first: the master's plan, or, where alarms called, the guardian's triage."""
    rule = _PLAN_RULE if snapshot.alarms is None else _TRIAGE_RULE
    return _task(seat, snapshot.symbol, rule, plan_facts(snapshot))


def work_task(seat: Seat, snapshot: Snapshot, focus: Focus) -> str:
    """A specialist's task."""
    return _task(seat, snapshot.symbol, _WORK_RULE, work_facts(snapshot, focus))


def decide_task(seat: Seat, facts: Mapping[str, Any]) -> str:
    """The decision's task: the master's, or the executor's."""
    return _task(seat, facts["symbol"], _DECIDE_RULE, facts)


def _task(seat: Seat, symbol: str, rule: str, facts: Mapping[str, Any]) -> str:
    return f"{seat.task.replace('{symbol}', symbol).strip()}\n{rule}\n{facts_line(facts)}"


def _share(part: Decimal, whole: Decimal) -> float:
    return short(part / whole) if whole else 0.0
