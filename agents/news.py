"""The news specialist: the mood of headlines as enums and numbers. It reads what strangers write and trusts none of it.

Offline rules: mood and score are the reading's; confidence falls with the share of suspicious headlines. A fresh
(under two hours), relevant hack or insolvency turns the mood negative, whatever the rest says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from agents.reports import AgentName, Report, Signed, Unit
from agents.specialist import Facts, Results, Specialist, clamp, need
from desk.news.values import Tone, Topic

_GRAVE = (Topic.HACK.value, Topic.INSOLVENCY.value)
_GRAVE_MINUTES = 120
_RELEVANT = 0.5


class NewsReport(Report):
    """The mood for the symbol; score in [-1, 1]. `freshest_minutes` is null without any headline."""

    mood: Tone
    score: Signed
    confidence: Unit
    items: Annotated[int, Field(ge=0, le=1000)]
    suspicious: Annotated[int, Field(ge=0, le=1000)]
    topics: Annotated[tuple[Topic, ...], Field(max_length=9)]
    freshest_minutes: Annotated[int, Field(ge=0)] | None


def _rules(facts: Facts, results: Results) -> NewsReport:
    news = need(results, "read_headlines")
    items = news["items"]
    counted = news["positive"] + news["negative"] + news["neutral"]
    suspicious = sum(1 for item in items if item["suspicious"])
    trusted = 1.0 - (suspicious / len(items) if items else 0.0)
    mood, score = Tone(news["mood"]), clamp(news["score"], -1.0, 1.0)
    if _grave(items):
        mood, score = Tone.NEGATIVE, min(score, -0.5)
    return NewsReport(
        note=f"{mood.value.lower()} {score:+.2f} from {counted} headlines, {suspicious} of them suspicious",
        mood=mood,
        score=score,
        confidence=clamp(news["confidence"] * trusted, 0.0, 1.0),
        items=counted,
        suspicious=suspicious,
        topics=tuple(dict.fromkeys(Topic(item["topic"]) for item in items))[:9],
        freshest_minutes=min((item["age_minutes"] for item in items), default=None),
    )


def _grave(items: Sequence[Mapping[str, Any]]) -> bool:
    return any(
        item["topic"] in _GRAVE
        and item["age_minutes"] < _GRAVE_MINUTES
        and item["relevance"] >= _RELEVANT
        and not item["suspicious"]
        for item in items
    )


NEWS = Specialist(
    name=AgentName.NEWS.value,
    report=NewsReport,
    default_tools=("read_headlines",),
    first_calls=(("read_headlines", {}),),
    rules=_rules,
)
