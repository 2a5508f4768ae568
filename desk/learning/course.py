"""A whole course: learn on the first part of a recorded market, be judged on the rest, and say so in the policy.

The learner never sees the held-out bars. They are looked at while it learns, so that a curve can be drawn, but nothing
is chosen by what is seen there: the policy is the table after the last episode.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from desk.backtest.outcome import Outcome
from desk.backtest.run import run
from desk.backtest.tape import Tape
from desk.backtest.terms import AccountTerms, contracts
from desk.domain.errors import DataError
from desk.domain.moments import from_ms, to_ms
from desk.learning.lessons import lesson_on
from desk.learning.method import Lesson, Method
from desk.learning.policy import Episode, Origin, Policy
from desk.learning.reference import Step
from desk.learning.sight import MEMORY, Mood
from desk.learning.states import StateSpace
from desk.learning.trading import PolicyStrategy, candles_on
from desk.learning.training import Learner, train
from desk.market.intervals import interval_of
from desk.venues.paper.engine.vocabulary.instruments import SymbolSpec

BACKUP_EVERY = 50
FEWEST_HELD = 500
OWN_PASSES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is learnt from and how. `held` is the share of bars kept for judging, the last ones.

    `leader` is read from the tape where it is on it. `own` are steps of the desk's own trades, learnt first.
    """

    tape: Tape
    specs: tuple[SymbolSpec, ...]
    space: StateSpace
    method: Method
    seed: int = 0
    held: float = 0.3
    leader: str = "BTCUSDT"
    mood: Mood | None = None
    size: float = 0.5
    own: tuple[Step, ...] = ()

    @property
    def cut(self) -> int:
        """The first bar that is not learnt from. Raises DataError where either part is too short."""
        cut = int(len(self.tape) * (1.0 - self.held))
        if cut < 2 * MEMORY or len(self.tape) - cut < FEWEST_HELD:
            raise DataError(
                f"{len(self.tape)} bars are too few to learn from and be judged by",
                hint=f"{2 * MEMORY} to learn and {FEWEST_HELD} to judge, at the least",
            )
        return cut


Progress = Callable[[Episode], None]
Keep = Callable[[Policy, int], object]


def study(
    course: Course,
    made_at: datetime,
    *,
    told: Progress | None = None,
    keep: Keep | None = None,
    looks: bool = True,
) -> Policy:
    """Take a course; returns the policy. `told` hears of each episode, `keep` is given a copy every fifty.

    Without `looks` the curve does not tell of the held-out bars, which takes most of the time.

    Raises:
        DataError: the market is too short.
    """
    learner = Learner(course.space, course.method)
    if course.own:
        learner.teach(course.own, OWN_PASSES)
    curve: list[Episode] = []

    def after(_: Learner, episode: Episode) -> None:
        curve.append(episode)
        if told is not None:
            told(episode)
        if keep is not None and episode.number % BACKUP_EVERY == 0:
            keep(_policy(course, learner, made_at, curve), episode.number)

    def look(_: Learner) -> float:
        policy = _policy(course, learner, made_at, ())
        outcome = judge(policy, course.tape, course.specs, mood=course.mood, size=course.size)
        return float(outcome.equity[-1] / outcome.deposit - 1.0)

    train(learner, lessons_of(course), seed=course.seed, told=after, look=look if looks else None)
    return _policy(course, learner, made_at, curve)


def lessons_of(course: Course) -> tuple[Lesson, ...]:
    """Every symbol's bars up to the cut."""
    series = [candles_on(course.tape, column) for column in range(len(course.tape.symbols))]
    leader = next((one for one in series if one.symbol == course.leader), None)
    return tuple(
        lesson_on(course.tape, column, candles, course.space, leader=leader, mood=course.mood).between(0, course.cut)
        for column, candles in enumerate(series)
    )


def judge(
    policy: Policy,
    tape: Tape,
    specs: Sequence[SymbolSpec],
    *,
    mood: Mood | None = None,
    size: float = 0.5,
    terms: AccountTerms | None = None,
) -> Outcome:
    """Trade what the policy never learnt from: with its figures' history before, an empty hand, and every cost.

    Raises:
        DataError: the tape holds too few bars of that time, or too few before it.
    """
    first, last = np.searchsorted(tape.open_time, [to_ms(policy.origin.held_from), to_ms(policy.origin.held_until)])
    if first < MEMORY or last - first < 2:
        raise DataError("the recorded market does not reach over what was held out, and the history before it")
    seen, held = tape.between(int(first) - MEMORY, int(last)), tape.between(int(first), int(last))
    whole = PolicyStrategy(policy=policy, size=size, leader=policy.origin.leader, mood=mood).plan(seen)
    wishes = replace(whole, enter=whole.enter[MEMORY:], leave=whole.leave[MEMORY:])
    terms = terms or AccountTerms(taker_fee=policy.method.fee, slippage=policy.method.slippage)
    return run(held, wishes, terms, contracts(specs, terms.leverage))


def _policy(course: Course, learner: Learner, made_at: datetime, curve: Sequence[Episode]) -> Policy:
    tape = course.tape
    return Policy(
        space=course.space,
        method=course.method,
        table=learner.table.copy(),
        visits=learner.visits.copy(),
        curve=tuple(curve),
        origin=Origin(
            made_at=made_at,
            seed=course.seed,
            symbols=tape.symbols,
            interval=interval_of(tape.step_ms),
            leader=course.leader,
            learnt_from=from_ms(int(tape.open_time[0])),
            held_from=from_ms(int(tape.open_time[course.cut])),
            held_until=from_ms(int(tape.open_time[-1]) + tape.step_ms),
            data={symbol: digest_of(tape, column) for column, symbol in enumerate(tape.symbols)},
            own_trades=len(course.own),
        ),
    )


def same_market(policy: Policy, tape: Tape) -> bool:
    """Whether the tape begins with the very market that the policy says it learnt from, number by number."""
    last = int(np.searchsorted(tape.open_time, to_ms(policy.origin.held_until)))
    first = int(np.searchsorted(tape.open_time, to_ms(policy.origin.learnt_from)))
    told = policy.origin.data
    found = tape.between(first, last)
    return tape.symbols == policy.origin.symbols and all(
        told[symbol] == digest_of(found, column) for column, symbol in enumerate(tape.symbols)
    )


def digest_of(tape: Tape, column: int) -> str:
    """SHA-256 over every number of one symbol's recorded market: what a policy says it learnt from."""
    grids = (tape.open, tape.high, tape.low, tape.close, tape.volume, tape.funding)
    columns = (tape.open_time, *(np.ascontiguousarray(grid[:, column]) for grid in grids))
    return hashlib.sha256(b"".join(column.tobytes() for column in columns)).hexdigest()
