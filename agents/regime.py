"""The regime specialist: which market this is, on which intervals, and what the weighted signal says in it.

Offline rules: the regime is the likeliest one over all intervals. Confidence is its lead over the next, halved as far
as the intervals disagree, and cut by a third when a trend is claimed while ADX(14) stays below 18, where Wilder's
measure sees no trend. Evidence is the four strongest measured facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from agents.reports import AgentName, Answer, Report, Unit
from agents.specialist import Facts, Results, Specialist, clamp, need
from desk.regime.values import EvidenceCode, Regime
from desk.signals.weighted import Direction
from tools.market import Interval

_NO_TREND_ADX = 18.0
_EVIDENCE = 4


class IntervalRegime(Answer):
    """The regime on one interval."""

    interval: Interval
    regime: Regime


class RegimeReport(Report):
    """Which market this is. `signal_score` is the weighted signal, `signal` its direction."""

    regime: Regime
    confidence: Unit
    agreement: Unit
    signal: Direction
    signal_score: Annotated[int, Field(ge=-100, le=100)]
    timeframes: Annotated[tuple[IntervalRegime, ...], Field(max_length=9)]
    evidence: Annotated[tuple[EvidenceCode, ...], Field(max_length=8)]


def _rules(facts: Facts, results: Results) -> RegimeReport:
    regime, signal = need(results, "get_regime"), need(results, "get_weighted_signal")
    indicators = results.get("get_indicators", {})
    kind, agreement = Regime(regime["regime"]), clamp(regime["agreement"], 0.0, 1.0)
    confidence = regime["confidence"] * (0.5 + 0.5 * agreement)
    adx = indicators.get("values", {}).get("adx_14")
    trendless = adx is not None and adx < _NO_TREND_ADX and kind in (Regime.BULL, Regime.BEAR)
    confidence = clamp(confidence * (2.0 / 3.0 if trendless else 1.0), 0.0, 1.0)
    timeframes = tuple(
        IntervalRegime(interval=item["interval"], regime=Regime(item["regime"])) for item in regime["timeframes"]
    )
    return RegimeReport(
        note=f"{kind.value.lower()} at {confidence:.2f}, signal {signal['score']:+d}, ADX {adx if adx else 'n/a'}",
        regime=kind,
        confidence=confidence,
        agreement=agreement,
        signal=Direction(signal["direction"]),
        signal_score=signal["score"],
        timeframes=timeframes[:9],
        evidence=_strongest(regime),
    )


def _strongest(regime: Mapping[str, Any]) -> tuple[EvidenceCode, ...]:
    facts = [item for timeframe in regime["timeframes"] for item in timeframe["evidence"]]
    codes = [EvidenceCode(item["code"]) for item in sorted(facts, key=lambda item: -abs(item["value"]))]
    return tuple(dict.fromkeys(codes))[:_EVIDENCE]


REGIME = Specialist(
    name=AgentName.REGIME.value,
    report=RegimeReport,
    default_tools=("get_regime", "get_weighted_signal", "get_indicators", "get_candles"),
    first_calls=(("get_regime", {}), ("get_weighted_signal", {}), ("get_indicators", {"interval": "1h"})),
    rules=_rules,
)
