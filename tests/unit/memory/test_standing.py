"""A word is worth what it earned: nothing while chance explains it, and never more for saying the same thing often."""

from __future__ import annotations

import math
import random
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.ledger import ForecastRow
from memory.standing import Basis, Measure, Standing, reason, standing, weight, wilson
from tests.unit.crews.fakes import NOW

MEASURE = Measure(half_life_days=30.0, sigmas=1.96, least=30.0, full_lead=0.1)
PRIOR = Decimal("0.4")


def row(
    number: int, probability: str, outcome: int, *, minutes: int = 60, symbol: str = "BTCUSDT", every: int = 60
) -> ForecastRow:
    at = NOW - timedelta(minutes=every * (number + 1))
    return ForecastRow(
        decision_id=f"d{number}{symbol}",
        agent="chart",
        at=at,
        until=at + timedelta(minutes=minutes),
        symbol=symbol,
        model="m",
        regime="BULL",
        event="up",
        probability=Decimal(probability),
        called=int(abs(Decimal(probability) - Decimal("0.5")) >= Decimal("0.025")),
        mark=Decimal(60000),
        distance=Decimal(0),
        outcome=outcome,
    )


def record(pairs: list[tuple[str, int]], **how: int) -> Standing:
    return standing([row(n, said, came, **how) for n, (said, came) in enumerate(pairs)], NOW, MEASURE)


def test_always_calling_up_in_a_rising_market_earns_nothing() -> None:
    rising = record([("0.9", int(n % 10 < 8)) for n in range(300)])
    assert rising.hits > 0.75
    assert rising.chance == pytest.approx(rising.hits)
    assert weight(rising, Decimal(0), MEASURE).value == 0


def test_calls_that_follow_what_comes_earn_weight_and_calls_against_it_lose_the_prior() -> None:
    rng = random.Random(3)
    came = [rng.randrange(2) for _ in range(300)]
    good = record([(("0.8" if (c if n % 10 < 7 else 1 - c) else "0.2"), c) for n, c in enumerate(came)])
    bad = record([(("0.2" if (c if n % 10 < 7 else 1 - c) else "0.8"), c) for n, c in enumerate(came)])
    assert weight(good, Decimal(0), MEASURE).basis is Basis.EARNED
    assert weight(good, Decimal(0), MEASURE).value > Decimal("0.5")
    assert weight(bad, PRIOR, MEASURE) == weight(bad, Decimal(0), MEASURE)
    assert weight(bad, PRIOR, MEASURE).basis is Basis.REFUTED


def test_a_coin_is_rarely_taken_for_skill() -> None:
    rng = random.Random(11)
    taken = 0
    for _ in range(200):
        coin = record([(rng.choice(("0.7", "0.3")), rng.randrange(2)) for _ in range(100)])
        taken += weight(coin, Decimal(0), MEASURE).value > 0
    assert taken <= 200 * 0.05, "the interval's own error is 2.5 % on this side"


def test_what_is_said_within_one_horizon_counts_once_however_often_and_on_however_many_symbols() -> None:
    hours = [("0.8", 1), ("0.2", 1)] * 20
    once = record(hours)
    each_minute = [
        row(60 * hour + minute, said, came, every=1, symbol=symbol)
        for hour, (said, came) in enumerate(hours)
        for minute in range(60)
        for symbol in ("BTCUSDT", "ETHUSDT")
    ]
    often = standing(each_minute, NOW, MEASURE)
    assert often.calls == 60 * 2 * once.calls
    assert often.observations == pytest.approx(once.observations, abs=1.0)


def test_a_record_fades_and_a_faded_one_is_unproven_again() -> None:
    hit = [row(n, "0.9" if n % 2 else "0.1", n % 2) for n in range(60)]
    fresh = standing(hit, NOW, MEASURE)
    assert weight(fresh, PRIOR, MEASURE).basis is Basis.EARNED
    newer = [row(n, "0.9" if n % 2 else "0.1", (n // 2) % 2) for n in range(40)]
    later = NOW + timedelta(days=300)
    moved = [
        ForecastRow(
            **{
                **{name: getattr(one, name) for name in ForecastRow.__slots__},
                "decision_id": f"n{one.decision_id}",
                "at": one.at + timedelta(days=300),
                "until": one.until + timedelta(days=300),
            }
        )
        for one in newer
    ]
    assert weight(standing([*hit, *moved], later, MEASURE), PRIOR, MEASURE).basis is Basis.UNPROVEN


def test_a_silent_report_is_no_call_and_still_has_its_brier_score() -> None:
    silent = record([("0.5", 1), ("0.5", 0)])
    assert (silent.calls, silent.observations, silent.brier) == (0, 0.0, 0.25)
    assert (silent.low, silent.high) == (0.0, 1.0)
    assert weight(silent, PRIOR, MEASURE).basis is Basis.UNPROVEN


def test_few_observations_say_nothing_however_good() -> None:
    assert weight(record([("0.99", 1), ("0.01", 0)] * 14), Decimal(0), MEASURE).value == 0


def test_the_interval_is_wilsons() -> None:
    """Three rows of a published table (Newcombe 1998, Stat. Med. 17, table I, method 3)."""
    assert wilson(81 / 263, 263, 1.959964) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15 / 148, 148, 1.959964) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0.0, 20, 1.959964) == pytest.approx((0.0, 0.1611), abs=5e-5)


@given(st.floats(0, 1), st.floats(0.01, 1e6), st.floats(1, 4))
def test_an_interval_holds_its_share_and_stays_a_probability(share: float, observations: float, sigmas: float) -> None:
    low, high = wilson(share, observations, sigmas)
    assert -1e-12 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1.0 + 1e-12


@given(st.lists(st.tuples(st.sampled_from(["0.1", "0.45", "0.5", "0.9"]), st.integers(0, 1)), max_size=40))
def test_a_weight_is_a_share_and_without_a_prior_only_skill_gives_one(pairs: list[tuple[str, int]]) -> None:
    known = record(pairs)
    earned = weight(known, Decimal(0), MEASURE)
    assert 0 <= earned.value <= 1
    assert (earned.value > 0) <= (known.low > known.chance >= 0.5)
    assert math.isfinite(known.brier)


def test_no_record_at_all_is_the_prior_marked_as_unproven() -> None:
    never = standing([], datetime(2026, 1, 1, tzinfo=NOW.tzinfo), MEASURE)
    assert weight(never, PRIOR, MEASURE).to_json() == {"weight": "0.4", "basis": "unproven"}


def test_a_weight_comes_with_its_reason() -> None:
    hits, misses = [("0.8", 1), ("0.2", 0)], [("0.8", 0), ("0.2", 1)]
    assert reason(record(hits), MEASURE) == "2 of 30 observations"
    assert "over chance" in reason(record(hits * 40), MEASURE)
    assert "worse than none" in reason(record(misses * 40), MEASURE)
    assert "leaves room for chance" in reason(record((hits + misses) * 20), MEASURE)
