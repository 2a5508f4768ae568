"""Indicators: equal to the oracle, bounded, and silent where history is too short."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.domain.errors import DataError
from desk.indicators import classic, derived
from desk.indicators.columns import significant
from desk.indicators.panel import indicator_panel
from desk.market.candles import Candles

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import ta

MINUTE = 60_000


def walk(bars: int, *, seed: int = 7, drift: float = 0.0, interval: str = "1m", step: int = MINUTE) -> Candles:
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(drift, 0.004, bars)))
    open_ = np.r_[100.0, close[:-1]]
    high = np.maximum(open_, close) * (1 + rng.random(bars) * 0.003)
    low = np.minimum(open_, close) * (1 - rng.random(bars) * 0.003)
    return Candles.from_columns(
        "BTCUSDT", interval, np.arange(bars) * step, open_, high, low, close, rng.random(bars) * 50 + 1
    )


@pytest.fixture(scope="module")
def long_walk() -> Candles:
    return walk(4000)


@pytest.fixture(scope="module")
def oracle(long_walk: Candles) -> pd.DataFrame:
    c = long_walk
    return pd.DataFrame({"high": c.high, "low": c.low, "close": c.close, "volume": c.volume})


def test_averages_agree_with_the_oracle(long_walk: Candles, oracle: pd.DataFrame) -> None:
    panel = indicator_panel(long_walk)
    for period in (9, 21, 50, 200):
        expected = ta.trend.EMAIndicator(oracle.close, period).ema_indicator().iloc[-1]
        assert getattr(panel, f"ema_{period}") == pytest.approx(expected, rel=1e-9)
    for period in (20, 50, 200):
        assert getattr(panel, f"sma_{period}") == pytest.approx(oracle.close.rolling(period).mean().iloc[-1], rel=1e-9)


def test_momentum_agrees_with_the_oracle(long_walk: Candles, oracle: pd.DataFrame) -> None:
    panel = indicator_panel(long_walk)
    macd = ta.trend.MACD(oracle.close)
    stoch = ta.momentum.StochasticOscillator(oracle.high, oracle.low, oracle.close)
    adx = ta.trend.ADXIndicator(oracle.high, oracle.low, oracle.close)
    assert panel.rsi_14 == pytest.approx(ta.momentum.RSIIndicator(oracle.close).rsi().iloc[-1], rel=1e-8)
    assert panel.macd == pytest.approx(macd.macd().iloc[-1], rel=1e-8)
    assert panel.macd_signal == pytest.approx(macd.macd_signal().iloc[-1], rel=1e-8)
    # The slow %K is the oracle's %D: the fast line smoothed once.
    assert panel.stochastic_k == pytest.approx(stoch.stoch_signal().iloc[-1], rel=1e-8)
    assert panel.stochastic_d == pytest.approx(stoch.stoch_signal().rolling(3).mean().iloc[-1], rel=1e-8)
    assert panel.adx_14 == pytest.approx(adx.adx().iloc[-1], rel=1e-6)
    assert panel.plus_di_14 == pytest.approx(adx.adx_pos().iloc[-1], rel=1e-6)
    assert panel.minus_di_14 == pytest.approx(adx.adx_neg().iloc[-1], rel=1e-6)
    assert panel.williams_r_14 == pytest.approx(
        ta.momentum.WilliamsRIndicator(oracle.high, oracle.low, oracle.close).williams_r().iloc[-1], rel=1e-8
    )
    assert panel.roc_10_pct == pytest.approx(ta.momentum.ROCIndicator(oracle.close, 10).roc().iloc[-1], rel=1e-8)
    assert panel.cci_20 == pytest.approx(
        ta.trend.CCIIndicator(oracle.high, oracle.low, oracle.close, 20).cci().iloc[-1], rel=1e-8
    )


def test_bands_agree_with_the_oracle(long_walk: Candles, oracle: pd.DataFrame) -> None:
    panel = indicator_panel(long_walk)
    bands = ta.volatility.BollingerBands(oracle.close)
    atr = ta.volatility.AverageTrueRange(oracle.high, oracle.low, oracle.close)
    assert panel.bollinger_upper == pytest.approx(bands.bollinger_hband().iloc[-1], rel=1e-8)
    assert panel.bollinger_lower == pytest.approx(bands.bollinger_lband().iloc[-1], rel=1e-8)
    assert panel.atr_14 == pytest.approx(atr.average_true_range().iloc[-1], rel=1e-8)
    assert panel.donchian_upper_20 == pytest.approx(oracle.high[-20:].max(), rel=1e-9)
    assert panel.donchian_lower_20 == pytest.approx(oracle.low[-20:].min(), rel=1e-9)
    ten = ta.volatility.AverageTrueRange(oracle.high, oracle.low, oracle.close, 10).average_true_range().iloc[-1]
    middle = ta.trend.EMAIndicator(oracle.close, 20).ema_indicator().iloc[-1]
    assert panel.keltner_upper == pytest.approx(middle + 2 * ten, rel=1e-8)


def test_volume_flow_agrees_with_the_oracle(long_walk: Candles, oracle: pd.DataFrame) -> None:
    panel = indicator_panel(long_walk)
    vwap = ta.volume.VolumeWeightedAveragePrice(oracle.high, oracle.low, oracle.close, oracle.volume, 20)
    mfi = ta.volume.MFIIndicator(oracle.high, oracle.low, oracle.close, oracle.volume)
    assert panel.vwap_20 == pytest.approx(vwap.volume_weighted_average_price().iloc[-1], rel=1e-8)
    assert panel.mfi_14 == pytest.approx(mfi.money_flow_index().iloc[-1], rel=1e-8)
    moved = ta.volume.OnBalanceVolumeIndicator(oracle.close, oracle.volume).on_balance_volume()
    ours = classic.obv(long_walk.close, long_walk.volume)
    assert ours[-1] - ours[-500] == pytest.approx(moved.iloc[-1] - moved.iloc[-500], rel=1e-9)


def test_the_session_vwap_starts_anew_at_midnight_utc() -> None:
    candles = walk(1440 + 60)
    today = slice(1440, None)
    typical = derived.typical_price(candles)[today]
    expected = float(np.sum(typical * candles.volume[today]) / np.sum(candles.volume[today]))
    assert indicator_panel(candles).vwap_session == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("bars", [*range(1, 40), 49, 50, 199, 200])
def test_short_history_gives_none_and_never_an_error(bars: int) -> None:
    panel = indicator_panel(walk(bars))
    assert (panel.ema_200 is None) == (bars < 200)
    assert (panel.rsi_14 is None) == (bars < 15)
    assert (panel.macd is None) == (bars < 34)
    assert (panel.adx_14 is None) == (bars < 28)
    assert (panel.bollinger_upper is None) == (bars < 20)


def test_a_price_that_stood_still_is_neither_overbought_nor_oversold() -> None:
    still = np.full(300, 5.0)
    panel = indicator_panel(
        Candles.from_columns("X", "1m", np.arange(300) * MINUTE, still, still, still, still, np.zeros(300))
    )
    assert panel.rsi_14 == 50.0
    assert (panel.stochastic_k, panel.williams_r_14, panel.mfi_14, panel.vwap_20) == (None, None, None, None)
    assert panel.atr_14 == 0.0


@given(seed=st.integers(0, 10_000), bars=st.integers(1, 260), drift=st.floats(-0.01, 0.01))
@settings(max_examples=60, deadline=None)
def test_oscillators_stay_within_their_bounds(seed: int, bars: int, drift: float) -> None:
    panel = indicator_panel(walk(bars, seed=seed, drift=drift))
    for value in (panel.rsi_14, panel.adx_14, panel.stochastic_k, panel.stochastic_d, panel.mfi_14, panel.plus_di_14):
        assert value is None or -1e-6 <= value <= 100 + 1e-6
    assert panel.williams_r_14 is None or -100 - 1e-6 <= panel.williams_r_14 <= 1e-6
    assert panel.atr_14 is None or panel.atr_14 >= 0
    if panel.bollinger_upper is not None and panel.bollinger_lower is not None:
        assert panel.bollinger_lower <= panel.bollinger_upper
    assert panel.squeeze_rank is None or 0 <= panel.squeeze_rank <= 1


def test_equal_candles_give_equal_panels() -> None:
    assert indicator_panel(walk(500)) == indicator_panel(walk(500))


def test_no_bars_is_an_error_and_not_an_empty_panel() -> None:
    candles = walk(3)
    empty = Candles(
        symbol="X",
        interval="1m",
        open_time=candles.open_time[:0],
        open=candles.open[:0],
        high=candles.high[:0],
        low=candles.low[:0],
        close=candles.close[:0],
        volume=candles.volume[:0],
    )
    with pytest.raises(DataError):
        indicator_panel(empty)


@given(st.floats(1e-8, 1e8))
def test_rounding_keeps_ten_digits(value: float) -> None:
    assert significant(value) == pytest.approx(value, rel=1e-9)
