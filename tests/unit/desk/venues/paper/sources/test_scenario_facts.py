"""The invented market behaves as real ones do, by the same figures that are measured on real bars.

Bounds are wide enough for what recordings of 2020 to 2025 show (BTC and ETH hours: excess kurtosis far above zero,
autocorrelation of absolute returns 0.2 to 0.3, of returns about zero) and narrow enough to notice a broken model.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from desk.venues.paper.sources.bars import Columns
from desk.venues.paper.sources.scenario import ScenarioSource, _first_state
from desk.venues.paper.sources.scenario_model import COINS, DEFAULT_SYMBOLS, MOODS, Mood
from desk.venues.paper.sources.scenario_walk import CoinState, coin_day, factor_day, stream

SEEDS = (1, 7, 11)
MINUTES_A_YEAR = 365 * 1_440
Floats = NDArray[np.float64]


@lru_cache(maxsize=8)
def market(seed: int) -> ScenarioSource:
    return ScenarioSource(seed)


def bars(seed: int, symbol: str) -> Columns:
    source = market(seed)
    return source._of(symbol, source.start_ms).tape.series.columns


def returns(seed: int, symbol: str, minutes: int) -> Floats:
    return np.diff(np.log(bars(seed, symbol).close[::minutes].astype(np.float64)))


def kurtosis(values: Floats) -> float:
    centred = values - values.mean()
    return float((centred**4).mean() / (centred**2).mean() ** 2)


def autocorrelation(values: Floats, lag: int) -> float:
    return float(np.corrcoef(values[:-lag], values[lag:])[0, 1])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("symbol", DEFAULT_SYMBOLS)
class TestEveryCoin:
    def test_annual_volatility_is_the_coins(self, seed: int, symbol: str) -> None:
        measured = returns(seed, symbol, 60).std() * (MINUTES_A_YEAR / 60) ** 0.5
        assert 0.7 * COINS[symbol].vol < measured < 1.5 * COINS[symbol].vol

    def test_tails_are_heavy_and_get_lighter_with_time(self, seed: int, symbol: str) -> None:
        minute, hour, day = (kurtosis(returns(seed, symbol, m)) for m in (1, 60, 1_440))
        assert minute > 15
        assert hour > 5
        assert day < hour < minute

    def test_returns_do_not_repeat_but_their_size_does(self, seed: int, symbol: str) -> None:
        minute, hour = returns(seed, symbol, 1), returns(seed, symbol, 60)
        assert abs(autocorrelation(minute, 1)) < 0.02
        assert abs(autocorrelation(hour, 1)) < 0.08
        sizes = [autocorrelation(np.abs(minute), lag) for lag in (1, 10, 60)]
        assert min(sizes) > 0.08
        assert sizes == sorted(sizes, reverse=True)
        assert autocorrelation(np.abs(hour), 1) > 0.08

    def test_drawdowns_are_deep_but_not_ruin(self, seed: int, symbol: str) -> None:
        close = bars(seed, symbol).close.astype(np.float64)
        worst = (close / np.maximum.accumulate(close) - 1).min()
        assert -0.9 < worst < -0.12

    def test_bars_have_wicks_and_volume_goes_with_range(self, seed: int, symbol: str) -> None:
        columns = bars(seed, symbol)
        ranges = (columns.high - columns.low) / columns.close
        moves = np.abs(columns.close - columns.open) / columns.close
        volume = columns.quote_volume / 100
        assert 1.5 < ranges.mean() / moves.mean() < 2.2
        assert np.corrcoef(np.log(volume + 1), np.log(ranges + 1e-6))[0, 1] > 0.55
        assert 0.6 < volume.sum() / 131 / COINS[symbol].turnover < 1.7
        assert 0.48 < columns.taker_base.sum() / columns.volume.sum() < 0.52


@pytest.mark.parametrize("seed", SEEDS)
def test_coins_move_together_but_not_as_one(seed: int) -> None:
    for minutes in (1, 60):
        together = np.corrcoef([returns(seed, symbol, minutes) for symbol in DEFAULT_SYMBOLS])
        assert 0.6 < together[0, 1] < 0.9
        assert (together[np.triu_indices(len(DEFAULT_SYMBOLS), 1)] > 0.35).all()
        assert (together[np.triu_indices(len(DEFAULT_SYMBOLS), 1)] < 0.92).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_american_opening_is_livelier_than_the_asian_night_and_weekends_rest(seed: int) -> None:
    columns = bars(seed, "BTCUSDT")
    hour, weekday = columns.open_ms // 3_600_000 % 24, (columns.open_ms // 86_400_000 + 3) % 7
    ranges, volume = (columns.high - columns.low) / columns.close, columns.quote_volume
    for values in (ranges, volume):
        assert values[(hour >= 13) & (hour < 17)].mean() > 1.15 * values[(hour >= 2) & (hour < 6)].mean()
        assert values[weekday >= 5].mean() < 0.95 * values[weekday < 5].mean()


def test_moods_differ_in_direction_and_in_restlessness() -> None:
    drift: dict[Mood, list[float]] = {mood: [] for mood in Mood}
    size: dict[Mood, list[float]] = {mood: [] for mood in Mood}
    for seed in range(16):
        state = _first_state(seed)
        for day in range(60):
            made = factor_day(state, stream(seed, day, "market"), 1_757_000_000_000 // 86_400_000 * 86_400_000)
            state = made.after
            for hour, mood in enumerate(made.moods):
                steps = made.steps[hour * 240 : (hour + 1) * 240]
                drift[mood].append(float(steps.sum()))
                size[mood].append(float(np.abs(steps).mean()))
    mean = {mood: float(np.mean(values)) * 24 for mood, values in drift.items()}
    assert mean[Mood.BULL] > 0.004
    assert mean[Mood.BEAR] < -0.004
    restless = sorted(Mood, key=lambda mood: float(np.mean(size[mood])))
    assert restless == [Mood.SIDEWAYS, Mood.BULL, Mood.BEAR, Mood.VOLATILE]
    shares = {mood: len(values) for mood, values in drift.items()}
    assert min(shares.values()) > 0.03 * sum(shares.values())


def test_holding_earns_nothing_on_average() -> None:
    """Thirty days of BTC over 20 markets, three windows each: the mean is within 2.5 errors of nothing."""
    gains: list[float] = []
    for seed in range(100, 120):
        factor, coin = _first_state(seed), CoinState()
        levels = [0.0]
        for day in range(90):
            made = factor_day(factor, stream(seed, day, "market"), 1_757_000_000_000)
            bar = coin_day(COINS["BTCUSDT"], coin, made, stream(seed, day, "BTCUSDT"))
            factor, coin = made.after, bar.after
            levels.append(coin.level)
        gains += [float(np.exp(levels[at + 30] - levels[at]) - 1) for at in (0, 30, 60)]
    error = np.std(gains) / len(gains) ** 0.5
    assert abs(np.mean(gains)) < 2.5 * error
    assert 0.1 < np.std(gains) < 0.35
    assert 0.3 < np.mean(np.array(gains) > 0) < 0.6


def test_every_mood_leads_to_another() -> None:
    for mood, traits in MOODS.items():
        assert mood not in {turn for turn, _ in traits.turns_to}
        assert sum(share for _, share in traits.turns_to) == pytest.approx(1)


def test_the_same_figures_on_real_hours_lie_in_the_same_bounds(shared: Path) -> None:
    """A check of the checks: what is asked of the invented market is true of recorded ones."""
    for name in ("BTCUSDT-1h-um-20190908-20250603", "ETHUSDT-1h-um-20191127-20250603"):
        table = pq.ParquetFile(shared / "klines" / f"{name}.parquet").read(use_threads=False)
        close = np.array(table.column("close").to_pylist())
        hours = np.diff(np.log(close))
        assert kurtosis(hours) > 5
        assert abs(autocorrelation(hours, 1)) < 0.08
        assert autocorrelation(np.abs(hours), 1) > 0.08
