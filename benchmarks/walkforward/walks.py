"""The walks themselves: chosen on what came before, traded on what came after, with and without costs, pooled by day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.walkforward.markets import Ground, markets_of
from desk.backtest.doubt import Interval, deflated_sharpe
from desk.backtest.measures import drawdown
from desk.backtest.recordings import Market
from desk.backtest.run import run
from desk.backtest.tape import Tape
from desk.backtest.terms import AccountTerms, contracts
from desk.backtest.trial.days import DAY_MS, daily_returns, ratio, ratio_interval, yearly, yearly_interval
from desk.backtest.trial.values import Candidate
from desk.backtest.trial.walk import stretches, walk_forward
from desk.domain.moments import from_ms
from desk.indicators.columns import Column
from desk.learning.course import Course, judge, study
from desk.learning.method import Method
from desk.learning.states import SPACES

TERMS = AccountTerms(leverage=3.0)
FREE = replace(TERMS, taker_fee=0.0, slippage=0.0)


@dataclass(kw_only=True)
class Tries:
    """Everything tried in this run, by ground: what the best of it is worth depends on how much there was."""

    ratios: dict[str, list[float]] = field(default_factory=dict)

    def note(self, ground: Ground, ratio: float) -> None:
        self.ratios.setdefault(ground.told, []).append(ratio)

    def luck(self, one: Walked) -> float | None:
        """The deflated Sharpe ratio against everything that was tried on the same ground."""
        ratios = self.ratios[one.ground.told]
        spread = float(np.std(ratios, ddof=1)) if len(ratios) > 1 else 0.0
        return deflated_sharpe(one.daily, tries=len(ratios), spread=spread) if float(one.daily.std()) > 0 else None

    @property
    def count(self) -> int:
        return sum(map(len, self.ratios.values()))


@dataclass(frozen=True, kw_only=True)
class Walked:
    """One strategy out of sample, pooled over its accounts by UTC day."""

    name: str
    ground: Ground
    daily: Column
    yearly: Interval
    sharpe: Interval
    fall: float
    trades: int
    gross: float
    held: float
    windows: int
    won_windows: int
    days: int


def walk_strategy(name: str, ground: Ground, candidates: Callable[[int], Sequence[Candidate]], tries: Tries) -> Walked:
    """Walk one strategy over all accounts of its ground."""
    days: dict[int, list[float]] = {}
    held: dict[int, list[float]] = {}
    free: dict[int, list[float]] = {}
    trades = windows = won = 0
    for market in markets_of(ground):
        tape = market.tape
        many = candidates(tape.step_ms)
        _count(ground, market, many, tries)
        demands = contracts(market.specs, TERMS.leverage)
        span = {"train_days": ground.train_days, "test_days": ground.test_days}
        walk = walk_forward(tape, many, TERMS, demands, **span)
        gross = walk_forward(tape, many, FREE, demands, **span)
        _pool(days, tape, walk.rows, walk.daily)
        _pool(free, tape, gross.rows, gross.daily)
        _pool(held, tape, walk.rows, _held(tape, walk.rows))
        trades, windows = trades + walk.trades, windows + len(walk.windows)
        won += sum(1 for one in walk.windows if one.total_return > 0)
    return _walked(name, ground, days, held, free, (trades, windows, won))


def walk_policy(ground: Ground, tries: Tries) -> Walked:
    """Walk a Q-policy that is learnt anew, from nothing, on every stretch before it trades the next."""
    days: dict[int, list[float]] = {}
    held: dict[int, list[float]] = {}
    free: dict[int, list[float]] = {}
    trades = windows = won = 0
    for market in markets_of(ground):
        tape = market.tape
        net, gross, rows = list[Column](), list[Column](), list[np.ndarray]()
        for first, begin, end in stretches(tape, 0, train_days=ground.train_days, test_days=ground.test_days):
            course = Course(
                tape=tape.between(first, end),
                specs=market.specs,
                space=SPACES["enriched"],
                method=Method(),
                seed=windows,
                held=(end - begin) / (end - first),
            )
            policy = study(course, from_ms(int(tape.open_time[begin])))
            outcome = judge(policy, course.tape, market.specs, terms=TERMS)
            bare = judge(policy, course.tape, market.specs, terms=FREE)
            net.append(outcome.equity / TERMS.deposit)
            gross.append(bare.equity / TERMS.deposit)
            rows.append(np.arange(end - len(outcome.equity), end))
            trades, windows, won = trades + len(outcome.trades), windows + 1, won + bool(net[-1][-1] > 1)
        joined = np.concatenate(rows)
        times = tape.open_time[joined]
        _pool(days, tape, joined, daily_returns(times, _chained(net), 1.0))
        _pool(free, tape, joined, daily_returns(times, _chained(gross), 1.0))
        _pool(held, tape, joined, _held(tape, joined))
        tries.note(ground, ratio(daily_returns(times, _chained(net), 1.0)) / 365**0.5)
    return _walked("q-policy", ground, days, held, free, (trades, windows, won))


def _chained(curves: Sequence[Column]) -> Column:
    level, parts = 1.0, []
    for curve in curves:
        parts.append(level * curve)
        level = float(parts[-1][-1])
    return np.concatenate(parts)


def _count(ground: Ground, market: Market, candidates: Sequence[Candidate], tries: Tries) -> None:
    demands = contracts(market.specs, TERMS.leverage)
    for one in candidates:
        outcome = run(market.tape, one.strategy.plan(market.tape), TERMS, demands)
        tries.note(ground, ratio(daily_returns(market.tape.open_time, outcome.equity, TERMS.deposit)) / 365**0.5)


def _held(tape: Tape, rows: np.ndarray) -> Column:
    close = tape.close[rows]
    before = np.vstack((tape.close[max(0, int(rows[0]) - 1)][None, :], close[:-1]))
    equity = np.cumprod(1.0 + (close / before - 1.0).mean(axis=1))
    return daily_returns(tape.open_time[rows], equity, 1.0)


def _pool(into: dict[int, list[float]], tape: Tape, rows: np.ndarray, daily: Column) -> None:
    days = np.unique(tape.open_time[rows] // DAY_MS)
    for day, gain in zip(days.tolist(), daily.tolist(), strict=True):
        into.setdefault(day, []).append(gain)


def _mean(days: dict[int, list[float]]) -> Column:
    return np.array([float(np.mean(days[day])) for day in sorted(days)])


def _walked(
    name: str,
    ground: Ground,
    days: dict[int, list[float]],
    held: dict[int, list[float]],
    free: dict[int, list[float]],
    counts: tuple[int, int, int],
) -> Walked:
    daily = _mean(days)
    trades, windows, won = counts
    return Walked(
        name=name,
        ground=ground,
        daily=daily,
        yearly=yearly_interval(daily),
        sharpe=ratio_interval(daily),
        fall=drawdown(np.cumprod(1 + daily), 1.0)[0],
        trades=trades,
        gross=yearly(_mean(free)),
        held=yearly(_mean(held)),
        windows=windows,
        won_windows=won,
        days=len(daily),
    )
