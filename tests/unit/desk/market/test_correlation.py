"""Correlation: as NumPy has it, on bars that both have, against a threshold of the pair's own; crowds are counted."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.market.candles import Candles
from desk.market.correlation import Correlation, correlate, crowding, rolling_correlation


def series(returns: np.ndarray, symbol: str = "SOLUSDT", start: int = 0) -> Candles:
    close = 100 * np.exp(np.cumsum(np.r_[0.0, returns]))
    times = (start + np.arange(len(close))) * 3_600_000
    return Candles.from_columns(symbol, "1h", times, close, close, close, close, np.ones(len(close)))


def noise(seed: int, bars: int = 120) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.01, bars)


def pair(other: str, value: float | None, threshold: float = 0.5) -> Correlation:
    return Correlation(other=other, by_window=(value, value, value), threshold=threshold)


def test_the_same_moves_are_correlated_and_the_mirror_is_not() -> None:
    same = correlate(series(noise(1)), series(noise(1), "BTCUSDT"))
    assert same.by_window == (1.0, 1.0, 1.0)
    assert same.correlated
    assert correlate(series(noise(1)), series(-noise(1), "BTCUSDT")).by_window == (-1.0, -1.0, -1.0)


def test_only_bars_that_both_have_are_compared() -> None:
    shared = noise(1)
    late = series(shared[40:], "BTCUSDT", start=40)
    assert correlate(series(shared), late).by_window == (1.0, 1.0, None)


def test_a_price_that_stood_still_moves_with_nothing() -> None:
    still = correlate(series(noise(1)), series(np.zeros(120), "BTCUSDT"))
    assert still.strongest is None
    assert not still.correlated


def test_a_pair_that_always_moves_together_needs_more_than_one_that_seldom_does() -> None:
    close_pair = correlate(series(noise(1)), series(noise(1) + 0.2 * noise(2), "BTCUSDT"))
    loose_pair = correlate(series(noise(1)), series(noise(2), "BTCUSDT"))
    assert (close_pair.threshold, loose_pair.threshold) == (0.9, 0.5)


@given(seed=st.integers(0, 999), bars=st.integers(30, 100), mix=st.floats(0.0, 2.0))
@settings(max_examples=40, deadline=None)
def test_each_window_is_pearsons_correlation(seed: int, bars: int, mix: float) -> None:
    mine, theirs = noise(seed, bars), mix * noise(seed, bars) + noise(seed + 1, bars)
    rolling = rolling_correlation(mine, theirs, 30)
    assert np.isnan(rolling[:29]).all()
    for end in range(30, bars + 1):
        assert rolling[end - 1] == pytest.approx(
            np.corrcoef(mine[end - 30 : end], theirs[end - 30 : end])[0, 1], abs=1e-9
        )


def test_positions_that_move_along_crowd_the_side_they_are_on() -> None:
    held = {"BTCUSDT": Decimal(150), "ETHUSDT": Decimal(-80), "SOLUSDT": Decimal(900)}
    crowd = crowding("SOLUSDT", held, [pair("BTCUSDT", 0.8), pair("ETHUSDT", 0.6)], Decimal(1000))
    assert (crowd.long_share, crowd.short_share) == pytest.approx((0.12, 0.048))
    assert [crowd.crowded(long=side, limit=0.1) for side in (True, False)] == [True, False]
    assert not crowd.crowded(long=True, limit=0.13)


def test_a_position_against_the_symbol_crowds_the_other_side() -> None:
    crowd = crowding("SOLUSDT", {"XUSDT": Decimal(200)}, [pair("XUSDT", -0.7)], Decimal(1000))
    assert (crowd.long_share, crowd.short_share) == pytest.approx((0.0, 0.14))


def test_below_its_threshold_a_pair_does_not_count_and_the_unknown_counts_whole() -> None:
    held = {"BTCUSDT": Decimal(500), "XUSDT": Decimal(100)}
    crowd = crowding("SOLUSDT", held, [pair("BTCUSDT", 0.4)], Decimal(1000))
    assert crowd.long_share == pytest.approx(0.1)
    assert crowd.crowded(long=True, limit=0.1)


def test_without_equity_everything_is_crowded() -> None:
    crowd = crowding("SOLUSDT", {}, [], Decimal(0))
    assert all(crowd.crowded(long=side, limit=1.0) for side in (True, False))
