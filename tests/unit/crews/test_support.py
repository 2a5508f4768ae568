"""Conviction is no larger than what agreeing reports have earned, and what strangers wrote never stands alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from agents.chart import ChartReport
from agents.news import NewsReport
from agents.opinion import OpinionReport
from agents.reports import Report
from config.loader import load_desk
from crews.judgement.decide import support_of
from crews.seating import setup_of
from desk.domain.intents import Action
from desk.market.chart import Recommendation, Trend
from desk.news.values import Tone
from memory.standing import Basis, Weight
from tools.chart import ReadBy

TRUST = setup_of(load_desk("demo", environ={})).trust


def chart(score: int) -> ChartReport:
    return ChartReport(
        note="",
        trend=Trend.UP,
        strength=1.0,
        support=None,
        resistance=None,
        patterns=(),
        score=score,
        recommendation=Recommendation.NEUTRAL,
        confidence=1.0,
        read_by=ReadBy.NUMBERS,
    )


def news(score: float) -> NewsReport:
    return NewsReport.model_construct(
        note="", mood=Tone.NEUTRAL, score=score, confidence=1.0, items=3, suspicious=0, freshest_minutes=5, topics=()
    )


def opinion(lean: float) -> OpinionReport:
    return OpinionReport(note="", lean=lean, confidence=1.0)


def weights(**values: str) -> dict[str, Weight]:
    return {agent: Weight(value=Decimal(value), basis=Basis.EARNED) for agent, value in values.items()}


def support(reports: Mapping[str, Report], known: Mapping[str, Weight], action: Action = Action.OPEN_LONG) -> Decimal:
    return support_of(action, reports, known, TRUST)


def test_agreeing_weights_add_up_to_one_at_most_and_others_do_not_count() -> None:
    reports = {"flow": opinion(0.8), "cycle": opinion(0.5), "doubt": opinion(-0.9), "mute": opinion(0.01)}
    known = weights(flow="0.3", cycle="0.2", doubt="0.9", mute="0.9")
    assert support(reports, known) == Decimal("0.5")
    assert support(reports, known, Action.OPEN_SHORT) == Decimal("0.9")
    assert support(reports, weights(flow="0.7", cycle="0.7")) == 1


def test_headlines_alone_support_nothing_and_count_beside_another_source() -> None:
    known = weights(news="0.8", chart="0.6", flow="0.1")
    assert support({"news": news(0.9)}, known) == 0
    assert support({"news": news(0.9), "chart": chart(80)}, known) == 1
    assert support({"news": news(0.9), "flow": opinion(0.4)}, known) == Decimal("0.9")
    assert support({"news": news(0.9), "chart": chart(-80)}, known) == 0


def test_another_source_without_a_weight_is_no_second_source() -> None:
    assert support({"news": news(0.9), "chart": chart(80)}, weights(news="0.8", chart="0")) == 0


def test_two_agents_that_read_the_same_headlines_are_one_source() -> None:
    trust = replace(TRUST, strangers={**TRUST.strangers, "gossip": TRUST.strangers["news"]})
    reports: dict[str, Report] = {"news": news(0.9), "gossip": opinion(0.9)}
    assert support_of(Action.OPEN_LONG, reports, weights(news="0.5", gossip="0.5"), trust) == 0


@given(st.floats(-1, 1), st.floats(-1, 1), st.integers(-100, 100), st.integers(0, 100), st.integers(0, 100))
def test_what_strangers_wrote_never_adds_beyond_its_weight_nor_stands_alone(
    lean: float, mood: float, score: int, first: int, second: int
) -> None:
    known = weights(news=str(Decimal(first) / 100), flow=str(Decimal(second) / 100))
    alone = support({"news": news(mood)}, known)
    without = support({"flow": opinion(lean)}, known)
    both = support({"news": news(mood), "flow": opinion(lean)}, known)
    assert alone == 0
    assert without <= both <= min(Decimal(1), without + known["news"].value)
