"""What a record justifies is less than it looks; what a position costs by being held is told before there is one."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.errors import DataError
from desk.risk.holding import Holding, holding, liquidation_distance
from desk.risk.kelly import CAP, FEWEST_TRADES, PART, growth_fraction, kelly_advice, kelly_fraction

EIGHT = timedelta(hours=8)


def test_a_fair_coin_that_pays_double_is_worth_a_quarter() -> None:
    assert kelly_fraction(0.5, 2.0) == 0.25
    assert kelly_fraction(0.5, 1.0) == 0.0
    assert kelly_fraction(0.2, 1.0) == 0.0


def test_a_long_record_justifies_what_a_short_one_does_not() -> None:
    short, long = kelly_advice(6, 4, 1.5), kelly_advice(600, 400, 1.5)
    assert short.full == long.full == pytest.approx(1 / 3, abs=1e-6)
    assert short.advised == 0.0
    assert 0 < long.advised < long.doubted < long.full


def test_a_record_that_does_not_exclude_losing_justifies_nothing() -> None:
    told = kelly_advice(55, 45, 1.0)
    assert told.full > 0
    assert told.win_rate_low < 0.5
    assert told.advised == 0.0


@pytest.mark.parametrize(("wins", "losses", "payoff"), [(0, 0, 1.0), (-1, 5, 1.0), (5, 5, 0.0), (5, 5, float("inf"))])
def test_a_record_that_cannot_be_is_refused(wins: int, losses: int, payoff: float) -> None:
    with pytest.raises(DataError):
        kelly_advice(wins, losses, payoff)


@given(wins=st.integers(0, 5_000), losses=st.integers(0, 5_000), payoff=st.floats(0.01, 100))
def test_advice_never_exceeds_the_cap_nor_what_the_record_bears(wins: int, losses: int, payoff: float) -> None:
    if wins + losses == 0:
        return
    told = kelly_advice(wins, losses, payoff)
    assert 0 <= told.advised <= CAP
    assert told.advised <= PART * told.doubted + 1e-6
    assert told.doubted <= told.full + 1e-6
    if wins + losses < FEWEST_TRADES:
        assert told.advised == 0


@given(wins=st.integers(1, 400), losses=st.integers(1, 400), payoff=st.floats(0.1, 10))
def test_growth_finds_the_fraction_that_the_formula_has(wins: int, losses: int, payoff: float) -> None:
    returns = np.r_[np.full(wins, payoff), np.full(losses, -1.0)]
    assert growth_fraction(returns) == pytest.approx(kelly_fraction(wins / (wins + losses), payoff), abs=1e-6)


@given(returns=st.lists(st.floats(-0.9, 2.0), min_size=1, max_size=60), other=st.floats(0, 1))
def test_no_other_share_grows_faster(returns: list[float], other: float) -> None:
    told = np.array(returns)
    best = growth_fraction(told)
    with np.errstate(divide="ignore", invalid="ignore"):
        assert np.mean(np.log1p(best * told)) >= np.mean(np.log1p(min(other, 1.0) * told)) - 1e-9


def test_growth_never_ventures_what_would_end_the_account() -> None:
    told = growth_fraction(np.array([50.0] * 99 + [-4.0]))
    assert 1 - 4 * told > 0
    assert growth_fraction(np.array([0.1, 0.2]), most=0.7) == 0.7
    with pytest.raises(DataError):
        growth_fraction(np.empty(0))


def held(**changes: object) -> Holding:
    base: dict[str, object] = {"long": True, "leverage": 5.0, "rate": 1e-4, "interval": EIGHT}
    return holding(**{**base, "held": timedelta(days=1), "stop": 0.02, **changes})  # type: ignore[arg-type]


def test_funding_is_paid_by_one_side_and_received_by_the_other() -> None:
    assert held().funding == pytest.approx(3e-4)
    assert held(long=False).funding == pytest.approx(-3e-4)
    assert held(leverage=10.0).funding_of_margin == pytest.approx(3e-3)
    assert held(interval=timedelta(hours=4)).funding == pytest.approx(6e-4)


def test_a_position_breaks_even_when_it_has_earned_its_fees_and_its_funding() -> None:
    assert held(fees=0.001).break_even == pytest.approx(0.0013)
    assert held(long=False, fees=1e-4).break_even == 0.0


@pytest.mark.parametrize(("long", "distance"), [(True, 1 - 0.8 / 0.996), (False, 1.2 / 1.004 - 1)])
def test_liquidation_stands_where_the_margin_no_longer_covers_maintenance(long: bool, distance: float) -> None:
    assert liquidation_distance(5.0, long=long) == pytest.approx(distance)


def test_a_stop_beyond_liquidation_is_said_to_be_of_no_use() -> None:
    assert held(leverage=20.0, stop=0.02).stop_is_reached_first
    assert not held(leverage=50.0, stop=0.02).stop_is_reached_first


@given(leverage=st.floats(1, 150), long=st.booleans(), maintenance=st.floats(0, 0.2))
def test_at_the_liquidation_price_margin_and_loss_leave_exactly_the_maintenance(
    leverage: float, long: bool, maintenance: float
) -> None:
    distance = liquidation_distance(leverage, long=long, maintenance=maintenance)
    side = 1 if long else -1
    price = 1 - side * distance
    left = 1 / leverage + side * (price - 1)
    if distance > 0:
        assert left == pytest.approx(maintenance * price, abs=1e-9)
    else:
        assert 1 / leverage <= maintenance + 1e-9


@pytest.mark.parametrize(
    "wrong", [{"leverage": 0.5}, {"leverage": 500.0}, {"held": timedelta(-1)}, {"stop": 0.0}, {"maintenance": 1.0}]
)
def test_what_cannot_be_held_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(DataError):
        held(**wrong)
