"""The examination: every question fails alone, luck does not pass, an edge does, and only what passed is certified."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from benchmarks.promotion import planted, random_candidates
from desk.domain.errors import DataError, PrerequisiteError
from desk.domain.moments import to_ms
from desk.promotion.exam import Standards, examine
from desk.promotion.issue import VALID_DAYS, issue
from desk.promotion.record import Record

AT = datetime(2026, 3, 1, tzinfo=UTC)


def days(mean: float, *, count: int = 365, seed: int = 1) -> np.ndarray:
    """Daily returns whose mean is exactly this, of one per cent unrest."""
    drawn = np.random.default_rng(seed).normal(0.0, 0.01, count)
    return drawn - drawn.mean() + mean


GOOD = Record(daily=days(0.002), trades=200, drawdown=0.08, tries=1, spread=0.0)


def failed(record: Record) -> list[str]:
    return [one.question for one in examine(record).findings if not one.passed]


def test_a_clear_edge_passes() -> None:
    assert failed(GOOD) == []
    assert examine(GOOD).verdict == "edge proven"


@pytest.mark.parametrize(
    ("record", "question"),
    [
        (replace(GOOD, daily=days(0.004, count=119)), "enough"),
        (replace(GOOD, trades=29), "enough"),
        (replace(GOOD, drawdown=0.1501), "bearable"),
        (replace(GOOD, tries=5_000, spread=0.08), "not_luck"),
        (replace(GOOD, incumbent=days(0.0025, seed=2)), "beats_peer"),
    ],
)
def test_each_question_fails_alone(record: Record, question: str) -> None:
    assert failed(record) == [question]


def test_nothing_done_proves_nothing() -> None:
    assert failed(replace(GOOD, daily=np.zeros(365), trades=0)) == ["enough", "beats_flat", "not_luck"]


def test_a_small_gain_within_luck_is_no_edge() -> None:
    assert "beats_flat" in failed(replace(GOOD, daily=days(0.0004)))


def test_an_incumbent_is_beaten_on_the_same_days_or_not_compared() -> None:
    assert failed(replace(GOOD, incumbent=GOOD.daily - 0.001)) == []
    with pytest.raises(DataError, match="same days"):
        replace(GOOD, incumbent=days(0.0, count=100))


@pytest.mark.parametrize("asked", [{"days": 5}, {"trades": 0}, {"level": 0.5}, {"certainty": 0.1}, {"drawdown": 0.9}])
def test_standards_that_pass_anything_are_refused(asked: dict[str, float]) -> None:
    with pytest.raises(DataError):
        Standards(**asked)  # type: ignore[arg-type]


def test_only_what_passed_is_certified_and_not_for_ever() -> None:
    told = {"strategy": "policy-9f", "artefact": "a" * 64, "symbols": ("BTCUSDT",), "now": AT}
    certificate = issue(examine(GOOD), **told)  # type: ignore[arg-type]
    assert certificate.expires_ms == to_ms(AT + timedelta(days=VALID_DAYS))
    assert dict(certificate.evidence).keys() == {"enough", "beats_flat", "not_luck", "bearable"}
    with pytest.raises(PrerequisiteError, match="no edge proven"):
        issue(examine(replace(GOOD, trades=1)), **told)  # type: ignore[arg-type]


@pytest.mark.campaign
def test_hardly_any_strategy_without_skill_passes_and_a_planted_edge_does() -> None:
    blind = random_candidates(60, days=200)
    assert blind.passed <= 3
    assert not blind.best_passed
    assert planted(3, days=365, skill=0.75, tries=1_000, spread=0.05).passed == 3
