"""In each regime those are heard whom the matrix gives a share; a position outlives neither it nor its own exit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from desk.backtest.plan import LEAVE_LONG, LEAVE_SHORT, Plan, plan
from desk.backtest.tape import Tape
from desk.domain.errors import DataError
from desk.regime.rule import REGIMES
from desk.regime.values import Regime
from desk.strategies.matrix import Matrix, Shares
from desk.strategies.regimes import UNKNOWN, regimes_of
from tests.unit.desk.strategies.markets import HOUR_MS, climb, market

FOUR_HOURS = 4 * HOUR_MS


@dataclass(frozen=True)
class Always:
    """Wants one side at every bar, and leaves where told."""

    name: str
    side: int
    leave: int = 0
    warm_up: int = 0

    def plan(self, tape: Tape) -> Plan:
        enter = np.full(tape.close.shape, self.side, dtype=np.int8)
        return plan(enter, leave=np.full_like(enter, self.leave), stop=0.02, target=0.04, size=0.5)


def bull_then_bear(step_ms: int = FOUR_HOURS, bars: int = 1_200) -> Tape:
    rng = np.random.default_rng(3)
    up = climb(bars, 0.4) * np.exp(rng.normal(0, 0.003, bars))
    down = climb(bars, -0.4, start=up[-1]) * np.exp(rng.normal(0, 0.003, bars))
    return market(np.concatenate((up, down)), step_ms=step_ms)


def matrix(shares: Shares, *strategies: Always) -> Matrix:
    return Matrix(name="m", strategies=strategies, shares=shares, step_ms=FOUR_HOURS)


BUYER, SELLER = Always("buyer", 1), Always("seller", -1)


def test_a_climb_is_a_bull_market_and_a_fall_a_bear() -> None:
    codes = regimes_of(bull_then_bear())
    assert REGIMES[codes[1_000]] is Regime.BULL
    assert REGIMES[codes[2_000]] is Regime.BEAR
    assert codes[0] == UNKNOWN


def test_a_regime_is_known_only_when_its_bar_is_over() -> None:
    tape = bull_then_bear(HOUR_MS, 2_400)
    codes = regimes_of(tape)
    changes = np.flatnonzero(codes[1:] != codes[:-1]) + 1
    # An hour that closes with a four-hour bar opens three hours after it began.
    assert ((tape.open_time[changes] % FOUR_HOURS) == 3 * HOUR_MS).all()


def test_each_regime_hears_those_it_gives_a_share() -> None:
    tape = bull_then_bear()
    wise = matrix({Regime.BULL: {"buyer": 0.6}, Regime.BEAR: {"seller": 0.8}}, BUYER, SELLER)
    plan, codes = wise.plan(tape), regimes_of(tape)
    heard = plan.enter[:, 0] != 0
    assert heard.any()
    assert {REGIMES[code] for code in codes[heard]} <= {Regime.BULL, Regime.BEAR}
    bull = heard & (codes == REGIMES.index(Regime.BULL))
    assert (plan.enter[bull, 0] == 1).all()
    assert plan.size[bull, 0] == pytest.approx(np.full(bull.sum(), 0.3))


def test_the_larger_share_is_heard_first() -> None:
    plan = matrix({Regime.BEAR: {"buyer": 0.2, "seller": 0.5}}, BUYER, SELLER).plan(bull_then_bear())
    assert set(np.unique(plan.enter)) == {-1, 0}


def test_the_end_of_a_regime_ends_what_it_opened() -> None:
    tape = bull_then_bear()
    plan, codes = matrix({Regime.BULL: {"buyer": 1.0}}, BUYER).plan(tape), regimes_of(tape)
    changes = np.flatnonzero(codes[1:] != codes[:-1]) + 1
    assert (plan.leave[changes, 0] == LEAVE_LONG | LEAVE_SHORT).all()


def test_a_position_leaves_by_its_own_strategy_exit() -> None:
    careful = Always("careful", -1, leave=LEAVE_SHORT)
    plan = matrix({Regime.BEAR: {"careful": 0.5}}, careful).plan(bull_then_bear())
    heard = np.flatnonzero(plan.enter[:, 0])
    assert (plan.leave[heard, 0] & LEAVE_SHORT).all()


def test_a_matrix_gives_away_no_more_than_there_is_and_names_who_is_there() -> None:
    with pytest.raises(DataError, match="no strategy at hand"):
        matrix({Regime.BULL: {"nobody": 0.5}}, BUYER)
    with pytest.raises(DataError, match="between 0 and 1"):
        matrix({Regime.BULL: {"buyer": 0.7, "seller": 0.7}}, BUYER, SELLER)
