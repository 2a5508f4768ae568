"""What was played and not planned, tried like everything else: beside those who do not think, and doubted as hard.

The result is what came of it before the guard. The same wishes are swept as well, and every difference has its cause.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desk.backtest.measures import measure
from desk.backtest.outcome import Outcome
from desk.backtest.plan import Plan
from desk.backtest.recordings import Market
from desk.backtest.replay.compare import compare
from desk.backtest.replay.values import Replayed
from desk.backtest.run import run
from desk.backtest.terms import AccountTerms, contracts
from desk.backtest.trial import baselines
from desk.backtest.trial.days import daily_returns
from desk.backtest.trial.trial import Course, Note, beside, doubt_of, strains_of
from desk.backtest.trial.values import Honesty, Result, Trial
from desk.ledger.values import Tried


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Played:
    """A whole play from row `first` of its market on: what was wished at each bar, and what came of it."""

    name: str
    label: str
    first: int
    wishes: Plan
    outcome: Outcome
    replayed: Replayed


def try_played(
    market: Market,
    played: Played,
    honesty: Honesty,
    terms: AccountTerms,
    course: Course,
    count: Callable[[Sequence[Result]], Tried],
    note: Note = lambda step: None,
) -> Trial:
    """The trial of a play. `count` is told its one run and answers how much was tried on this data in all."""
    tape = market.tape.between(played.first, len(market.tape))
    demands = contracts(market.specs, terms.leverage)
    note("luck")
    result = Result(
        name=played.name,
        outcome=played.outcome,
        measures=measure(played.outcome, tape.step_ms),
        daily=daily_returns(tape.open_time, played.outcome.equity, terms.deposit),
    )
    swept = run(tape, played.wishes, terms, demands)
    return Trial(
        result=result,
        wishes=played.wishes,
        label=played.label,
        first=played.first,
        baselines=beside(tape, result, terms, demands, course.seed),
        chance=baselines.chance(tape, played.wishes, result, terms, demands, seed=course.seed),
        doubt=doubt_of([result], count([result]), course.seed),
        honesty=honesty,
        strains=strains_of(tape, played.wishes, terms, demands) if course.strain else (),
        replay=compare(swept, played.replayed, market.specs),
        variants=(played.label,),
    )
