"""Which strategy to hear, learnt while trading: an upper confidence bound on what each has earned.

UCB1-tuned of Auer, Cesa-Bianchi and Fischer, Machine Learning 47 (2002): the arm with the highest mean plus what it may
still be better than it looked. Arms are kept apart by regime, because what earns in one market need not in another.
A trade's reward is its result in units of what it risked, cut off at three either way and brought to [0, 1].
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from desk.domain.errors import DataError

WORST, BEST = -3.0, 3.0


def reward_of(risk_multiple: float) -> float:
    """A trade's result in units of what it risked, as a reward in [0, 1]; 0.5 is neither gain nor loss."""
    return (min(BEST, max(WORST, risk_multiple)) - WORST) / (BEST - WORST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """What is known of one strategy in one regime: trades, and sums of rewards and of their squares."""

    pulls: int = 0
    total: float = 0.0
    squares: float = 0.0

    @property
    def mean(self) -> float:
        """Mean reward; 0.5, which is nothing earned, before the first."""
        return self.total / self.pulls if self.pulls else 0.5

    def bound(self, pulls_in_all: int) -> float:
        """What it may be worth at best; infinite before the first pull."""
        if not self.pulls:
            return math.inf
        doubt = math.log(max(pulls_in_all, 2)) / self.pulls
        variance = self.squares / self.pulls - self.mean**2 + math.sqrt(2 * doubt)
        return self.mean + math.sqrt(doubt * min(0.25, max(0.0, variance)))

    def after(self, reward: float) -> Arm:
        """The arm with one more reward. Raises DataError for one outside [0, 1]."""
        if not 0.0 <= reward <= 1.0:
            raise DataError(f"a reward is between 0 and 1, not {reward}")
        return Arm(pulls=self.pulls + 1, total=self.total + reward, squares=self.squares + reward**2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The arms of one regime, by strategy. A value: learning gives a new one."""

    arms: Mapping[str, Arm] = field(default_factory=dict[str, Arm])

    @staticmethod
    def among(strategies: Sequence[str]) -> Selection:
        """Nothing known of any of these. Raises DataError for none."""
        if not strategies:
            raise DataError("there is no strategy to choose among")
        return Selection(arms={name: Arm() for name in strategies})

    @property
    def pulls(self) -> int:
        """Trades learnt from."""
        return sum(arm.pulls for arm in self.arms.values())

    def choose(self) -> str:
        """The strategy to hear next; equals are decided by name, so that the same record chooses the same."""
        return min(self.arms, key=lambda name: (-self.arms[name].bound(self.pulls), name))

    def learn(self, strategy: str, reward: float) -> Selection:
        """Take in the reward of one trade. Raises DataError for an unknown strategy."""
        if strategy not in self.arms:
            raise DataError(f"{strategy!r:.40} is not among the strategies")
        return replace(self, arms={**self.arms, strategy: self.arms[strategy].after(reward)})
