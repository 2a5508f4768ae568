"""How a rule sees a market: one symbol's columns, where a state begins, and how long an average remembers.

An exponential average never forgets, it only fades. A rule's warm-up is therefore the time after which what came before
weighs less than one part in a billion, so that a desk started today wants what one that ran for years wants.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desk.backtest.tape import Tape
from desk.indicators.columns import Column, Times

Flags = NDArray[np.bool_]

_FORGOTTEN = math.log(1e9)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """One symbol's bars of a tape: columns of float64, oldest first; a `BarColumns`."""

    symbol: str
    step_ms: int
    open_time: Times
    open: Column
    high: Column
    low: Column
    close: Column
    volume: Column

    def __len__(self) -> int:
        return len(self.close)


def view(tape: Tape, symbol: int) -> View:
    """The bars of one symbol, by its place in the tape."""
    open_, high, low, close, volume = (
        np.ascontiguousarray(grid[:, symbol]) for grid in (tape.open, tape.high, tape.low, tape.close, tape.volume)
    )
    return View(
        symbol=tape.symbols[symbol],
        step_ms=tape.step_ms,
        open_time=tape.open_time,
        open=open_,
        high=high,
        low=low,
        close=close,
        volume=volume,
    )


def begins(state: Flags) -> Flags:
    """Where a state is true that was not true one bar before; the first bar begins nothing."""
    return np.concatenate(([False], state[1:] & ~state[:-1])) if len(state) else state


def earlier(column: Column, bars: int = 1) -> Column:
    """The column as it stood some bars before; unknown where there was nothing yet."""
    return np.concatenate((np.full(min(bars, len(column)), np.nan), column[: max(0, len(column) - bars)]))


def steady(column: Column) -> Column:
    """Unknown as zero, and without the last bits, in which running sums differ by where they began."""
    return np.asarray(np.round(np.nan_to_num(column), 9), dtype=np.float64)


def average_memory(period: int) -> int:
    """Bars after which an exponential average of `period` has forgotten where it began."""
    return period + math.ceil(_FORGOTTEN * (period + 1) / 2)


def wilder_memory(period: int) -> int:
    """The same of Wilder's averages, behind RSI and ATR, which fade half as fast."""
    return period + math.ceil(_FORGOTTEN * period)


def adx_memory(period: int) -> int:
    """The same of ADX, an average of what is made of averages: their errors fade one after the other."""
    return 2 * wilder_memory(period)
