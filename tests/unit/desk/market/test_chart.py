"""The chart read in numbers: hand-drawn charts with one obvious answer each."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.domain.errors import DataError
from desk.market.candles import Candles
from desk.market.chart import MINIMUM_BARS, ChartReading, Pattern, Recommendation, Trend, read_chart
from desk.market.swings import find_swings

STEP = 900_000


def drawn(closes: np.ndarray, *, reach: float = 0.1) -> Candles:
    opens = np.r_[closes[0], closes[:-1]]
    high, low = np.maximum(opens, closes) + reach, np.minimum(opens, closes) - reach
    return Candles.from_columns(
        "BTCUSDT", "15m", np.arange(len(closes)) * STEP, opens, high, low, closes, np.full(len(closes), 10.0)
    )


def through(*points: tuple[int, float]) -> np.ndarray:
    """Straight lines through (bar, price) points."""
    bars, prices = zip(*points, strict=True)
    return np.interp(np.arange(bars[-1] + 1), bars, prices)


def patterns(reading: ChartReading) -> set[Pattern]:
    return {hit.pattern for hit in reading.patterns}


def test_a_climb_reads_up_and_buys() -> None:
    reading = read_chart(drawn(through((0, 100), (250, 160)) + np.sin(np.arange(251) / 2)))
    assert reading.trend is Trend.UP
    assert reading.recommendation in (Recommendation.BUY, Recommendation.STRONG_BUY)


def test_a_fall_reads_down_and_sells() -> None:
    reading = read_chart(drawn(through((0, 160), (250, 100)) + np.sin(np.arange(251) / 2)))
    assert reading.trend is Trend.DOWN
    assert reading.recommendation in (Recommendation.SELL, Recommendation.STRONG_SELL)


def test_a_price_that_stands_still_says_nothing() -> None:
    reading = read_chart(drawn(np.full(200, 100.0), reach=0.0))
    assert (reading.trend, reading.score, reading.recommendation) == (Trend.FLAT, 0, Recommendation.NEUTRAL)
    assert reading.confidence == 0.0


def test_a_floor_touched_three_times_is_the_strongest_support() -> None:
    zigzag = through((0, 110), (20, 100), (40, 110), (60, 100), (80, 110), (100, 100), (120, 106))
    reading = read_chart(drawn(zigzag))
    (floor,) = reading.supports
    assert floor.price == pytest.approx(99.9)
    assert floor.touches == 3
    (ceiling,) = reading.resistances
    assert (ceiling.price, ceiling.touches) == (pytest.approx(110.1), 2)
    assert ceiling.distance_pct == pytest.approx((110.1 / 106 - 1) * 100, abs=1e-3)


def test_two_equal_tops_and_a_broken_neck_are_a_double_top() -> None:
    reading = read_chart(drawn(through((0, 80), (60, 110), (70, 100), (80, 110), (93, 97), (95, 96))))
    assert Pattern.DOUBLE_TOP in patterns(reading)


def test_two_equal_tops_over_an_unbroken_neck_are_not_yet() -> None:
    reading = read_chart(drawn(through((0, 80), (60, 110), (70, 100), (80, 110), (88, 102))))
    assert Pattern.DOUBLE_TOP not in patterns(reading)


def test_two_equal_bottoms_and_a_broken_neck_are_a_double_bottom() -> None:
    reading = read_chart(drawn(through((0, 120), (60, 90), (70, 100), (80, 90), (93, 103), (95, 104))))
    assert Pattern.DOUBLE_BOTTOM in patterns(reading)


def test_stairs_up_are_higher_highs_and_lows() -> None:
    reading = read_chart(drawn(through((0, 90), (60, 100), (70, 95), (80, 106), (87, 100), (93, 104))))
    assert Pattern.HIGHER_HIGHS_AND_LOWS in patterns(reading)


def test_stairs_down_are_lower_highs_and_lows() -> None:
    reading = read_chart(drawn(through((0, 110), (60, 100), (70, 105), (80, 94), (87, 100), (93, 96))))
    assert Pattern.LOWER_HIGHS_AND_LOWS in patterns(reading)


def test_a_body_that_covers_the_one_before_it_engulfs() -> None:
    closes = np.r_[np.full(100, 100.0), 99.0, 98.0, 98.0]
    candles = drawn(closes)
    opens, last = candles.open.copy(), closes.copy()
    opens[-1], last[-1] = 97.9, 99.3
    high, low = np.maximum(opens, last) + 0.1, np.minimum(opens, last) - 0.1
    engulfed = Candles.from_columns("X", "15m", candles.open_time, opens, high, low, last, candles.volume)
    assert Pattern.BULLISH_ENGULFING in patterns(read_chart(engulfed))


@pytest.mark.parametrize(("end", "pattern"), [(105.0, Pattern.BREAKOUT_UP), (95.0, Pattern.BREAKOUT_DOWN)])
def test_a_close_beyond_twenty_bars_breaks_out(end: float, pattern: Pattern) -> None:
    assert pattern in patterns(read_chart(drawn(np.r_[100 + np.sin(np.arange(100)), end])))


def test_a_breakout_that_fell_back_is_none() -> None:
    fallen = np.r_[100 + np.sin(np.arange(100)), 105.0, 100.0]
    assert Pattern.BREAKOUT_UP not in patterns(read_chart(drawn(fallen)))


def test_bands_inside_the_channel_are_a_squeeze() -> None:
    quiet = 100 + 0.05 * np.sin(np.arange(120))
    assert Pattern.SQUEEZE in patterns(read_chart(drawn(quiet, reach=0.5)))


def test_a_swing_is_known_only_when_the_bars_after_it_are_known() -> None:
    peak = through((0, 100), (50, 110), (53, 108))
    assert [s.bar for s in find_swings(drawn(peak)) if s.high] == [50]
    assert [s.bar for s in find_swings(drawn(peak[:-1])) if s.high] == []


def test_too_few_bars_are_an_error() -> None:
    with pytest.raises(DataError):
        read_chart(drawn(np.full(MINIMUM_BARS - 1, 100.0)))


@given(seed=st.integers(0, 10_000), bars=st.integers(MINIMUM_BARS, 300), noise=st.floats(0.0, 0.03))
@settings(max_examples=60, deadline=None)
def test_supports_lie_below_the_price_and_resistances_above(seed: int, bars: int, noise: float) -> None:
    closes = 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, noise, bars)))
    reading = read_chart(drawn(closes, reach=float(closes.min()) * noise / 4))
    assert all(level.price < reading.last_close for level in reading.supports)
    assert all(level.price > reading.last_close for level in reading.resistances)
    for levels in (reading.supports, reading.resistances):
        assert [level.distance_pct for level in levels] == sorted(level.distance_pct for level in levels)
        assert len(levels) <= 5
    assert -100 <= reading.score <= 100
    assert 0 <= reading.confidence <= 1
