"""How the learner learns: steps, sight of the future, curiosity, replay, and the terms it trades on while it does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from desk.domain.errors import DataError
from desk.indicators.columns import Column
from desk.learning.rewards import Reward
from desk.learning.states import States

HOLD, BUY, SELL = 0, 1, 2
ACTIONS = ("HOLD", "BUY", "SELL")
FLAT, LONG, SHORT = 0, 1, 2
POSITIONS = ("flat", "long", "short")
ALLOWED = ((HOLD, BUY, SELL), (HOLD, SELL), (HOLD, BUY))
"""By position: whoever is flat may do anything; whoever holds keeps, or closes by the opposite word."""

Table = NDArray[np.float64]
Visits = NDArray[np.int64]
Rows = NDArray[np.int64]
Actions = NDArray[np.int8]


class Draws(NamedTuple):
    """The luck of one episode, drawn before it: for each bar whether to explore and what, and what to replay."""

    explore: Column
    pick: Column
    replay: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """Q-learning (Watkins 1989) with `rate` and `discount`, and experience replay (Lin 1992).

    The rate of a place falls with its visits, `rate / (1 + fade x visits)`: what was seen a thousand times is an
    average, not the last thing that happened. `replays` old steps are learnt again with each new one, out of the newest
    `memory`. Curiosity falls from `curious` by the factor `calming` an episode to `settled`. `length` is in bars;
    `stop`, `target`, `fee` and `slippage` are fractions of the price, 0 for none.
    """

    episodes: int = 150
    length: int = 4_000
    rate: float = 0.2
    fade: float = 0.02
    discount: float = 0.97
    curious: float = 1.0
    calming: float = 0.97
    settled: float = 0.05
    replays: int = 4
    memory: int = 20_000
    stop: float = 0.02
    target: float = 0.05
    fee: float = 0.0005
    slippage: float = 0.0002
    reward: Reward = field(default_factory=Reward)

    def __post_init__(self) -> None:
        """Refuse what cannot learn. Raises DataError."""
        if self.episodes < 1 or self.length < 2 or self.replays < 0 or self.memory < 1:
            raise DataError("learning takes an episode of two bars or more, and a memory of at least one step")
        if not 0 < self.rate <= 1 or not 0 <= self.fade <= 1 or not 0 <= self.discount < 1:
            raise DataError("the rate is above 0 and at most 1, its fading at most 1, the discount below 1")
        if not 0 <= self.settled <= self.curious <= 1 or not 0 < self.calming <= 1:
            raise DataError("curiosity falls from at most 1, by a factor of at most 1")
        if not all(0 <= value < 0.5 for value in (self.stop, self.target, self.fee, self.slippage)):
            raise DataError("stop, target, fee and slippage are fractions of the price below one half")

    def curiosity(self, episode: int) -> float:
        """The chance of exploring in an episode, the first being 0."""
        return max(self.settled, self.curious * self.calming**episode)

    def draw(self, rng: np.random.Generator) -> Draws:
        """The luck of one episode."""
        return Draws(rng.random(self.length), rng.random(self.length), rng.random((self.length, self.replays)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lesson:
    """One recorded market as the learner meets it, by bar; all columns are of one length.

    `lean` is the trend's sign, `funding` the rate charged as a bar begins.
    """

    symbol: str
    states: States
    lean: Actions
    open: Column
    high: Column
    low: Column
    close: Column
    funding: Column

    def __len__(self) -> int:
        return len(self.states)

    def between(self, first: int, last: int) -> Lesson:
        """Bars `first` up to, not including, `last`."""
        rows = slice(first, last)
        return Lesson(
            symbol=self.symbol,
            states=self.states[rows],
            lean=self.lean[rows],
            open=self.open[rows],
            high=self.high[rows],
            low=self.low[rows],
            close=self.close[rows],
            funding=self.funding[rows],
        )


class Lived(NamedTuple):
    """What an episode came to: the sum of rewards, trades that ended, their net returns added up, bars explored."""

    reward: float
    trades: float
    net: float
    explored: float
