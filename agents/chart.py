"""The chart specialist: trend, levels, patterns and a score, read from a picture that may mislead.

Offline rules: the score is the numeric reading's, pulled by up to ten points towards the side of the book that is
heavier, and cut by 30 % when a strong level (score above 0.5) stands within 0.3 % in its way. Where a vision model
also looked, it weighs a quarter, scaled by its own confidence, and can only take away: it weakens what the numbers say,
down to nothing, and adds to none. If it sees the opposite trend, confidence is halved.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from agents.reports import AgentName, Report, Unit
from agents.specialist import Facts, Results, Specialist, clamp, need
from desk.market.chart import Pattern, Recommendation, Trend
from tools.chart import ReadBy

_NEAR_PCT = 0.3
_STRONG_LEVEL = 0.5
_BOOK_POINTS = 10.0
_PICTURE_WEIGHT = 0.25

Price = Annotated[float, Field(gt=0.0, le=1e9)]


class ChartReport(Report):
    """What the chart says; score in [-100, 100]. Support and resistance are the nearest ones, or null."""

    trend: Trend
    strength: Unit
    support: Price | None
    resistance: Price | None
    patterns: Annotated[tuple[Pattern, ...], Field(max_length=6)]
    score: Annotated[int, Field(ge=-100, le=100)]
    recommendation: Recommendation
    confidence: Unit
    read_by: ReadBy


def _rules(facts: Facts, results: Results) -> ChartReport:
    chart = need(results, "read_chart")
    score = _score(chart, results.get("get_order_book"))
    patterns = dict.fromkeys(Pattern(item["pattern"]) for item in chart["patterns"])
    return ChartReport(
        note=f"{chart['trend'].lower()} on {chart['interval']}, score {score:+d}, read by {chart['read_by'].lower()}",
        trend=Trend(chart["trend"]),
        strength=clamp(chart["trend_strength"], 0.0, 1.0),
        support=_nearest(chart["supports"]),
        resistance=_nearest(chart["resistances"]),
        patterns=tuple(patterns)[:6],
        score=score,
        recommendation=_recommend(score),
        confidence=_confidence(chart),
        read_by=ReadBy(chart["read_by"]),
    )


def score_in_numbers(chart: Mapping[str, Any], book: Mapping[str, Any] | None) -> float:
    """The score of a chart reading without its picture, in [-100, 100]."""
    score = float(chart["score"])
    if book is not None and book["imbalances"]:
        score += _BOOK_POINTS * book["imbalances"][-1]["imbalance"]
    ahead = chart["resistances"] if score > 0 else chart["supports"]
    if any(level["distance_pct"] < _NEAR_PCT and level["score"] > _STRONG_LEVEL for level in ahead):
        score *= 0.7
    return min(max(score, -100.0), 100.0)


def borne_out(report: ChartReport, numbers: float, side: int) -> ChartReport:
    """The report with a score on `side` (above zero for long) that goes no farther than the `numbers` do.

    A score against the side stays as it is: whoever looks at a picture may cost a trade, and cannot make one.
    """
    most = max(0, round(math.copysign(1.0, side) * numbers))
    if report.score * side <= 0 or abs(report.score) <= most:
        return report
    score = most if side > 0 else -most
    return report.model_copy(update={"score": score, "recommendation": _recommend(score)})


def _score(chart: Mapping[str, Any], book: Mapping[str, Any] | None) -> int:
    numbers = score_in_numbers(chart, book)
    if chart.get("picture_score") is None or not numbers:
        return round(numbers)
    weight = _PICTURE_WEIGHT * chart["picture_confidence"]
    left = (1.0 - weight) + weight * chart["picture_score"] / numbers
    return round(numbers * clamp(left, 0.0, 1.0))


def _confidence(chart: Mapping[str, Any]) -> float:
    picture = chart.get("picture_trend")
    against = picture is not None and {picture, chart["trend"]} == {Trend.UP.value, Trend.DOWN.value}
    return clamp(chart["confidence"] * (0.5 if against else 1.0), 0.0, 1.0)


def _nearest(levels: Sequence[Mapping[str, Any]]) -> float | None:
    return levels[0]["price"] if levels else None


def _recommend(score: int) -> Recommendation:
    for least, name in ((60, Recommendation.STRONG_BUY), (20, Recommendation.BUY), (-19, Recommendation.NEUTRAL)):
        if score >= least:
            return name
    return Recommendation.SELL if score > -60 else Recommendation.STRONG_SELL


CHART = Specialist(
    name=AgentName.CHART.value,
    report=ChartReport,
    default_tools=("read_chart", "get_order_book", "get_candles"),
    first_calls=(("read_chart", {}), ("get_order_book", {})),
    rules=_rules,
)
