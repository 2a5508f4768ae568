"""Each strategy on a market where anybody can see what it should do."""

from __future__ import annotations

import numpy as np
import pytest

from desk.backtest.plan import LEAVE_LONG, LEAVE_SHORT
from desk.domain.errors import DataError
from desk.strategies.breakout import MomentumBreakout
from desk.strategies.hedges import DefensiveHedge, PortfolioHedge
from desk.strategies.news import NewsDriven
from desk.strategies.pairs import CrossPair
from desk.strategies.reversion import BollingerReversion, RsiReversion
from desk.strategies.rule import Risk
from desk.strategies.scalping import MicroTrend, RangeScalp
from desk.strategies.tones import Tones
from desk.strategies.trend import EmaCross, Momentum
from tests.unit.desk.strategies.markets import (
    HOUR_MS,
    QUIET,
    after_calm,
    calm,
    climb,
    entries,
    leaves,
    market,
    sides,
)

RISE, FALL = climb(120, 0.5), climb(120, -0.5)


@pytest.mark.parametrize(("move", "side"), [(RISE, 1), (FALL, -1)], ids=["rise", "fall"])
@pytest.mark.parametrize("rule", [EmaCross(), Momentum(), MomentumBreakout(volume=0)], ids=lambda rule: rule.kind)
def test_who_follows_a_trend_goes_its_way_and_only_its_way(
    rule: EmaCross | Momentum | MomentumBreakout, move: np.ndarray, side: int
) -> None:
    assert sides(rule.plan(market(after_calm(move)))) == {side}


def test_a_scalper_turns_with_a_micro_trend_within_a_few_bars() -> None:
    plan = MicroTrend().plan(market(after_calm(climb(30, -0.2), climb(30, 0.2, start=100 * 0.998**30))))
    turned = [(bar, side) for bar, side in entries(plan) if bar >= 30]
    assert [side for _, side in turned] == [1]
    assert turned[0][0] < 45


def test_a_cross_back_ends_the_trend() -> None:
    plan = EmaCross().plan(market(after_calm(RISE, climb(120, -0.8, start=RISE[-1]))))
    turn = [bar for bar in leaves(plan, LEAVE_LONG) if bar > 30]
    assert 120 < turn[0] < 180
    assert tuple(side for _, side in entries(plan)[:: len(entries(plan)) - 1]) == (1, -1)


def test_a_weak_trend_is_not_followed_where_strength_is_asked_for() -> None:
    assert sides(EmaCross(least_adx=60).plan(market(after_calm(calm(120, seed=9))))) == set()


def test_a_breakout_without_volume_is_not_believed() -> None:
    tape = market(after_calm(RISE))
    assert sides(MomentumBreakout(volume=2).plan(tape)) == set()
    loud = np.where(np.arange(len(tape)) == QUIET, 5.0, 1.0)
    assert entries(MomentumBreakout(volume=2).plan(market(after_calm(RISE), volume=loud)))[0] == (0, 1)


DIP = np.concatenate((climb(4, -0.6), climb(12, 0.25, start=100 * 0.994**4)))


@pytest.mark.parametrize(
    "rule",
    [RsiReversion(most_adx=100), BollingerReversion(most_adx=100), RangeScalp(most_adx=100)],
    ids=lambda rule: rule.kind,
)
def test_a_dip_in_a_calm_market_is_bought_as_it_turns_and_sold_in_the_middle(
    rule: RsiReversion | BollingerReversion | RangeScalp,
) -> None:
    plan = rule.plan(market(after_calm(DIP, calm(20, seed=3))))
    first, side = next((bar, side) for bar, side in entries(plan) if bar >= 4)
    assert side == 1
    assert first < 16
    assert any(first < bar < 30 for bar in leaves(plan, LEAVE_LONG))


@pytest.mark.parametrize("rule", [RsiReversion(), BollingerReversion(), RangeScalp()], ids=lambda rule: rule.kind)
def test_nobody_goes_against_a_strong_trend(rule: RsiReversion | BollingerReversion | RangeScalp) -> None:
    plan = rule.plan(market(after_calm(climb(80, -0.6))))
    assert not [bar for bar, side in entries(plan) if side > 0 and bar > 25]


