"""The volume profile: volume is kept, the area holds its share, and bar by bar is the same as all at once."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.domain.errors import DataError
from desk.domain.market import Bar
from desk.market.candles import Candles
from desk.market.profile import VALUE_AREA, VolumeProfile, read_profile


def bar(low: float, high: float, volume: float) -> Bar:
    return Bar(0, low, high, low, high, volume)


def candles(bars: list[Bar], interval: str = "15m") -> Candles:
    step = {"15m": 900_000, "4h": 14_400_000}[interval]
    return Candles.from_bars(
        "SOLUSDT", interval, [Bar(i * step, b.open, b.high, b.low, b.close, b.volume) for i, b in enumerate(bars)]
    )


BARS = st.lists(
    st.tuples(st.floats(50, 200), st.floats(0, 0.08), st.floats(0, 1e6)).map(
        lambda t: bar(t[0], t[0] * (1 + t[1]), t[2])
    ),
    min_size=1,
    max_size=60,
)


def test_most_volume_is_the_point_of_control_and_the_area_lies_around_it() -> None:
    reading = read_profile([candles([bar(100, 100.05, 90), bar(90, 110, 60), bar(95, 95.05, 5)])], 104.0)
    assert reading.point_of_control == pytest.approx(100, rel=0.001)
    assert reading.value_low < 100 < reading.value_high
    assert reading.control_distance_pct == pytest.approx(-3.8, abs=0.1)


def test_a_close_below_the_area_stands_below_zero_and_above_it_over_one() -> None:
    series = [candles([bar(100, 101, 50)])]
    assert read_profile(series, 99.0).place < 0
    assert read_profile(series, 102.0).place > 1


def test_nodes_below_the_close_support_and_above_it_resist() -> None:
    bars = [bar(90, 110, 50), bar(95, 95.01, 20), bar(105, 105.01, 30)]
    reading = read_profile([candles(bars)], 100.0)
    assert [round(node.price) for node in reading.supports] == [95]
    assert [round(node.price) for node in reading.resistances] == [105]


def test_in_a_composite_each_interval_counts_alike() -> None:
    short, long = candles([bar(100, 100.01, 1)]), candles([bar(120, 120.01, 1e6)], "4h")
    reading = read_profile([short, long], 100.2)
    assert reading.point_of_control == pytest.approx(100, rel=0.001)
    assert reading.resistances[0].share == pytest.approx(0.5, abs=1e-4)


def test_where_nothing_traded_there_is_no_profile() -> None:
    with pytest.raises(DataError):
        read_profile([candles([bar(100, 101, 0)])], 100.0)


@given(BARS)
@settings(max_examples=60, deadline=None)
def test_volume_is_kept_and_the_area_holds_its_share(bars: list[Bar]) -> None:
    profile = VolumeProfile()
    for one in bars:
        profile.add(one)
    total = math.fsum(one.volume for one in bars)
    assert sum(profile.cells.values()) == pytest.approx(total, rel=1e-9)
    if total > 1:
        reading = profile.reading(100.0)
        inside = [
            volume
            for cell, volume in profile.cells.items()
            if reading.value_low * 0.9999 < math.exp((cell + 0.5) * 0.001) < reading.value_high * 1.0001
        ]
        assert sum(inside) >= VALUE_AREA * total * (1 - 1e-9)
        assert reading.value_low <= reading.point_of_control <= reading.value_high


@given(bars=BARS, kept=st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_bars_that_came_and_went_leave_the_profile_of_those_that_stayed(bars: list[Bar], kept: int) -> None:
    rolling, fresh = VolumeProfile(), VolumeProfile()
    for place, one in enumerate(bars):
        rolling.add(one)
        if place >= kept:
            rolling.remove(bars[place - kept])
    for one in bars[-kept:]:
        fresh.add(one)
    largest = max(one.volume for one in bars)
    for cell in {*rolling.cells, *fresh.cells}:
        assert rolling.cells.get(cell, 0.0) == pytest.approx(fresh.cells.get(cell, 0.0), rel=1e-9, abs=1e-8 * largest)


def test_a_series_gives_its_bars_back() -> None:
    bars = [bar(100, 101, 5), bar(99, 100, 2)]
    series = candles(bars)
    assert Candles.from_bars("SOLUSDT", "15m", series.bars()).close.tolist() == series.close.tolist()
    assert isinstance(series.bars()[0].open_time, int)
    assert np.isscalar(series.bars()[0].close)
