"""What a strategy wants at each bar: decided on finished bars up to its own, acted on at the next bar's open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desk.backtest.terms import Grid
from desk.domain.errors import DataError

Wishes = NDArray[np.int8]

LEAVE_LONG, LEAVE_SHORT = 1, 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """(bars, symbols) each. `enter`: 1 to be long, -1 to be short, 0 no wish; `leave`: LEAVE_LONG plus LEAVE_SHORT.

    `stop` and `target` are distances from the fill as fractions of it, 0 for none; `size` is the notional wanted as a
    multiple of equity. These three may have a single row that holds for all bars. An entry against an open position
    turns it; one in its direction changes nothing.
    """

    enter: Wishes
    leave: Wishes
    stop: Grid
    target: Grid
    size: Grid

    def __post_init__(self) -> None:
        """Refuse columns that do not fit together or mean nothing. Raises DataError."""
        amounts = (self.stop, self.target, self.size)
        bars, symbols = self.enter.shape
        if self.leave.shape != (bars, symbols) or len({column.shape for column in amounts}) != 1:
            raise DataError("a plan's columns all have one shape: (bars, symbols)")
        if self.stop.shape not in ((bars, symbols), (1, symbols)):
            raise DataError("a plan has a stop, a target and a size for every bar, or one for all of them")
        if not all(np.isfinite(column).all() and (column >= 0).all() for column in amounts):
            raise DataError("stops, targets and sizes are finite and not below zero")
        if (self.stop >= 1).any() or not _within(self.enter, -1, 1) or not _within(self.leave, 0, 3):
            raise DataError("a stop is nearer than the price itself, and a wish is one of those the plan knows")

    def between(self, first: int, last: int) -> Plan:
        """The wishes of rows `first` up to, not including, `last`."""
        rows = slice(first, last)
        wide = len(self.stop) == len(self.enter)
        stop, target, size = (column[rows] if wide else column for column in (self.stop, self.target, self.size))
        return Plan(enter=self.enter[rows], leave=self.leave[rows], stop=stop, target=target, size=size)

    def amounts(self, row: int, symbol: int) -> tuple[float, float, float]:
        """Stop distance, target distance and size of one wish."""
        at = min(row, len(self.stop) - 1)
        return float(self.stop[at, symbol]), float(self.target[at, symbol]), float(self.size[at, symbol])


def _within(wishes: Wishes, least: int, most: int) -> bool:
    return not wishes.size or (int(wishes.min()) >= least and int(wishes.max()) <= most)


def plan(
    enter: Wishes, *, stop: float | Grid, target: float | Grid, size: float | Grid, leave: Wishes | None = None
) -> Plan:
    """A plan whose distances and sizes may be the same everywhere."""
    given = (np.asarray(stop, np.float64), np.asarray(target, np.float64), np.asarray(size, np.float64))
    shape = (1, enter.shape[1]) if all(column.ndim == 0 for column in given) else enter.shape
    wide = [np.ascontiguousarray(np.broadcast_to(column, shape)) for column in given]
    return Plan(
        enter=np.ascontiguousarray(enter, dtype=np.int8),
        leave=np.zeros(enter.shape, dtype=np.int8) if leave is None else np.ascontiguousarray(leave, dtype=np.int8),
        stop=wide[0],
        target=wide[1],
        size=wide[2],
    )