def test_the_hedge_is_short_in_a_falling_market_and_never_long() -> None:
    rule = DefensiveHedge(average=50)
    assert sides(rule.plan(market(after_calm(FALL)))) == {-1}
    rising = rule.plan(market(after_calm(climb(120, 0.5))))
    assert not [bar for bar, _ in entries(rising) if bar > 5]
    back = rule.plan(market(after_calm(FALL, climb(80, 1.0, start=FALL[-1]))))
    assert [bar for bar in leaves(back, LEAVE_SHORT) if bar > 121]


def test_the_portfolio_is_hedged_by_its_leader_when_most_of_it_falls() -> None:
    rule = PortfolioHedge(average=50, breadth=0.6)
    flat, other = after_calm(climb(120, 0.05)), after_calm(climb(120, 0.04), seed=8)
    names = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
    most = rule.plan(market(after_calm(FALL), after_calm(FALL), flat, symbols=names))
    assert sides(most, 0) == {-1}
    assert sides(most, 1) == sides(most, 2) == set()
    few = rule.plan(market(after_calm(FALL), flat, other, symbols=names))
    assert not [bar for bar, _ in entries(few, 0) if bar > 10]


def test_two_that_go_together_are_pulled_back_together() -> None:
    hours = np.arange(QUIET + 40)
    usual = 0.004 * np.sin(hours / 4)
    stray = np.concatenate((np.zeros(QUIET), np.linspace(0, 0.01, 10), np.linspace(0.01, -0.01, 30)))
    base = np.concatenate((calm(), calm(40, seed=4)))
    plan = CrossPair(lost=9).plan(market(base * np.exp(usual + stray), base, symbols=("BTCUSDT", "ETHUSDT")))
    assert entries(plan, 0)[0][1] == -1
    assert entries(plan, 1)[0][1] == 1
    assert entries(plan, 0)[0][0] == entries(plan, 1)[0][0] < 10
    assert leaves(plan, LEAVE_SHORT, 0)[-1] == leaves(plan, LEAVE_LONG, 1)[-1]


def test_a_pair_needs_two() -> None:
    with pytest.raises(DataError, match="two symbols"):
        CrossPair().plan(market(after_calm(RISE)))


def news(hour: float, score: float, count: int = 10) -> Tones:
    return Tones(
        at=np.full(count, int((QUIET + hour) * HOUR_MS), dtype=np.int64),
        score=np.full(count, score),
        weight=np.ones(count),
    )


def test_good_news_with_a_rising_price_is_bought_no_sooner_than_it_was_known() -> None:
    rule = NewsDriven(hours=6, tone=0.3, headlines=5, bars=3)
    tape = market(after_calm(RISE))
    bought = entries(rule.hearing(news(10.5, 0.8)).plan(tape))
    assert bought == [(10, 1)], "published in the bar that opens at ten, known as that bar closes"
    assert entries(rule.hearing(news(11.0, 0.8)).plan(tape)) == [(11, 1)], "published as a bar opens, known at its end"
    assert entries(rule.hearing(news(10.5, 0.8, count=4)).plan(tape)) == [], "too few to be a mood"
    assert entries(rule.hearing(news(10.5, -0.8)).plan(tape)) == [], "bad news that the price does not believe"


def test_silence_is_not_the_same_as_no_news() -> None:
    with pytest.raises(DataError, match="recorded headlines"):
        NewsDriven(name="news-mood").plan(market(after_calm(RISE)))


def test_a_stop_stands_where_the_noise_says_and_loses_what_may_be_lost() -> None:
    risk = Risk(stop_atr=3, stop_min=0.002, stop_max=0.1, target_ratio=2, risk_per_trade=0.01, max_position=3)
    plan = EmaCross(risk=risk).plan(market(after_calm(RISE)))
    row = entries(plan)[0][0] + QUIET
    stop, target, size = plan.amounts(row, 0)
    assert target == pytest.approx(2 * stop)
    assert size * stop == pytest.approx(0.01)
    assert 0.002 <= stop <= 0.1


def test_a_stop_is_never_nearer_or_farther_than_the_guard_allows() -> None:
    risk = Risk(stop_atr=0.01, stop_min=0.005, stop_max=0.1)
    plan = MicroTrend(risk=risk).plan(market(after_calm(RISE)))
    assert (plan.stop[plan.enter[:, 0] != 0] == 0.005).all()
    with pytest.raises(ValueError, match="must not be above"):
        Risk(stop_min=0.06, stop_max=0.05)


def test_fast_is_faster_than_slow() -> None:
    with pytest.raises(ValueError, match="below slow"):
        EmaCross(fast=50, slow=50)
