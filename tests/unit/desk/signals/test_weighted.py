"""The weighted signal: written votes, a written threshold, and every vote shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.errors import ConfigError
from desk.indicators.panel import IndicatorPanel, indicator_panel
from desk.market.candles import Candles
from desk.signals.weighted import Direction, SignalName, SignalParameters, SignalReason, WeightedSignal, weigh

DEFAULT = SignalParameters()


def blank() -> IndicatorPanel:
    ones = np.ones(1)
    return indicator_panel(
        Candles.from_columns("X", "1m", np.zeros(1, dtype=np.int64), ones, ones, ones, ones, ones * 0)
    )


def rising() -> IndicatorPanel:
    return replace(
        blank(),
        close=110.0,
        vwap_20=105.0,
        macd_histogram=0.5,
        ema_9=108.0,
        ema_21=106.0,
        ema_50=103.0,
        ema_200=100.0,
        rsi_14=60.0,
    )


def reasons(signal: WeightedSignal) -> dict[SignalName, tuple[int, SignalReason]]:
    return {part.name: (part.contribution, part.reason) for part in signal.parts}


def test_everything_pointing_up_adds_to_five_and_says_long() -> None:
    signal = weigh(rising(), DEFAULT)
    assert (signal.score, signal.strength, signal.direction) == (5, 5, Direction.LONG)
    assert reasons(signal)[SignalName.EMA_CROSS] == (3, SignalReason.EMA_9_21_50_200_RISING)


def test_the_mirror_image_says_short() -> None:
    falling = replace(
        rising(), close=100.0, macd_histogram=-0.5, ema_9=100.0, ema_21=103.0, ema_50=106.0, ema_200=108.0, rsi_14=40.0
    )
    signal = weigh(falling, DEFAULT)
    assert (signal.score, signal.direction) == (-5, Direction.SHORT)


@pytest.mark.parametrize(
    ("ema_50", "ema_200", "expected"),
    [(107.0, 100.0, 1), (103.0, 104.0, 2), (103.0, None, 2), (None, None, 1), (103.0, 100.0, 3)],
)
def test_the_ema_vote_grows_with_each_average_that_stands_in_order(
    ema_50: float | None, ema_200: float | None, expected: int
) -> None:
    signal = weigh(replace(rising(), ema_50=ema_50, ema_200=ema_200), DEFAULT)
    assert reasons(signal)[SignalName.EMA_CROSS][0] == expected


@pytest.mark.parametrize(("rsi", "vote"), [(30.0, 1), (30.1, 0), (69.9, 0), (70.0, -1)])
def test_rsi_votes_against_the_crowd_only_at_its_bounds(rsi: float, vote: int) -> None:
    assert reasons(weigh(replace(blank(), rsi_14=rsi), DEFAULT))[SignalName.RSI][0] == vote


@pytest.mark.parametrize(("threshold", "direction"), [(5, Direction.LONG), (6, Direction.NONE)])
def test_the_signal_speaks_from_the_threshold_on(threshold: int, direction: Direction) -> None:
    assert weigh(rising(), SignalParameters(threshold=threshold)).direction is direction


def test_what_lacks_history_abstains_and_says_so() -> None:
    signal = weigh(blank(), DEFAULT)
    assert (signal.score, signal.direction) == (0, Direction.NONE)
    assert {reason for _, reason in reasons(signal).values()} == {SignalReason.TOO_LITTLE_HISTORY}


def test_weights_are_the_operators() -> None:
    assert weigh(rising(), SignalParameters(macd=4, vwap=0)).score == 4 + 0 + 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"macd": -1},
        {"threshold": 0},
        {"ema_weak": 3, "ema_medium": 2},
        {"rsi_oversold": 80.0},
        {"rsi_overbought": 100.0},
    ],
)
def test_weights_that_cannot_mean_anything_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        SignalParameters(**wrong)  # type: ignore[arg-type]


maybe = st.none() | st.floats(1, 1000)


@given(
    vwap=maybe,
    histogram=st.none() | st.floats(-5, 5),
    e9=maybe,
    e21=maybe,
    e50=maybe,
    e200=maybe,
    rsi=st.none() | st.floats(0, 100),
)
def test_the_score_is_always_the_sum_of_the_votes_shown(
    vwap: float | None,
    histogram: float | None,
    e9: float | None,
    e21: float | None,
    e50: float | None,
    e200: float | None,
    rsi: float | None,
) -> None:
    panel = replace(
        blank(), vwap_20=vwap, macd_histogram=histogram, ema_9=e9, ema_21=e21, ema_50=e50, ema_200=e200, rsi_14=rsi
    )
    signal = weigh(panel, DEFAULT)
    assert signal.score == sum(part.contribution for part in signal.parts)
    assert -6 <= signal.score <= 6
    assert (signal.direction is Direction.NONE) == (signal.strength < DEFAULT.threshold)
