"""Markets made by hand: quiet first, so that every average has settled, then the one thing that a test is about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from desk.backtest.plan import Plan
from desk.backtest.tape import Tape
from desk.indicators.columns import Column

HOUR_MS = 3_600_000
QUIET = 1_300
"""Bars of calm before anything happens: more than the longest warm-up of the tests' strategies."""


def calm(bars: int = QUIET, *, price: float = 100.0, swing: float = 0.2, seed: int = 7) -> Column:
    """Prices that wander around one price and go nowhere."""
    return price * (1 + swing / 100 * np.random.default_rng(seed).uniform(-1, 1, bars))


def after_calm(*moves: Sequence[float] | Column, **how: float) -> Column:
    """Calm, then these prices."""
    return np.concatenate((calm(**how), *(np.asarray(move, dtype=np.float64) for move in moves)))  # type: ignore[arg-type]


def climb(bars: int, percent: float, *, start: float = 100.0) -> Column:
    """Bars that each move by so many per cent."""
    return start * (1 + percent / 100) ** np.arange(1, bars + 1)


def market(
    *closes: Column, volume: Column | None = None, step_ms: int = HOUR_MS, symbols: Sequence[str] = ("BTCUSDT",)
) -> Tape:
    """A tape of these closing prices: each bar opens where the one before closed and reaches a little beyond both."""
    close = np.stack(closes, axis=1)
    opened = np.vstack((close[:1], close[:-1]))
    grid = np.ones_like(close) if volume is None else np.repeat(volume[:, None], close.shape[1], axis=1)
    return Tape(
        symbols=tuple(symbols)[: close.shape[1]],
        step_ms=step_ms,
        open_time=np.arange(len(close), dtype=np.int64) * step_ms,
        open=opened,
        high=np.maximum(opened, close) * 1.0005,
        low=np.minimum(opened, close) * 0.9995,
        close=close,
        volume=grid,
        funding=np.zeros_like(close),
    )


def entries(plan: Plan, symbol: int = 0, *, since: int = QUIET) -> list[tuple[int, int]]:
    """(bars after the calm, side) of every entry that follows it."""
    column = plan.enter[:, symbol]
    return [(int(row) - since, int(column[row])) for row in np.flatnonzero(column) if row >= since]


def sides(plan: Plan, symbol: int = 0) -> set[int]:
    """The sides entered after the calm."""
    return {side for _, side in entries(plan, symbol)}


def leaves(plan: Plan, bit: int, symbol: int = 0) -> list[int]:
    """Bars after the calm at which this side would leave."""
    return [int(row) - QUIET for row in np.flatnonzero(plan.leave[:, symbol] & bit) if row >= QUIET]
