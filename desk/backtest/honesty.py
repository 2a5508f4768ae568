"""Does a strategy know what it cannot know? Two checks that run it again on less data and compare what it wants.

Hindsight: a plan made of the bars up to t must end as the plan made of all bars reads at t. Memory: with `warm_up` bars
of history the wishes must be those of a strategy that saw everything; indicators that never forget show here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desk.backtest.plan import Plan
from desk.backtest.strategy import Strategy
from desk.backtest.tape import Tape
from desk.domain.errors import DataError

_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Betrayal:
    """One wish that differed: the column of the plan, the row, the symbol, and both values."""

    column: str
    row: int
    symbol: str
    with_all: float
    with_less: float


def check_hindsight(strategy: Strategy, tape: Tape, *, rows: int = 64, seed: int = 0) -> tuple[Betrayal, ...]:
    """Cut the tape at some rows after the warm-up and compare the last wish; an honest strategy has nothing to show.

    Raises:
        DataError: when the tape is not longer than the warm-up.
    """
    whole = strategy.plan(tape)
    found: list[Betrayal] = []
    for row in _rows(strategy, tape, rows, seed):
        less = strategy.plan(tape.between(0, row + 1))
        found += _differences(tape, row, whole, row, less, row)
    return tuple(found)


def check_memory(strategy: Strategy, tape: Tape, *, rows: int = 64, seed: int = 0) -> tuple[Betrayal, ...]:
    """Give the strategy `warm_up` bars before each of some rows, and no more.

    Raises:
        DataError: when the tape is not longer than the warm-up.
    """
    whole = strategy.plan(tape)
    found: list[Betrayal] = []
    for row in _rows(strategy, tape, rows, seed):
        less = strategy.plan(tape.between(row - strategy.warm_up, row + 1))
        found += _differences(tape, row, whole, row, less, strategy.warm_up)
    return tuple(found)


def _rows(strategy: Strategy, tape: Tape, count: int, seed: int) -> list[int]:
    first, end = strategy.warm_up, len(tape)
    if end <= first:
        raise DataError(f"{strategy.name} needs more than {first} bars to be checked, not {end}")
    # Half of them one after the other from the start, where a warm-up that is too short shows; half anywhere.
    near = range(first, min(first + count // 2, end))
    far = np.random.default_rng(seed).integers(first, end, size=count - len(near))
    return sorted({*near, *(int(row) for row in far)})


def _differences(tape: Tape, row: int, whole: Plan, at: int, less: Plan, less_at: int) -> list[Betrayal]:
    found: list[Betrayal] = []
    for symbol, name in enumerate(tape.symbols):
        one, other = _wish(whole, at, symbol), _wish(less, less_at, symbol)
        for column, value in one.items():
            if abs(value - other[column]) > _TOLERANCE * max(1.0, abs(value)):
                found.append(Betrayal(column=column, row=row, symbol=name, with_all=value, with_less=other[column]))
    return found


def _wish(plan: Plan, row: int, symbol: int) -> dict[str, float]:
    enter, leave = float(plan.enter[row, symbol]), float(plan.leave[row, symbol])
    stop, target, size = plan.amounts(row, symbol)
    # Where nothing is to be entered, distances and size mean nothing.
    asked = {"stop": stop, "target": target, "size": size} if enter else {}
    return {"enter": enter, "leave": leave, **{name: asked.get(name, 0.0) for name in ("stop", "target", "size")}}
