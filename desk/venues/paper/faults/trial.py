"""A script at work: which of its rules strikes this request or this message, and the n-th of what it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Generic, TypeVar

from desk.venues.paper.faults.kinds import Fault, RequestFault, StreamFault

R = TypeVar("R", bound=Fault)
_MOST_REMEMBERED = 1_000


@dataclass(slots=True)
class Trial(Generic[R]):
    """One rule, its die, and how often it was asked and struck."""

    rule: R
    name: str
    die: Random
    seen: int = 0
    struck: int = 0

    def due(self, seconds: float) -> bool:
        """Ask the rule about one more request that passes its filters; `seconds` since the script began."""
        self.seen += 1
        rule = self.rule
        # Thrown whatever the other conditions say, so that the n-th throw belongs to the n-th request.
        lucky = rule.probability is None or self.die.random() < rule.probability
        spent = rule.most is not None and self.struck >= rule.most
        return lucky and not spent and rule.due(self.seen, seconds)


@dataclass(slots=True)
class Trials(Generic[R]):
    """The rules of one family, and the count of what they were asked about."""

    trials: tuple[Trial[R], ...]
    counts: Counter[tuple[str, ...]] = field(default_factory=Counter[tuple[str, ...]])
    _fitting: dict[tuple[str, ...], tuple[Trial[R], ...]] = field(
        default_factory=dict[tuple[str, ...], tuple[Trial[R], ...]]
    )

    def number(self, *what: str) -> int:
        """Count one more of `what` and say which it is, from 1."""
        self.counts[what] += 1
        return self.counts[what]

    def of(self, *what: str) -> tuple[Trial[R], ...]:
        """The rules whose filters could let `what` pass; looked up once for each sort of request."""
        found = self._fitting.get(what)
        if found is None:
            if len(self._fitting) >= _MOST_REMEMBERED:
                self._fitting.clear()
            found = tuple(trial for trial in self.trials if _concerns(trial.rule, what))
            self._fitting[what] = found
        return found


def request_trials(rules: Iterable[tuple[str, Fault]], seed: int) -> Trials[RequestFault]:
    """The rules about requests, from (name, rule)."""
    return Trials(tuple(Trial(r, name, _die(seed, name)) for name, r in rules if isinstance(r, RequestFault)))


def stream_trials(rules: Iterable[tuple[str, Fault]], seed: int) -> Trials[StreamFault]:
    """The rules about stream messages, from (name, rule)."""
    return Trials(tuple(Trial(r, name, _die(seed, name)) for name, r in rules if isinstance(r, StreamFault)))


def named(rules: Iterable[Fault]) -> list[tuple[str, Fault]]:
    """Each rule under its name; one without gets its kind and its place in the script."""
    return [(rule.name or f"{rule.kind}-{place}", rule) for place, rule in enumerate(rules, 1)]


def struck_counts(trials: Iterable[Trial[R]]) -> Mapping[str, int]:
    """How often each rule struck, by name."""
    return {trial.name: trial.struck for trial in trials}


def _die(seed: int, name: str) -> Random:
    return Random(f"{seed}/{name}")  # noqa: S311 - bad luck, not a secret


def _concerns(rule: Fault, what: tuple[str, ...]) -> bool:
    return rule.concerns(*what)
