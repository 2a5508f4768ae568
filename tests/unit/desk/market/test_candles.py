"""Candles: strict about what a series is, and never a longer bar before its time has passed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.domain.errors import DataError
from desk.domain.market import Bar
from desk.market.candles import Candles
from desk.market.resample import resample

MINUTE = 60_000


def bars(count: int, *, start: int = 0, step: int = MINUTE) -> list[Bar]:
    return [Bar(start + i * step, 10.0 + i, 12.0 + i, 9.0 + i, 11.0 + i, 1.0) for i in range(count)]


def test_columns_hold_what_the_bars_held() -> None:
    candles = Candles.from_bars("BTCUSDT", "1m", bars(3))
    assert candles.close.tolist() == [11.0, 12.0, 13.0]
    assert candles.open_time.tolist() == [0, MINUTE, 2 * MINUTE]
    assert (len(candles), candles.last_close) == (3, 13.0)


def test_columns_cannot_be_written_to() -> None:
    candles = Candles.from_bars("BTCUSDT", "1m", bars(3))
    with pytest.raises(ValueError, match="read-only"):
        candles.close[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        candles.tail(2).close[0] = 1.0


def test_a_caller_cannot_change_candles_through_its_own_array() -> None:
    column = np.full(2, 5.0)
    candles = Candles.from_columns("X", "1m", np.array([0, MINUTE]), column, column, column, column, column)
    column[0] = 99.0
    assert candles.close[0] == 5.0


@pytest.mark.parametrize(
    "broken",
    [
        [],
        [bars(2)[1], bars(2)[0]],
        [bars(1)[0], bars(1)[0]],
        [replace(bars(1)[0], open_time=1)],
        [replace(bars(1)[0], close=float("nan"))],
        [replace(bars(1)[0], high=float("inf"))],
        [replace(bars(1)[0], low=0.0)],
        [replace(bars(1)[0], volume=-1.0)],
        [replace(bars(1)[0], high=10.5)],
        [replace(bars(1)[0], low=10.5)],
    ],
    ids=["none", "disorder", "repeated", "off grid", "nan", "infinite", "free", "negative volume", "high", "low"],
)
def test_what_is_not_a_series_of_bars_is_refused(broken: list[Bar]) -> None:
    with pytest.raises(DataError):
        Candles.from_bars("BTCUSDT", "1m", broken)


def test_five_minutes_become_one_bar() -> None:
    long = resample(Candles.from_bars("BTCUSDT", "1m", bars(5)), "5m")
    assert (len(long), long.open[0], long.high[0], long.low[0], long.close[0], long.volume[0]) == (1, 10, 16, 9, 15, 5)


def test_the_bar_still_running_is_never_shown() -> None:
    long = resample(Candles.from_bars("BTCUSDT", "1m", bars(9)), "5m")
    assert long.open_time.tolist() == [0]


def test_a_bar_cut_off_at_the_start_is_left_out() -> None:
    long = resample(Candles.from_bars("BTCUSDT", "1m", bars(8, start=2 * MINUTE)), "5m")
    assert long.open_time.tolist() == [5 * MINUTE]


def test_a_bar_with_a_hole_in_it_is_left_out() -> None:
    holed = [bar for i, bar in enumerate(bars(15)) if i != 7]
    assert resample(Candles.from_bars("BTCUSDT", "1m", holed), "5m").open_time.tolist() == [0, 10 * MINUTE]


@pytest.mark.parametrize(("source", "target"), [("5m", "1m"), ("5m", "5m"), ("2h", "3h")])
def test_only_larger_multiples_can_be_made(source: str, target: str) -> None:
    step = {"5m": 5, "2h": 120}[source] * MINUTE
    with pytest.raises(DataError):
        resample(Candles.from_bars("BTCUSDT", source, bars(3, step=step)), target)


@given(count=st.integers(15, 400), start=st.integers(0, 60))
@settings(max_examples=40, deadline=None)
def test_resampling_in_two_steps_equals_one(count: int, start: int) -> None:
    candles = Candles.from_bars("BTCUSDT", "1m", bars(count, start=start * MINUTE))
    try:
        once = resample(candles, "15m")
    except DataError:
        return
    twice = resample(resample(candles, "5m"), "15m")
    assert once.open_time.tolist() == twice.open_time.tolist()
    assert once.high.tolist() == twice.high.tolist()
    assert once.volume.tolist() == twice.volume.tolist()


@given(count=st.integers(5, 200), shown=st.integers(5, 200))
@settings(max_examples=40, deadline=None)
def test_more_minutes_never_change_a_bar_already_shown(count: int, shown: int) -> None:
    minutes = bars(max(count, shown))
    before = resample(Candles.from_bars("BTCUSDT", "1m", minutes[: min(count, shown)]), "5m")
    after = resample(Candles.from_bars("BTCUSDT", "1m", minutes), "5m")
    assert after.close.tolist()[: len(before)] == before.close.tolist()


def test_an_interval_the_desk_does_not_read_is_refused() -> None:
    with pytest.raises(DataError):
        Candles.from_bars("BTCUSDT", "7m", bars(1))


def test_a_series_is_never_cut_to_nothing() -> None:
    candles = Candles.from_bars("BTCUSDT", "1m", bars(3))
    assert len(candles.tail(2)) == 2
    assert len(candles.tail(9)) == 3
    with pytest.raises(DataError):
        candles.tail(0)
