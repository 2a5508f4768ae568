"""Training: episodes over recorded markets, seeded and in order, with a curve, a held-out look and backups on the way.

The luck of every episode is drawn before it, so that the compiled kernel and the plain reference live the same days.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from desk.domain.errors import DataError
from desk.indicators.columns import Column
from desk.learning.method import Draws, Lesson, Lived, Method, Table, Visits
from desk.learning.policy import Episode
from desk.learning.reference import Step
from desk.learning.rewards import Paid
from desk.learning.states import StateSpace

Told = Callable[["Learner", Episode], None]
Look = Callable[["Learner"], float]
LOOK_EVERY = 10


@dataclass
class Learner:
    """A table being learnt by the kernel. `teach` gives it steps from elsewhere, `live` an episode."""

    space: StateSpace
    method: Method
    table: Table = field(init=False)
    visits: Visits = field(init=False)

    def __post_init__(self) -> None:
        """An empty head."""
        from desk.learning import kernel

        rows, kept = self.space.size * 3, self.method.memory
        self.table, self.visits = np.zeros((rows, 3)), np.zeros((rows, 3), dtype=np.int64)
        self._memory = (
            np.zeros(kept, dtype=np.int64),
            np.zeros(kept, dtype=np.int8),
            np.zeros(kept),
            np.zeros(kept, dtype=np.int64),
        )
        self._me = np.zeros(kernel.CARRIED)
        self._terms = scalars(self.method)

    def live(self, lesson: Lesson, draws: Draws, curiosity: float) -> Lived:
        """One episode over a lesson of `method.length` bars at most."""
        from desk.learning import kernel

        lived = np.zeros(len(Lived._fields))
        told = (lesson.states, lesson.lean), bars_of(lesson), (draws.explore, draws.pick, draws.replay)
        kernel.live(*told, curiosity, self._terms, self.table, self.visits, self._memory, self._me, lived)
        return Lived(*(float(value) for value in lived))

    def teach(self, steps: Sequence[Step], passes: int = 1) -> None:
        """Learn steps that somebody else lived, in order, `passes` times over."""
        from desk.learning import kernel

        rows, actions, rewards, nexts = (np.array(column) for column in zip(*steps, strict=True))
        for turn in range(passes):
            kernel.teach(rows, actions, rewards, nexts, self._terms, self.table, self.visits, turn == 0)

    @property
    def known(self) -> float:
        """The share of states visited so far."""
        return float((self.visits.reshape(self.space.size, -1).sum(axis=1) > 0).mean())


def scalars(method: Method) -> Column:
    """A method's numbers in the kernel's order."""
    reward = method.reward
    return np.array(
        (
            method.rate,
            method.fade,
            method.discount,
            method.stop,
            method.target,
            method.fee,
            method.slippage,
            reward.streak,
            reward.context,
            reward.aversion,
            float(reward.paid is Paid.RISK),
        )
    )


def bars_of(lesson: Lesson) -> tuple[Column, Column, Column, Column, Column]:
    """A lesson's prices and funding in the kernel's order."""
    return lesson.open, lesson.high, lesson.low, lesson.close, lesson.funding


def train(
    learner: Learner,
    lessons: Sequence[Lesson],
    *,
    seed: int,
    told: Told | None = None,
    look: Look | None = None,
) -> tuple[Episode, ...]:
    """Live all episodes of the method; returns the curve. `look` judges the table every ten episodes and at the end.

    An episode is a stretch of one lesson; longer lessons are drawn more often, in proportion.

    Raises:
        DataError: when no lesson has two bars.
    """
    method = learner.method
    rooms = np.array([max(0, len(lesson) - 1) for lesson in lessons], dtype=np.float64)
    if not rooms.sum():
        raise DataError("there is nothing to learn from: every market has less than two bars")
    rng = np.random.default_rng(seed)
    curve: list[Episode] = []
    for number in range(method.episodes):
        stretch = _stretch(rng, lessons, rooms, method.length)
        lived = learner.live(stretch, method.draw(rng), method.curiosity(number))
        looked = look is not None and ((number + 1) % LOOK_EVERY == 0 or number + 1 == method.episodes)
        episode = Episode(
            number=number + 1,
            curiosity=method.curiosity(number),
            reward=lived.reward,
            trades=int(lived.trades),
            net=lived.net,
            known=learner.known,
            held_out=look(learner) if looked and look is not None else None,
        )
        curve.append(episode)
        if told is not None:
            told(learner, episode)
    return tuple(curve)


def _stretch(rng: np.random.Generator, lessons: Sequence[Lesson], rooms: Column, length: int) -> Lesson:
    lesson = lessons[int(rng.choice(len(lessons), p=rooms / rooms.sum()))]
    first = int(rng.integers(0, max(1, len(lesson) - length + 1)))
    return lesson.between(first, first + length)
