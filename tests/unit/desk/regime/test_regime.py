"""The regime: plain markets are named plainly, odds are odds, and nothing is read from too little history."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.domain.errors import DataError
from desk.market.candles import Candles
from desk.regime.detect import MINIMUM_BARS, blend, odds_of, read_regime, read_timeframe
from desk.regime.values import EvidenceCode, Regime, RegimeOdds

STEPS = {"5m": 300_000, "15m": 900_000, "1h": 3_600_000, "4h": 14_400_000, "1d": 86_400_000}


def series(moves: np.ndarray, interval: str = "1h", *, reach: float = 0.002) -> Candles:
    close = 100 * np.exp(np.cumsum(moves))
    open_ = np.r_[100.0, close[:-1]]
    high, low = np.maximum(open_, close) * (1 + reach), np.minimum(open_, close) * (1 - reach)
    return Candles.from_columns(
        "BTCUSDT", interval, np.arange(len(close)) * STEPS[interval], open_, high, low, close, np.full(len(close), 10.0)
    )


def drifting(drift: float, *, bars: int = 300, noise: float = 0.002, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(drift, noise, bars)


def swinging(bars: int = 300) -> np.ndarray:
    return np.tile([0.003, 0.003, -0.003, -0.003], bars // 4)


def erupting(bars: int = 300) -> np.ndarray:
    calm = np.random.default_rng(5).normal(0, 0.001, bars - 30)
    return np.r_[calm, np.tile([0.03, -0.03], 15)]


def test_a_steady_climb_is_a_bull_market() -> None:
    assert read_timeframe(series(drifting(0.002))).regime is Regime.BULL


def test_a_steady_fall_is_a_bear_market() -> None:
    assert read_timeframe(series(drifting(-0.002))).regime is Regime.BEAR


def test_a_swing_around_one_price_is_sideways() -> None:
    assert read_timeframe(series(swinging())).regime is Regime.SIDEWAYS


def test_wild_moves_without_direction_are_volatile() -> None:
    reading = read_timeframe(series(erupting()))
    assert reading.regime is Regime.VOLATILE
    assert next(e.value for e in reading.evidence if e.code is EvidenceCode.VOLATILITY) == 1.0


def test_a_mirrored_market_gives_mirrored_odds() -> None:
    facts = dict.fromkeys(EvidenceCode, 0.4)
    directed = (EvidenceCode.SLOPE, EvidenceCode.DIRECTIONAL, EvidenceCode.ALIGNMENT, EvidenceCode.EFFICIENCY)
    mirrored = facts | dict.fromkeys(directed, -0.4)
    up, down = odds_of(facts), odds_of(mirrored)
    assert (up.bull, up.bear, up.sideways) == (down.bear, down.bull, down.sideways)


def test_the_blend_counts_the_longer_interval_more() -> None:
    reading = read_regime({"5m": series(drifting(-0.002), "5m"), "4h": series(drifting(0.002), "4h")})
    assert reading.regime is Regime.BULL
    assert reading.agreement == pytest.approx(2.5 / 3.5, abs=1e-4)
    assert [frame.interval for frame in reading.timeframes] == ["5m", "4h"]


def test_intervals_with_too_few_bars_are_left_out() -> None:
    reading = read_regime({"1h": series(drifting(0.002)), "1d": series(drifting(0.002, bars=MINIMUM_BARS - 1), "1d")})
    assert [frame.interval for frame in reading.timeframes] == ["1h"]


def test_no_interval_with_enough_bars_is_an_error() -> None:
    with pytest.raises(DataError):
        read_regime({"1h": series(drifting(0.002, bars=MINIMUM_BARS - 1))})
    with pytest.raises(DataError):
        read_timeframe(series(drifting(0.002, bars=MINIMUM_BARS - 1)))


def test_a_price_that_never_moved_is_sideways() -> None:
    assert read_timeframe(series(np.zeros(100), reach=0.0)).regime is Regime.SIDEWAYS


def test_rounding_never_makes_more_or_less_than_certainty() -> None:
    halves = RegimeOdds(bull=0.50005, bear=0.49995, sideways=0.0, volatile=0.0)
    assert sum(blend([halves], [1.0]).of(regime) for regime in Regime) == pytest.approx(1.0, abs=1e-12)


def test_a_tie_goes_to_the_more_careful_regime() -> None:
    assert RegimeOdds(bull=0.25, bear=0.25, sideways=0.25, volatile=0.25).likeliest is Regime.VOLATILE
    assert RegimeOdds(bull=0.4, bear=0.4, sideways=0.1, volatile=0.1).likeliest is Regime.BEAR


@given(seed=st.integers(0, 10_000), drift=st.floats(-0.01, 0.01), noise=st.floats(0.0, 0.05), bars=st.integers(60, 200))
@settings(max_examples=60, deadline=None)
def test_odds_are_odds_and_evidence_is_bounded(seed: int, drift: float, noise: float, bars: int) -> None:
    frame = read_timeframe(series(drifting(drift, bars=bars, noise=noise, seed=seed)))
    odds = [frame.odds.of(regime) for regime in Regime]
    assert sum(odds) == pytest.approx(1.0, abs=1e-9)
    assert all(0 <= p <= 1 for p in odds)
    assert all(-1 <= e.value <= 1 for e in frame.evidence)
    assert {e.code for e in frame.evidence} == set(EvidenceCode)


@given(st.lists(st.tuples(st.floats(0.1, 5), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=5))
def test_a_blend_of_odds_is_odds(parts: list[tuple[float, float, float]]) -> None:
    odds = [RegimeOdds(bull=a / 2, bear=b / 2, sideways=0.0, volatile=1 - a / 2 - b / 2) for _, a, b in parts]
    mixed = blend(odds, [weight for weight, _, _ in parts])
    assert sum(mixed.of(regime) for regime in Regime) == pytest.approx(1.0, abs=1e-9)
