"""Lessons made by a seed: states anyhow, prices that wander, jump and charge funding."""

from __future__ import annotations

import numpy as np

from desk.learning.method import Lesson, Method
from desk.learning.reference import Pupil
from desk.learning.states import StateSpace
from desk.learning.training import Learner

SPACE = StateSpace.of(("rsi", "macd"))


def random_lesson(seed: int, bars: int, *, dark: float = 0.1) -> Lesson:
    """A market whose states say nothing; a share `dark` of them is unknown."""
    rng = np.random.default_rng(seed)
    noise = float(rng.choice([0.002, 0.01, 0.05]))
    opened = 100.0 * np.exp(np.cumsum(rng.normal(0.0, noise, bars)))
    close = opened * np.exp(rng.normal(0.0, noise, bars))
    states = rng.integers(0, SPACE.size, bars)
    return Lesson(
        symbol="BTCUSDT",
        states=np.where(rng.random(bars) < dark, -1, states).astype(np.int32),
        lean=rng.integers(-1, 2, bars).astype(np.int8),
        open=opened,
        high=np.maximum(opened, close) * np.exp(np.abs(rng.normal(0.0, noise, bars))),
        low=np.minimum(opened, close) * np.exp(-np.abs(rng.normal(0.0, noise, bars))),
        close=close,
        funding=np.where(rng.random(bars) < 0.05, rng.normal(0.0, 1e-3, bars), 0.0),
    )


def tables_of(pupil: Pupil) -> tuple[np.ndarray, np.ndarray]:
    """What the plain learner knows, in the kernel's shape."""
    table, visits = np.zeros((SPACE.size * 3, 3)), np.zeros((SPACE.size * 3, 3), dtype=np.int64)
    for cell, value in pupil.table.items():
        table[cell] = value
    for cell, count in pupil.visits.items():
        visits[cell] = count
    return table, visits


def both(method: Method) -> tuple[Pupil, Learner]:
    return Pupil(method), Learner(SPACE, method)
