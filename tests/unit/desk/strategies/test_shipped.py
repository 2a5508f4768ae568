"""The shipped library is honest: no strategy knows what comes, or remembers more than it says."""

from __future__ import annotations

import numpy as np
import pytest

from config.strategies import load_strategies
from desk.backtest.honesty import check_hindsight, check_memory
from desk.backtest.plan import Plan
from desk.backtest.tape import Tape
from desk.strategies.library import MATRIX
from desk.strategies.tones import Tones
from tests.unit.desk.strategies.markets import HOUR_MS, market

SYMBOLS = ("BTCUSDT", "ETHUSDT")
NAMES = load_strategies().names


def hourly(seed: int, bars: int) -> Tape:
    """Two symbols that share most of their moves, calm for a while and wild for a while, with every kind of volume."""
    rng = np.random.default_rng(seed)
    wildness = 0.004 * np.exp(0.5 * np.sin(np.arange(bars) / 300))
    together = np.cumsum(rng.standard_t(4, bars) * wildness)
    own = 0.04 * np.sin(np.arange(bars) / 55) + rng.normal(0, 0.002, bars)
    volume = rng.lognormal(0, 0.5, bars)
    return market(50_000 * np.exp(together), 3_000 * np.exp(together + own), volume=volume, symbols=SYMBOLS)


def talk(tape: Tape, seed: int) -> Tones:
    rng = np.random.default_rng(seed)
    count = len(tape) * 3
    at = np.sort(rng.integers(0, len(tape) * HOUR_MS, count))
    mood = np.sin(at / HOUR_MS / 20)
    return Tones(at=at, score=np.clip(mood + rng.normal(0, 0.3, count), -1, 1), weight=rng.random(count))


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_strategy_knows_nothing_it_cannot_know(name: str) -> None:
    tape = hourly(5, 4_600 if name == MATRIX else 1_900)
    strategy = load_strategies().hearing(talk(tape, 5)).strategy(name, HOUR_MS)
    rows = 6 if name == MATRIX else 24
    assert check_hindsight(strategy, tape, rows=rows) == ()
    assert check_memory(strategy, tape, rows=rows) == ()


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_strategy_asks_only_for_what_the_guard_can_grant(name: str) -> None:
    tape = hourly(5, 4_600)
    plan = load_strategies().hearing(talk(tape, 5)).strategy(name, HOUR_MS).plan(tape)
    asked = plan.enter != 0
    assert asked.any()
    stop, target, size = (np.broadcast_to(column, asked.shape)[asked] for column in amounts(plan))
    assert ((stop >= 0.002) & (stop <= 0.1)).all()
    assert ((target >= stop) & (target <= 0.5)).all()
    assert ((size > 0) & (size <= 0.5)).all()


def amounts(plan: Plan) -> tuple[np.ndarray, ...]:
    return plan.stop, plan.target, plan.size
