"""Brakes only take away: they stop everything after a shock, shrink in wild markets, and share one bet's size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.backtest.plan import LEAVE_LONG, LEAVE_SHORT, Plan, plan
from desk.backtest.tape import Tape
from desk.strategies.brakes import Brake, Braked, CorrelationBrake, EmergencyStop, VolatilityBrake
from tests.unit.desk.backtest.markets import random_tape
from tests.unit.desk.strategies.markets import QUIET, after_calm, calm, climb, market


@dataclass(frozen=True)
class Eager:
    """Wants to be long at every bar."""

    name: str = "eager"
    warm_up: int = 0

    def plan(self, tape: Tape) -> Plan:
        return plan(np.ones(tape.close.shape, dtype=np.int8), stop=0.02, target=0.04, size=0.5)


def braked(brake: Brake, tape: Tape) -> Plan:
    return Braked(strategy=Eager(), brakes=(brake,)).plan(tape)


@pytest.mark.parametrize("jump", [-0.12, 0.12], ids=["crash", "squeeze"])
def test_after_a_shock_everything_leaves_and_nothing_opens_until_it_has_rested(jump: float) -> None:
    tape = market(after_calm([100 * (1 + jump)] * 60))
    plan = braked(EmergencyStop(move=0.1, bars=4, rest=24), tape)
    assert plan.leave[QUIET, 0] == LEAVE_LONG | LEAVE_SHORT
    assert plan.enter[QUIET - 1, 0] == 1
    # The move stays within the window for four bars, and the rest counts from its last.
    assert not plan.enter[QUIET : QUIET + 4 + 24, 0].any()
    assert plan.enter[QUIET + 4 + 24, 0] == 1


def test_one_symbol_in_trouble_stops_them_all() -> None:
    tape = market(after_calm([80.0] * 40), after_calm(calm(40, seed=2)), symbols=("BTCUSDT", "ETHUSDT"))
    plan = braked(EmergencyStop(), tape)
    assert not plan.enter[QUIET : QUIET + 10].any()


def test_sizes_shrink_as_the_market_grows_wild_and_beyond_that_nothing_opens() -> None:
    brake = VolatilityBrake(usual=0.2, wildest=2.0, bars=48)
    wild = after_calm(calm(200, swing=3, seed=5), calm(200, swing=9, seed=6))
    plan = braked(brake, market(wild))
    assert plan.size[QUIET - 1, 0] == pytest.approx(0.5)
    assert 0 < plan.size[QUIET + 150, 0] < 0.2
    assert plan.enter[QUIET + 150, 0] == 1
    assert plan.enter[QUIET + 350, 0] == 0


def test_symbols_that_go_together_share_one_size() -> None:
    walk = np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.01, 400)))
    alone = np.exp(np.cumsum(np.random.default_rng(2).normal(0, 0.01, 400)))
    tape = market(100 * walk, 50 * walk**1.1, 10 * alone, symbols=("BTCUSDT", "ETHUSDT", "SOLUSDT"))
    sizes = braked(CorrelationBrake(ceiling=0.8, bars=100), tape).size[300]
    assert sizes == pytest.approx([0.25, 0.25, 0.5])


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), symbols=st.integers(1, 4))
def test_no_brake_ever_adds_anything(seed: int, symbols: int) -> None:
    tape = random_tape(seed, 120, symbols)
    free = Eager().plan(tape)
    for brake in (EmergencyStop(), VolatilityBrake(bars=20), CorrelationBrake(bars=20)):
        plan = braked(brake, tape)
        assert (np.abs(plan.enter) <= np.abs(free.enter)).all()
        assert (plan.size <= np.broadcast_to(free.size, plan.size.shape) + 1e-12).all() or plan.size.shape[0] == 1
        assert ((plan.leave & free.leave) == free.leave).all()


def test_a_climb_is_no_shock() -> None:
    assert braked(EmergencyStop(), market(after_calm(climb(50, 0.5)))).enter[QUIET:].all()
