"""Luck is told from skill: intervals cover what they claim, many tries cost, and noise is called noise."""

from __future__ import annotations

import math

import numpy as np
import pytest

from desk.backtest.doubt import bootstrap, deflated_sharpe, gains_over_losses, luckiest_sharpe, overfitting
from desk.domain.errors import DataError
from desk.indicators.columns import Column


def mean(values: Column) -> float:
    return float(values.mean())


def test_a_bootstrap_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(120):
        rng = np.random.default_rng(seed)
        shocks = rng.normal(0.0, 1.0, 400)
        clinging = np.empty(400)
        clinging[0] = shocks[0]
        for at in range(1, 400):
            clinging[at] = 0.5 * clinging[at - 1] + shocks[at]
        told = bootstrap(clinging, mean, block=20, draws=300, level=0.9, seed=seed)
        covered += told.low <= 0.0 <= told.high
    # Blocks of 20 lose a little of the dependence: between 0.82 and 0.95 where 0.90 is claimed.
    assert 0.82 <= covered / 120 <= 0.95


def test_a_profit_factors_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    # Wins of one on average in half of the trades, losses of a half: two to one, whatever is drawn.
    inside = 0
    for _ in range(400):
        drawn = np.where(rng.random(40) < 0.5, rng.exponential(1.0, 40), -rng.exponential(0.5, 40))
        told = gains_over_losses(drawn)
        assert told is not None
        inside += told.low < 2.0 < told.high
    assert 0.90 < inside / 400 < 0.98


@pytest.mark.parametrize("trades", [[], [1.0], [1.0, 2.0], [-1.0, -2.0], [0.0, 0.0]])
def test_without_a_win_and_a_loss_there_is_no_profit_factor_to_doubt(trades: list[float]) -> None:
    assert gains_over_losses(np.array(trades)) is None


def test_single_values_drawn_alone_would_be_too_sure_of_themselves() -> None:
    rng = np.random.default_rng(1)
    steps = np.repeat(rng.normal(0.0, 1.0, 40), 25)
    alone, blocks = (bootstrap(steps, mean, block=size, draws=400) for size in (1, 25))
    assert blocks.high - blocks.low > 3 * (alone.high - alone.low)


def test_the_same_seed_tells_the_same_interval() -> None:
    values = np.random.default_rng(5).normal(0.1, 1.0, 200)
    assert bootstrap(values, mean, block=5, seed=9) == bootstrap(values, mean, block=5, seed=9)


def test_an_interval_above_zero_says_so() -> None:
    values = np.random.default_rng(5).normal(1.0, 0.1, 200)
    assert bootstrap(values, mean, block=5).above_zero
    assert not bootstrap(values - 1.0, mean, block=5).above_zero


@pytest.mark.parametrize("tries", [10, 100, 1_000])
def test_the_luckiest_of_many_is_as_lucky_as_the_formula_says(tries: int) -> None:
    rng = np.random.default_rng(tries)
    seen = float(np.mean(rng.normal(0.0, 0.3, (4_000, tries)).max(axis=1)))
    assert luckiest_sharpe(0.3, tries) == pytest.approx(seen, rel=0.03)


def test_one_try_deflates_nothing_and_many_tries_do() -> None:
    noise = np.random.default_rng(2).normal(0.0, 1.0, 2_000)
    returns = (noise - noise.mean()) / noise.std() + 0.05
    chances = [deflated_sharpe(returns, tries=tries, spread=0.02) for tries in (1, 10, 1_000, 100_000)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 0.95
    assert chances[-1] < 0.5


def test_without_other_tries_it_is_the_probabilistic_sharpe_ratio() -> None:
    # A two-point distribution: skewness 0, kurtosis 1, so the variance term is exactly 1.
    returns = np.array([1.1, -0.9] * 50)
    ratio = float(returns.mean() / returns.std(ddof=1))
    expected = 0.5 * (1 + math.erf(ratio * math.sqrt(99) / math.sqrt(2)))
    assert deflated_sharpe(returns, tries=1, spread=0.0) == pytest.approx(expected, rel=1e-9)


def test_the_best_of_pure_noise_is_overfitted_and_a_real_edge_is_not() -> None:
    rng = np.random.default_rng(11)
    noise = rng.normal(0.0, 1.0, (1_000, 40))
    edge = noise.copy()
    edge[:, 7] += 0.25
    assert 0.25 < np.mean([overfitting(rng.normal(0.0, 1.0, (600, 40))) for _ in range(8)]) < 0.75
    assert overfitting(edge) < 0.02


def test_questions_that_have_no_answer_are_refused() -> None:
    with pytest.raises(DataError):
        bootstrap(np.array([1.0]), mean, block=1)
    with pytest.raises(DataError):
        deflated_sharpe(np.zeros(100), tries=1, spread=0.0)
    with pytest.raises(DataError):
        overfitting(np.zeros((100, 2)), parts=3)
