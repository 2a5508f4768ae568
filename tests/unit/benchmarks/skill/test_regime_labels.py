"""Labels of the past: each case of the written rule, what is not known stays unlabelled, and short runs are joined."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.skill import regime_labels as labels
from benchmarks.skill.scores import balanced, confusion, lags, wilson
from desk.market.candles import Candles


def series(returns: np.ndarray) -> Candles:
    close = 100 * np.exp(np.cumsum(returns))
    times = np.arange(len(close)) * 14_400_000
    return Candles.from_columns("BTCUSDT", "4h", times, close, close, close, close, np.ones(len(close)))


def alternating(size: float, bars: int) -> np.ndarray:
    return np.tile([size, -size], bars // 2)


def test_a_move_as_far_as_a_random_walk_goes_is_a_trend_and_its_mirror_the_other() -> None:
    climb = np.r_[alternating(0.01, 300), np.full(60, 0.01), alternating(0.01, 100)]
    assert labels.label(series(climb))[330] == labels.BULL
    assert labels.label(series(-climb))[330] == labels.BEAR


def test_swings_are_sideways_and_swings_far_larger_than_usual_are_volatile() -> None:
    told = labels.label(series(np.r_[alternating(0.01, 400), alternating(0.03, 100)]))
    assert told[300] == labels.SIDEWAYS
    assert told[450] == labels.VOLATILE


def test_a_label_needs_a_past_and_a_future() -> None:
    told = labels.label(series(alternating(0.01, 400)))
    assert (told[:100] == labels.UNKNOWN).all()
    assert (told[-labels.HALF :] == labels.UNKNOWN).all()
    assert told[-labels.HALF - 1] != labels.UNKNOWN


def test_a_short_run_joins_the_run_before_it_and_a_long_one_stands() -> None:
    told = labels.join_short(np.array([2] * 8 + [0] * 5 + [2] * 6 + [1] * 6))
    assert told.tolist() == [2] * 19 + [1] * 6


def test_balanced_accuracy_counts_a_rare_class_as_much_as_a_common_one() -> None:
    truth, said = np.array([0] * 90 + [1] * 10), np.zeros(100, dtype=np.int64)
    assert balanced(confusion(truth, said, 4)) == 0.5


def test_lag_is_counted_from_the_change_and_a_change_never_told_is_missed() -> None:
    assert lags(np.array([0, 0, 1, 1, 1, 0, 0]), np.array([0, 0, 0, 0, 1, 1, 1])) == ([2], 1)


def test_an_interval_of_a_share_contains_it_and_none_of_none_is_unknown() -> None:
    share = wilson(9, 10)
    assert share is not None
    assert (share.value, share.low, share.high) == pytest.approx((0.9, 0.596, 0.982), abs=1e-3)
    assert wilson(0, 0) is None
