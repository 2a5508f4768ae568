"""Q-learning over one episode in plain Python, written to be read; the compiled kernel gives the very same table.

At each bar the learner knows the state and its own position, acts at the next bar's open, and lives through that bar:
funding first, then its action, then stop before target where a bar reaches both, and a gap fills at the open. These are
the rules of `desk.backtest.reference`, for one position of fixed stake.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from desk.learning.method import ALLOWED, BUY, FLAT, HOLD, LONG, SELL, SHORT, Draws, Lesson, Lived, Method
from desk.learning.rewards import LONGEST_STREAK, Paid, class_of

Cell = tuple[int, int]
Step = tuple[int, int, float, int]  # row, action, reward, next row or -1 at an end


@dataclass(slots=True)
class Trade:
    """The open trade: `worth` is its net return so far, on what was staked."""

    side: int
    entry: float
    stop: float
    target: float
    paid: float
    worth: float


@dataclass(slots=True)
class Pupil:
    """A learner: what it knows, what it remembers, and the trade it is in."""

    method: Method
    table: dict[Cell, float] = field(default_factory=dict[Cell, float])
    visits: dict[Cell, int] = field(default_factory=dict[Cell, int])
    memory: list[Step] = field(default_factory=list[Step])
    written: int = 0
    trade: Trade | None = None
    streak: int = 0

    def live(self, lesson: Lesson, draws: Draws, curiosity: float) -> Lived:
        """One episode over a lesson of `method.length` bars at most."""
        self.trade, self.streak = None, 0
        lived = Lived(0.0, 0.0, 0.0, 0.0)
        for bar in range(len(lesson) - 1):
            day = self.day(lesson, bar, draws, curiosity)
            lived = Lived(*(sum_ + one for sum_, one in zip(lived, day, strict=True)))
        return lived

    def day(self, lesson: Lesson, bar: int, draws: Draws, curiosity: float) -> Lived:
        """One bar of a lesson that has another after it: decide, live through the next, learn from it."""
        state, position = int(lesson.states[bar]), self._position
        row, action, explored = self._row(state), HOLD, 0.0
        if state >= 0:
            if draws.explore[bar] < curiosity:
                action, explored = ALLOWED[position][int(draws.pick[bar] * len(ALLOWED[position]))], 1.0
            else:
                action = self._best(row, position)
        earned, ended = self._through(lesson, bar + 1, action, int(lesson.lean[bar]))
        if state >= 0:
            after, last = int(lesson.states[bar + 1]), bar + 2 == len(lesson)
            self._take_in((row, action, earned, -1 if after < 0 or last else self._row(after)))
            for luck in draws.replay[bar]:
                self._learn(self.memory[int(luck * min(self.written, self.method.memory))])
        return Lived(earned, 0.0 if ended is None else 1.0, ended or 0.0, explored)

    @property
    def _position(self) -> int:
        return FLAT if self.trade is None else LONG if self.trade.side > 0 else SHORT

    def _row(self, state: int) -> int:
        return state * 3 + self._position

    def _best(self, row: int, position: int) -> int:
        """The dearest action; the first of equals, so that who knows nothing does nothing."""
        best = HOLD
        for action in ALLOWED[position]:
            if self.table.get((row, action), 0.0) > self.table.get((row, best), 0.0):
                best = action
        return best

    def _take_in(self, step: Step) -> None:
        """Learn a new step and remember it; the oldest is forgotten."""
        cell = step[:2]
        self.visits[cell] = self.visits.get(cell, 0) + 1
        self._learn(step)
        if len(self.memory) < self.method.memory:
            self.memory.append(step)
        else:
            self.memory[self.written % self.method.memory] = step
        self.written += 1

    def _learn(self, step: Step) -> None:
        row, action, reward, after = step
        target = reward
        if after >= 0:
            target += self.method.discount * self.table.get((after, self._best(after, after % 3)), 0.0)
        known = self.table.get((row, action), 0.0)
        rate = self.method.rate / (1.0 + self.method.fade * self.visits[row, action])
        self.table[row, action] = known + rate * (target - known)

    def _through(self, lesson: Lesson, bar: int, action: int, lean: int) -> tuple[float, float | None]:
        """Live one bar; returns the reward and, where a trade ended, its net return."""
        opened, before = float(lesson.open[bar]), 0.0
        opening = False
        ended: float | None = None
        side = self.trade.side if self.trade is not None else 0
        if self.trade is not None:
            before = self.trade.worth
            self.trade.paid += side * float(lesson.funding[bar]) * opened / self.trade.entry
            if action == (SELL if side > 0 else BUY):
                ended = self._close(opened)
        elif action != HOLD:
            side, opening = (1 if action == BUY else -1), True
            self._open(side, opened)
        if self.trade is not None:
            ended = self._within(lesson, bar, opened)
        if self.trade is not None:
            self.trade.worth = side * (float(lesson.close[bar]) / self.trade.entry - 1.0) - self.trade.paid
        now = ended if ended is not None else self.trade.worth if self.trade is not None else 0.0
        return self._reward(now - before, ended, side * lean if opening else 0), ended

    def _open(self, side: int, price: float) -> None:
        method = self.method
        entry = price * (1.0 + method.slippage * side)
        self.trade = Trade(
            side=side,
            entry=entry,
            stop=entry * (1.0 - side * method.stop) if method.stop > 0.0 else 0.0,
            target=entry * (1.0 + side * method.target) if method.target > 0.0 else 0.0,
            paid=method.fee,
            worth=0.0,
        )

    def _within(self, lesson: Lesson, bar: int, opened: float) -> float | None:
        """Whether the bar reached stop or target; the worse comes first."""
        trade = self.trade
        assert trade is not None  # noqa: S101  the caller looked
        side, stop, target = trade.side, trade.stop, trade.target
        worst, best = float(lesson.low[bar]), float(lesson.high[bar])
        if side < 0:
            worst, best = best, worst
        if stop > 0.0 and (opened - stop) * side <= 0.0:
            return self._close(opened)
        if target > 0.0 and (opened - target) * side >= 0.0:
            return self._close(opened)
        if stop > 0.0 and (worst - stop) * side <= 0.0:
            return self._close(stop)
        if target > 0.0 and (best - target) * side >= 0.0:
            return self._close(target)
        return None

    def _close(self, price: float) -> float:
        trade = self.trade
        assert trade is not None  # noqa: S101  the caller looked
        filled = price * (1.0 - self.method.slippage * trade.side)
        self.trade = None
        return trade.side * (filled / trade.entry - 1.0) - trade.paid - self.method.fee * filled / trade.entry

    def _reward(self, moved: float, ended: float | None, with_trend: int) -> float:
        reward = self.method.reward
        if reward.paid is Paid.RISK:
            loss = min(100.0 * moved, 0.0)
            return 100.0 * moved - reward.aversion * loss * loss
        # What speaks for an entry is paid at the entry, so that it is the entry that learns it.
        earned = reward.context * with_trend
        if ended is not None:
            earned += class_of(ended) + reward.streak * self._streak(ended)
        return earned

    def _streak(self, ended: float) -> int:
        """Wins in a row before this win, losses (below zero) before this loss, three at most; then it counts this."""
        before = self.streak if (ended >= 0.0) == (self.streak > 0) else 0
        self.streak = before + (1 if ended >= 0.0 else -1)
        return max(-LONGEST_STREAK, min(LONGEST_STREAK, before))
