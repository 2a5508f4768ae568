"""Labels of spikes: runs are joined, an alarm meets its event or not, and hindsight knows both sides."""

from __future__ import annotations

import numpy as np

from benchmarks.skill import spike_labels as labels
from benchmarks.skill.spike_labels import Run
from desk.market.candles import Candles


def minutes(move: float, at: int = 1000, bars: int = 2000) -> Candles:
    rng = np.random.default_rng(2)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.0005, bars)))
    high, low = close * 1.0001, close * 0.9999
    (high if move > 0 else low)[at] = close[at - 1] * (1 + move)
    volume = np.exp(rng.normal(3, 0.3, bars))
    return Candles.from_columns("X", "1m", np.arange(bars) * 60_000, close, high, low, close, volume)


def told(bars: Candles) -> dict[str, tuple[list[Run], list[Run]]]:
    return labels.labelled(bars, labels.hindsight(bars))


def test_minutes_less_than_a_quarter_of_an_hour_apart_are_one_event() -> None:
    excess = np.zeros(60)
    excess[[3, 17, 40]] = 1.0
    assert labels.runs_of(excess) == [Run(3, 17), Run(40, 40)]
    assert labels.runs_of(np.zeros(5)) == []


def test_a_wick_of_ten_deviations_must_be_told_and_one_of_six_may_be() -> None:
    must, may = told(minutes(-0.0065))["down"]
    assert [run.first for run in must] == [run.first for run in may] == [1000]
    must, may = told(minutes(-0.0034))["down"]
    assert (must, [run.first for run in may]) == ([], [1000])


def test_what_is_near_the_ends_has_no_label() -> None:
    assert told(minutes(0.05, at=300))["up"] == ([], [])
    assert told(minutes(0.05, at=1900))["up"] == ([], [])


def test_an_alarm_meets_an_event_within_the_minutes_allowed() -> None:
    alarm = Run(12, 12)
    assert labels.met(Run(10, 10), [alarm], labels.EARLY, labels.LATE) == alarm
    assert labels.met(Run(9, 9), [alarm], labels.EARLY, labels.LATE) is None
