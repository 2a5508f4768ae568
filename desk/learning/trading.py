"""A learnt policy as a strategy of the backtest: it looks at each bar and wishes what its table says.

It walks the bars with the stop and target it learnt with, so that it knows at each of them what it holds. Its memory is
therefore that of its figures, and of the trade it is in; in the first bars, where figures are still forming, it is
silent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desk.backtest.plan import Plan, plan
from desk.backtest.tape import Tape
from desk.learning.lessons import lesson_on
from desk.learning.policy import LEAST_VISITS, Policy
from desk.learning.sight import MEMORY, Mood
from desk.learning.states import UNKNOWN
from desk.learning.training import bars_of, scalars
from desk.market.candles import Candles
from desk.market.intervals import interval_of

LONGEST_TRADE = 400
"""Bars after which hardly a trade is still open: stop, target or the opposite word ended it."""


@dataclass(frozen=True, kw_only=True)
class PolicyStrategy:
    """The policy on every symbol of a tape, `size` of equity each. `leader` is read from the tape where it has one."""

    policy: Policy
    name: str = "policy"
    size: float = 0.5
    leader: str = "BTCUSDT"
    mood: Mood | None = None
    warm_up: int = MEMORY + LONGEST_TRADE

    def plan(self, tape: Tape) -> Plan:
        """What the policy wants at each bar."""
        from desk.learning import kernel

        enter, leave = (np.zeros(tape.close.shape, dtype=np.int8) for _ in range(2))
        policy, terms = self.policy, scalars(self.policy.method)
        series = [candles_on(tape, column) for column in range(len(tape.symbols))]
        ahead = next((one for one in series if one.symbol == self.leader), None)
        for column, candles in enumerate(series):
            lesson = lesson_on(tape, column, candles, policy.space, leader=ahead, mood=self.mood)
            states = lesson.states.copy()
            states[:MEMORY] = UNKNOWN
            wishes = enter[:, column : column + 1], leave[:, column : column + 1]
            kernel.walk(states, bars_of(lesson), terms, policy.table, policy.visits, LEAST_VISITS, *wishes)
        return plan(enter, leave=leave, stop=policy.method.stop, target=policy.method.target, size=self.size)


def candles_on(tape: Tape, column: int) -> Candles:
    """One symbol's bars on a tape."""
    return Candles.from_columns(
        tape.symbols[column],
        interval_of(tape.step_ms),
        tape.open_time,
        *(np.ascontiguousarray(grid[:, column]) for grid in (tape.open, tape.high, tape.low, tape.close, tape.volume)),
    )
