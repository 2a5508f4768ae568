"""What a campaign is: a name, a promise, its two sizes, and a function from a seed to what that seed came to.

Seeds are independent of each other, so a campaign may be cut anywhere, continued, and played on any number of cores.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module


@dataclass(frozen=True, kw_only=True)
class Case:
    """What one seed came to. `broken` has a sentence for each broken promise; `counts` are added up over all seeds.

    `cases` is how many independent cases the seed holds: a thousand intents, say, or one run.
    """

    seed: int
    cases: int = 1
    broken: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """One campaign. `short` and `full` are numbers of seeds; `unit` says what its cases are.

    `minutes` is its share of the hour that all campaigns have together on two cores; what it does not need is left to
    those that were cut. `code` is what of `campaigns` it plays with, besides judge and world: when that, guard or
    exchange change, its results are of another build.
    """

    name: str
    title: str
    promise: str
    unit: str
    short: int
    full: int
    play: Callable[[int], Case]
    minutes: float = 2.0
    code: tuple[str, ...] = ("",)

    def replay(self, seed: int) -> str:
        """The command that plays one seed again."""
        return f"python -m campaigns --only {self.name} --seed {seed}"


def later(module: str, name: str) -> Callable[[int], Case]:
    """A campaign's play, loaded when it is first played: some worlds take seconds to load, and most runs need few."""

    def play(seed: int) -> Case:
        return getattr(import_module(module), name)(seed)

    return play


def upper_bound(cases: int) -> float:
    """With 0 of `cases` broken, the chance of one is below this with 95 % confidence: the rule of three."""
    return 3 / cases if cases else 1.0
