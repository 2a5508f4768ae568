"""From a recorded market to a lesson: states, prices and funding by bar."""

from __future__ import annotations

import numpy as np

from desk.backtest.tape import Tape
from desk.indicators.columns import Column
from desk.learning.method import Actions, Lesson
from desk.learning.sight import Mood, look
from desk.learning.states import FACTORS, StateSpace
from desk.market.candles import Candles


def lesson_on(
    tape: Tape, column: int, candles: Candles, space: StateSpace, *, leader: Candles | None, mood: Mood | None
) -> Lesson:
    """One symbol of a tape as a lesson; `candles` are its bars."""
    figures = look(candles, leader=leader, mood=mood)
    return Lesson(
        symbol=candles.symbol,
        states=space.encode(figures),
        lean=lean_of(figures["trend"]),
        open=np.ascontiguousarray(tape.open[:, column]),
        high=np.ascontiguousarray(tape.high[:, column]),
        low=np.ascontiguousarray(tape.low[:, column]),
        close=np.ascontiguousarray(tape.close[:, column]),
        funding=np.ascontiguousarray(tape.funding[:, column]),
    )


def lean_of(trend: Column) -> Actions:
    """Which way the trend leans: -1, 0 or 1; 0 where it is unknown."""
    return np.where(np.isnan(trend), 0, FACTORS["trend"].digits(trend) - 1).astype(np.int8)
