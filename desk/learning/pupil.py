"""A learner that goes on while the desk runs: once a finished bar it learns from the one before, and never trades.

It begins with the promoted policy's table and lives on paper at the marks the desk saw. Every ten lessons it is kept,
and of its copies the newest ten; whoever starts it again goes on from the newest. What it has become is another policy,
which nobody has examined: it does not advise.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from desk.domain.errors import DataError
from desk.learning.method import Draws, Lesson, Table
from desk.learning.policy import Policy
from desk.learning.reference import Pupil, Trade
from desk.learning.shelf import PolicyShelf, read_policy

KEPT_EVERY = 10


@checked(frozen=True, config={"extra": "forbid"})
class Seen:
    """One symbol when its last bar ended: the state, the trend's sign, the mark, and the paper trade."""

    bar: int
    state: int
    lean: int
    mark: float
    trade: tuple[int, float, float, float, float, float] | None
    streak: int


@checked(frozen=True, config={"extra": "forbid"})
class Diary:
    """What the pupil carries from one start to the next. `policy` is whose table it began with."""

    policy: str
    lessons: int
    seen: dict[str, Seen]


_DIARY = TypeAdapter(Diary)


@dataclass
class LivePupil:
    """The learner of one profile. `name` is the promoted policy's; another one's diary is begun anew."""

    root: Path
    name: str
    policy: Policy
    _pupil: Pupil = field(init=False)
    _diary: Diary = field(init=False)

    def __post_init__(self) -> None:
        """Go on where the diary ends. Raises DataError for a diary or a copy that is not whole."""
        self._diary = self._read()
        if self._diary.lessons:
            copies = sorted((self.root / "backups").glob("*"))
            self.policy = read_policy(copies[-1]).policy if copies else self.policy
        self._pupil = _pupil_of(self.policy)

    @property
    def lessons(self) -> int:
        """How many bars it has learnt from since it began."""
        return self._diary.lessons

    def look(self, symbol: str, *, bar: int, state: int, lean: int, mark: float) -> bool:
        """Take in a finished bar of a symbol, and learn from the one before it; False for a bar that was seen."""
        before = self._diary.seen.get(symbol)
        if before is not None and bar <= before.bar:
            return False
        learnt = before is not None
        if before is not None:
            self._learn(before, state=state, lean=lean, mark=mark)
        trade = self._pupil.trade if learnt else None
        now = Seen(
            bar=bar,
            state=state,
            lean=lean,
            mark=mark,
            trade=None if trade is None else _told(trade),
            streak=self._pupil.streak if learnt else 0,
        )
        lessons = self._diary.lessons + learnt
        self._diary = Diary(policy=self.name, lessons=lessons, seen={**self._diary.seen, symbol: now})
        if learnt and lessons % KEPT_EVERY == 0:
            self._keep()
        return True

    def _learn(self, before: Seen, *, state: int, lean: int, mark: float) -> None:
        pupil, method = self._pupil, self.policy.method
        pupil.trade = None if before.trade is None else Trade(*before.trade)
        pupil.streak = before.streak
        marks = np.array([before.mark, mark, mark])
        lesson = Lesson(
            symbol="",
            # A third bar that is never reached: the second is not the end of anything.
            states=np.array([before.state, state, -1], dtype=np.int32),
            lean=np.array([before.lean, lean, 0], dtype=np.int8),
            open=marks,
            high=marks,
            low=marks,
            close=marks,
            funding=np.zeros(3),
        )
        rng = np.random.default_rng((self.policy.origin.seed, self._diary.lessons))
        draws = Draws(rng.random(1), rng.random(1), rng.random((1, method.replays)))
        pupil.day(lesson, 0, draws, method.settled)

    def _keep(self) -> None:
        table, visits = self.policy.table.copy(), self.policy.visits.copy()
        _laid_into(table, self._pupil.table)
        for cell, count in self._pupil.visits.items():
            visits[cell] = count
        PolicyShelf(self.root).backup(replace(self.policy, table=table, visits=visits), self._diary.lessons)
        draft = self.root / ".diary"
        draft.write_bytes(_DIARY.dump_json(self._diary))
        draft.replace(self.root / "diary.json")

    def _read(self) -> Diary:
        file = self.root / "diary.json"
        anew = Diary(policy=self.name, lessons=0, seen={})
        if not file.exists():
            return anew
        try:
            diary = _DIARY.validate_json(file.read_bytes())
        except (OSError, ValidationError) as error:
            raise DataError(f"{file} is not the learner's diary") from error
        return diary if diary.policy == self.name else anew


def _pupil_of(policy: Policy) -> Pupil:
    """The plain learner with a policy's knowledge: cells that are zero and unvisited are as good as absent."""
    cells = [(int(row), int(action)) for row, action in zip(*np.nonzero(policy.visits), strict=True)]
    return Pupil(
        method=policy.method,
        table={cell: float(policy.table[cell]) for cell in cells},
        visits={cell: int(policy.visits[cell]) for cell in cells},
    )


def _laid_into(table: Table, cells: dict[tuple[int, int], float]) -> None:
    for cell, value in cells.items():
        table[cell] = value


def _told(trade: Trade) -> tuple[int, float, float, float, float, float]:
    return trade.side, trade.entry, trade.stop, trade.target, trade.paid, trade.worth
