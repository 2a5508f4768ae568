"""A strategy that looks ahead, or remembers more than it says, is caught; an honest one is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import talib

from desk.backtest.honesty import check_hindsight, check_memory
from desk.backtest.plan import Plan, plan
from desk.backtest.tape import Tape
from desk.domain.errors import DataError
from desk.indicators.columns import Column
from tests.unit.desk.backtest.markets import random_tape

Scores = Callable[[Tape, int], Column]


@dataclass(frozen=True)
class Scored:
    """Long where a score is above zero, short below."""

    name: str
    warm_up: int
    score: Scores
    stop: Scores | None = None

    def plan(self, tape: Tape) -> Plan:
        columns = [np.nan_to_num(self.score(tape, at)) for at in range(len(tape.symbols))]
        enter = np.sign(np.stack(columns, axis=1)).astype(np.int8)
        enter[: min(self.warm_up, len(enter))] = 0
        if self.stop is None:
            return plan(enter, stop=0.02, target=0.05, size=0.5)
        stops = np.stack([np.nan_to_num(self.stop(tape, at)) for at in range(len(tape.symbols))], axis=1)
        return plan(enter, stop=np.clip(np.abs(stops), 0, 0.5), target=np.full(stops.shape, 0.05), size=0.5 + 0 * stops)


def close(tape: Tape, at: int) -> Column:
    return np.ascontiguousarray(tape.close[:, at])


def ahead(column: Column, by: int = 1) -> Column:
    return np.concatenate((column[by:], np.full(by, column[-1])))


HONEST = [
    Scored("momentum", 10, lambda t, s: close(t, s) - np.concatenate((np.full(10, np.nan), close(t, s)[:-10]))),
    Scored("average", 30, lambda t, s: close(t, s) - talib.SMA(close(t, s), 30)),
    Scored("breakout", 20, lambda t, s: close(t, s) - talib.MAX(close(t, s), 20) * 0.999),
    Scored("long memory", 600, lambda t, s: close(t, s) - talib.EMA(close(t, s), 20)),
]
LOOKS_AHEAD: list[Scored] = [
    Scored("next close", 0, lambda t, s: ahead(close(t, s)) - close(t, s)),
    Scored("next open", 0, lambda t, s: ahead(t.open[:, s]) - close(t, s)),
    Scored("five bars on", 5, lambda t, s: ahead(close(t, s), 5) - close(t, s)),
    Scored("mean of all", 0, lambda t, s: close(t, s) - close(t, s).mean()),
    Scored("scaled by all", 0, lambda t, s: (close(t, s) - close(t, s).min()) / (np.ptp(close(t, s)) + 1e-9) - 0.5),
    Scored("rank in all", 0, lambda t, s: close(t, s).argsort().argsort() / len(t) - 0.5),
    Scored("highest of all", 0, lambda t, s: close(t, s) - 0.9 * close(t, s).max()),
    Scored("centred average", 11, lambda t, s: close(t, s) - np.convolve(close(t, s), np.full(11, 1 / 11), "same")),
    Scored("read backwards", 20, lambda t, s: close(t, s) - talib.EMA(close(t, s)[::-1].copy(), 5)[::-1]),
    Scored("last bar", 0, lambda t, s: close(t, s)[-1] - close(t, s)),
    Scored("next high", 0, lambda t, s: ahead(t.high[:, s]) - 1.01 * close(t, s)),
    Scored(
        "stop from the future", 0, lambda t, s: np.ones(len(t)), stop=lambda t, s: ahead(close(t, s)) / close(t, s) - 1
    ),
]
REMEMBERS_MORE: list[Scored] = [
    Scored("ema without warm-up", 20, lambda t, s: close(t, s) - talib.EMA(close(t, s), 20)),
    Scored("slow ema", 50, lambda t, s: close(t, s) - talib.EMA(close(t, s), 50)),
    Scored("sum from the start", 10, lambda t, s: np.cumsum(np.diff(close(t, s), prepend=close(t, s)[0]))),
    Scored("mean so far", 10, lambda t, s: close(t, s) - np.cumsum(close(t, s)) / np.arange(1, len(t) + 1)),
    Scored("highest so far", 10, lambda t, s: close(t, s) - 0.95 * np.maximum.accumulate(close(t, s))),
    Scored("count of bars", 10, lambda t, s: np.where(np.arange(len(t)) % 7 < 3, 1.0, -1.0)),
    Scored("first close", 10, lambda t, s: close(t, s) - close(t, s)[0]),
    Scored("wilder without warm-up", 15, lambda t, s: talib.RSI(close(t, s), 14) - 50),
    Scored("obv", 10, lambda t, s: talib.OBV(close(t, s), np.ascontiguousarray(t.volume[:, s]))),
    Scored("average longer than told", 10, lambda t, s: close(t, s) - talib.SMA(close(t, s), 40)),
    Scored("macd without warm-up", 34, lambda t, s: talib.MACD(close(t, s))[2]),
]


@pytest.mark.parametrize("strategy", HONEST, ids=lambda s: s.name)
def test_an_honest_strategy_has_nothing_to_show(strategy: Scored) -> None:
    tape = random_tape(3, 1_500, 2)
    assert check_hindsight(strategy, tape) == ()
    assert check_memory(strategy, tape) == ()


@pytest.mark.parametrize("strategy", LOOKS_AHEAD, ids=lambda s: s.name)
def test_who_looks_ahead_is_caught(strategy: Scored) -> None:
    found = check_hindsight(strategy, random_tape(3, 600, 2))
    assert found
    assert found[0].with_all != found[0].with_less


@pytest.mark.parametrize("strategy", REMEMBERS_MORE, ids=lambda s: s.name)
def test_who_remembers_more_than_he_says_is_caught(strategy: Scored) -> None:
    assert check_memory(strategy, random_tape(3, 600, 2), rows=160)


def test_a_tape_no_longer_than_the_warm_up_proves_nothing() -> None:
    with pytest.raises(DataError, match="more than 10 bars"):
        check_hindsight(HONEST[0], random_tape(3, 10, 1))
