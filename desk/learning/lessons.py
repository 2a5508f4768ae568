"""From recorded candles to lessons: states, prices and funding by bar, and the cut between what is learnt and not."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from desk.backtest.tape import Tape, record
from desk.domain.market import FundingPoint
from desk.indicators.columns import Column
from desk.learning.method import Lesson
from desk.learning.sight import Mood, look
from desk.learning.states import FACTORS, StateSpace
from desk.market.candles import Candles


def lesson_of(
    candles: Candles,
    space: StateSpace,
    *,
    funding: Sequence[FundingPoint] = (),
    leader: Candles | None = None,
    mood: Mood | None = None,
) -> Lesson:
    """The whole of a recorded market as one lesson. Raises DataError when the leader is of another interval."""
    tape = record([candles], {candles.symbol: funding})
    return lesson_on(tape, 0, candles, space, leader=leader, mood=mood)


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


def lean_of(trend: Column) -> np.ndarray:
    """Which way the trend leans: -1, 0 or 1; 0 where it is unknown."""
    return np.maximum(FACTORS["trend"].digits(trend), 0).astype(np.int8) - np.where(np.isnan(trend), 0, 1).astype(
        np.int8
    )


def digest_of(candles: Candles) -> str:
    """SHA-256 over every number of a recorded market: what a policy says it learnt from."""
    columns = (candles.open_time, candles.open, candles.high, candles.low, candles.close, candles.volume)
    return hashlib.sha256(b"".join(np.ascontiguousarray(column).tobytes() for column in columns)).hexdigest()
