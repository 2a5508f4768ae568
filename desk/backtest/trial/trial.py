"""The trial itself: run, compare, doubt. Every figure it returns is net of fees, slippage and funding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from desk.backtest.doubt import Interval, deflated_sharpe, overfitting
from desk.backtest.honesty import check_hindsight, check_memory
from desk.backtest.plan import Plan
from desk.backtest.recordings import Market
from desk.backtest.replay.values import Comparison
from desk.backtest.strategy import Strategy
from desk.backtest.tape import Tape
from desk.backtest.terms import AccountTerms, Contracts, contracts
from desk.backtest.trial import baselines
from desk.backtest.trial.days import ratio_interval, yearly_interval
from desk.backtest.trial.values import (
    Baseline,
    Candidate,
    Doubt,
    Honesty,
    Result,
    Strain,
    Trial,
    WalkForward,
)
from desk.backtest.trial.walk import walk_forward
from desk.domain.errors import DataError
from desk.guard.bounds.limits import Limits
from desk.indicators.columns import Column
from desk.ledger.values import Tried

COSTS = (0.0, 1.0, 2.0, 3.0)
_CHECKED_ROWS = 32
# Bars beyond the warm-up that the honesty checks look at: enough to meet every state of a rule, few enough to be quick.
_CHECKED_BARS = 3_000
_FEWEST_DAYS = 10
_PARTS = 10

Note = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How thoroughly to try. `train_days` and `test_days` are those of a walk-forward.

    With `limits` the strategy is played once more, through the exchange and a guard that holds it to them.
    """

    strain: bool = False
    walk: bool = False
    train_days: int = 365
    test_days: int = 90
    seed: int = 0
    limits: Limits | None = None


def try_out(
    market: Market,
    candidates: Sequence[Candidate],
    terms: AccountTerms,
    course: Course,
    count: Callable[[Sequence[Result]], Tried],
    note: Note = lambda step: None,
) -> Trial:
    """Try the first of these candidates; the others are what it could have been, and count as tries.

    `count` is told every run and answers how much was tried on this data in all. `note` is told each step as it begins.

    Raises:
        DataError: for a tape no longer than the warm-up, or one symbol too few.
    """
    chosen = candidates[0].strategy
    _refuse_short(chosen, market.tape)
    demands = contracts(market.specs, terms.leverage)
    note("plan")
    plans = [one.strategy.plan(market.tape) for one in candidates]
    first = chosen.warm_up
    tape = market.tape.between(first, len(market.tape))
    note("run")
    runs = [
        baselines.result_of(one.strategy.name, tape, its.between(first, len(market.tape)), terms, demands)
        for one, its in zip(candidates, plans, strict=True)
    ]
    wishes = plans[0].between(first, len(market.tape))
    note("luck")
    tried = count(runs)
    found = Trial(
        result=runs[0],
        wishes=wishes,
        label=candidates[0].label,
        first=first,
        baselines=beside(tape, runs[0], terms, demands, course.seed),
        chance=baselines.chance(tape, wishes, runs[0], terms, demands, seed=course.seed),
        doubt=doubt_of(runs, tried, course.seed),
        honesty=_honesty(chosen, market.tape, note),
        variants=tuple(one.label for one in candidates),
    )
    return replace(
        found,
        strains=strains_of(tape, wishes, terms, demands) if course.strain else (),
        walk=_walk(market, candidates, terms, demands, course, note) if course.walk else None,
        replay=None if course.limits is None else _replay(market, found, wishes, terms, course.limits, note),
    )


def _refuse_short(strategy: Strategy, tape: Tape) -> None:
    if len(tape) <= strategy.warm_up + 1:
        raise DataError(
            f"{strategy.name} needs {strategy.warm_up:,} bars before its first wish; there are {len(tape):,} in all",
            hint="an earlier --from, or a shorter interval",
        )


def beside(tape: Tape, result: Result, terms: AccountTerms, demands: Contracts, seed: int) -> tuple[Baseline, ...]:
    """Who does not think, over the same bars."""
    idle, held = baselines.flat(tape, terms), baselines.hold(tape, terms, demands)
    told = ((idle, "nothing done"), (held, "the coin itself, from the first bar to the last"))
    return tuple(Baseline(result=one, note=note, lead=_lead(result.daily, one.daily, seed)) for one, note in told)


def _lead(own: Column, other: Column, seed: int) -> Interval | None:
    return yearly_interval(own - other, seed=seed) if len(own) >= _FEWEST_DAYS else None


def doubt_of(runs: Sequence[Result], tried: Tried, seed: int) -> Doubt | None:
    """How much of the first run is luck; None for fewer than ten days."""
    daily = runs[0].daily
    if len(daily) < _FEWEST_DAYS:
        return None
    varies = float(daily.std()) > 0
    table = np.stack([one.daily for one in runs], axis=1)
    return Doubt(
        days=len(daily),
        yearly=yearly_interval(daily, seed=seed),
        sharpe=ratio_interval(daily, seed=seed),
        tries=tried.count,
        spread=tried.spread,
        deflated=deflated_sharpe(daily, tries=tried.count, spread=tried.spread) if varies else None,
        overfitting=overfitting(table, parts=_PARTS) if len(runs) > 1 and len(daily) >= _PARTS else None,
    )


def _honesty(strategy: Strategy, tape: Tape, note: Note) -> Honesty:
    note("honesty")
    newest = tape.between(max(0, len(tape) - strategy.warm_up - _CHECKED_BARS), len(tape))
    return Honesty(
        hindsight=check_hindsight(strategy, newest, rows=_CHECKED_ROWS),
        memory=check_memory(strategy, newest, rows=_CHECKED_ROWS),
        rows=_CHECKED_ROWS,
    )


def strains_of(tape: Tape, wishes: Plan, terms: AccountTerms, demands: Contracts) -> tuple[Strain, ...]:
    """The same wishes at other costs."""
    found: list[Strain] = []
    for factor in COSTS:
        dear = replace(terms, taker_fee=terms.taker_fee * factor, slippage=terms.slippage * factor)
        found.append(Strain(costs=factor, result=baselines.result_of(f"{factor:g}x", tape, wishes, dear, demands)))
    return tuple(found)


def _walk(
    market: Market,
    candidates: Sequence[Candidate],
    terms: AccountTerms,
    demands: Contracts,
    course: Course,
    note: Note,
) -> WalkForward:
    note("walk-forward")
    return walk_forward(
        market.tape, candidates, terms, demands, train_days=course.train_days, test_days=course.test_days
    )


def _replay(market: Market, found: Trial, wishes: Plan, terms: AccountTerms, limits: Limits, note: Note) -> Comparison:
    # Here and not above: the exchange and the guard take a second to load, and most trials need neither.
    from desk.backtest.replay.compare import compare
    from desk.backtest.replay.playing import replay

    tape = market.tape.between(found.first, len(market.tape))

    def told(row: int) -> None:
        if row % 500 == 0:
            note(f"replay {row / len(tape):.0%}")

    played = replay(tape, wishes, terms, market.specs, limits, strategy_id=found.result.name, note=told)
    return compare(found.result.outcome, played, market.specs)
