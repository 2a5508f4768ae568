"""What is searched for: the parameters of a strategy, or what a policy looks at and is taught to like.

A quest sees the searched bars alone; the held-out ones come after them and are for the examination. One attempt is one
set of parameters with its daily returns, net of costs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from desk.backtest.outcome import Outcome
from desk.backtest.run import run
from desk.backtest.tape import Tape
from desk.backtest.terms import AccountTerms, contracts
from desk.backtest.trial.days import daily_returns
from desk.domain.errors import DataError
from desk.indicators.columns import Column
from desk.learning.course import Course, digest_of, judge, study
from desk.learning.method import Method
from desk.learning.policy import Policy
from desk.learning.rewards import Paid, Reward
from desk.learning.sight import Mood
from desk.learning.states import FACTORS, StateSpace
from desk.market.intervals import interval_of
from desk.strategies.library import Library
from desk.strategies.rule import Rule
from desk.venues.paper.engine.vocabulary.instruments import SymbolSpec

Parameters = Mapping[str, bool | int | float | str]


class Asker(Protocol):
    """Who names the next parameters: a trial of the study, whose history makes the next guess better."""

    def suggest_int(self, name: str, low: int, high: int) -> int:
        """A whole number within these bounds."""
        ...

    def suggest_float(self, name: str, low: float, high: float) -> float:
        """A number within these bounds."""
        ...

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:  # noqa: ANN401  one of the choices
        """One of these."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attempt:
    """One set of parameters and what came of it. `digest` names the try for the ledger."""

    digest: str
    parameters: Parameters
    daily: Column


class Quest(Protocol):
    """Something that can be searched for."""

    @property
    def name(self) -> str:
        """What is searched for."""
        ...

    @property
    def digest(self) -> str:
        """The hash of all that makes two workers' attempts comparable: the market, the terms, the question."""
        ...

    def attempt(self, asker: Asker) -> Attempt:
        """Ask for parameters and try them."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class StrategyQuest:
    """The parameters of one strategy, within the values its operator lists as tried."""

    tape: Tape
    specs: tuple[SymbolSpec, ...]
    library: Library
    strategy: str
    terms: AccountTerms

    @property
    def name(self) -> str:
        """The strategy's name."""
        return self.strategy

    @property
    def digest(self) -> str:
        """Of market, terms, and the strategy as it is set."""
        rule = self.library.rule(self.strategy)
        return _hashed(_market_of(self.tape), repr(self.terms), rule.model_dump_json())

    def attempt(self, asker: Asker) -> Attempt:
        """Try one setting. Raises DataError where the strategy lists nothing to choose among."""
        rule = self.library.rule(self.strategy)
        if not rule.tried:
            raise DataError(f"{self.strategy} lists no values to search among", hint="`tried` in strategies.yaml")
        chosen = {name: _within(asker, name, values) for name, values in rule.tried.items()}
        outcome = self.play(chosen)
        return Attempt(digest=_hashed(self.digest, chosen), parameters=chosen, daily=days_of(outcome))

    def play(self, chosen: Parameters, tape: Tape | None = None) -> Outcome:
        """What these parameters come to on the searched bars, or on others."""
        rule: Rule = self.library.rule(self.strategy)
        told = {**rule.model_dump(), **chosen}
        library = replace(self.library, rules={**self.library.rules, self.strategy: type(rule).model_validate(told)})
        bars = tape or self.tape
        wishes = library.strategy(self.strategy, bars.step_ms).plan(bars)
        return run(bars, wishes, self.terms, contracts(self.specs, self.terms.leverage))


@dataclass(frozen=True, kw_only=True, eq=False)
class LearningQuest:
    """What a policy looks at, what it is taught to like, and how far it looks ahead.

    It learns from the first part of the searched bars, and the attempt is judged on the rest of them.
    """

    tape: Tape
    specs: tuple[SymbolSpec, ...]
    made_at: datetime
    mood: Mood | None = None
    seed: int = 0
    episodes: int = 150
    length: int = 4_000

    @property
    def name(self) -> str:
        """What is searched for."""
        return "policy"

    @property
    def digest(self) -> str:
        """Of market, mood and the effort of learning."""
        mood = None if self.mood is None else (self.mood.at.tolist(), self.mood.value.tolist())
        return _hashed(_market_of(self.tape), mood, self.seed, self.episodes, self.length)

    def attempt(self, asker: Asker) -> Attempt:
        """Learn one policy and judge it."""
        chosen = self._ask(asker)
        outcome = judge(self.learn(chosen, self.tape), self.tape, self.specs, mood=self.mood)
        return Attempt(digest=_hashed(self.digest, chosen), parameters=chosen, daily=days_of(outcome))

    def learn(self, chosen: Parameters, tape: Tape) -> Policy:
        """The policy that these parameters lead to on a tape, of which the last part is held out."""
        return study(self.course(chosen, tape), self.made_at)

    def course(self, chosen: Parameters, tape: Tape) -> Course:
        """The course that these parameters are."""
        figures = tuple(name for name in FACTORS if chosen[f"look_{name}"])
        return Course(
            tape=tape,
            specs=self.specs,
            space=StateSpace.of(figures),
            method=_method(chosen, self.episodes, self.length),
            seed=self.seed,
            mood=self.mood,
        )

    def _ask(self, asker: Asker) -> Parameters:
        looks = {f"look_{name}": asker.suggest_categorical(f"look_{name}", (True, False)) for name in FACTORS}
        if not any(looks.values()):
            looks["look_trend"] = True
        return {
            **looks,
            "paid": asker.suggest_categorical("paid", tuple(one.name for one in Paid)),
            "streak": asker.suggest_float("streak", 0.0, 3.0),
            "context": asker.suggest_float("context", -3.0, 3.0),
            "aversion": asker.suggest_float("aversion", 0.0, 3.0),
            "discount": asker.suggest_float("discount", 0.8, 0.995),
            "fade": asker.suggest_float("fade", 0.001, 0.1),
            "stop": asker.suggest_float("stop", 0.01, 0.05),
            "target": asker.suggest_float("target", 0.01, 0.1),
        }


def days_of(outcome: Outcome) -> Column:
    """Daily returns of an outcome."""
    return daily_returns(outcome.open_time, outcome.equity, outcome.deposit)


def _method(chosen: Parameters, episodes: int, length: int) -> Method:
    reward = Reward(
        paid=Paid[str(chosen["paid"])],
        streak=float(chosen["streak"]),
        context=float(chosen["context"]),
        aversion=float(chosen["aversion"]),
    )
    return Method(
        episodes=episodes,
        length=length,
        discount=float(chosen["discount"]),
        fade=float(chosen["fade"]),
        stop=float(chosen["stop"]),
        target=float(chosen["target"]),
        reward=reward,
    )


def _within(asker: Asker, name: str, values: Sequence[int | float]) -> int | float:
    """Between the least and the greatest value that the operator lists."""
    low, high = min(values), max(values)
    if all(isinstance(value, int) for value in values):
        return asker.suggest_int(name, int(low), int(high))
    return asker.suggest_float(name, float(low), float(high))


def _market_of(tape: Tape) -> str:
    return json.dumps([interval_of(tape.step_ms), *(digest_of(tape, at) for at in range(len(tape.symbols)))])


def _hashed(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
