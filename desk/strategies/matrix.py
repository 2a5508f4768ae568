"""Who is heard in which market: regime to strategy to share of capital, as one strategy that is all of them in turn.

In each bar the strategies of the regime that stands may enter, each with its share; the one with the larger share is
heard first. What a strategy opened is closed by its own exit, by the end of the regime, or after thirty days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desk.backtest.plan import LEAVE_LONG, LEAVE_SHORT, Plan, Wishes, plan
from desk.backtest.strategy import Strategy
from desk.backtest.tape import Tape
from desk.domain.errors import DataError
from desk.regime.rule import REGIMES
from desk.regime.values import Regime
from desk.strategies.regimes import memory_of, regimes_of

Shares = Mapping[Regime, Mapping[str, float]]
Rows = NDArray[np.int64]

NOBODY = -1
LONGEST_MS = 30 * 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Strategies under a decision matrix. `step_ms` is the length of the bars it will see, for its warm-up.

    A share scales the size a strategy asks for: 1 is what its own risk allows. Shares of a regime sum to at most 1.
    """

    name: str
    strategies: Sequence[Strategy]
    shares: Shares
    step_ms: int

    def __post_init__(self) -> None:
        """Refuse a matrix that names nobody, or gives away more than there is. Raises DataError."""
        known = {one.name for one in self.strategies}
        for regime, row in self.shares.items():
            strange = sorted(set(row) - known)
            if strange:
                raise DataError(f"the matrix gives {regime.value} to {strange[0]}, which is no strategy at hand")
            if not 0 <= sum(row.values()) <= 1 + 1e-9 or min(row.values(), default=0.0) < 0:
                raise DataError(f"the shares of {regime.value} are not between 0 and 1 in all")

    @property
    def warm_up(self) -> int:
        """See `Strategy`."""
        return max((memory_of(self.step_ms), *(one.warm_up for one in self.strategies))) + self._longest

    def plan(self, tape: Tape) -> Plan:
        """See `Strategy`."""
        shape, rows = tape.close.shape, np.arange(len(tape))[:, None]
        enter = np.zeros(shape, dtype=np.int8)
        stop, target, size = (np.zeros(shape) for _ in range(3))
        owner = np.full(shape, NOBODY, dtype=np.int64)
        codes = np.stack([regimes_of(tape, at) for at in range(len(tape.symbols))], axis=1)
        ordered = self._by_weight()
        plans = [strategy.plan(tape) for strategy, _ in ordered]
        for place, (its, (_, by_regime)) in enumerate(zip(plans, ordered, strict=True)):
            share = np.array([*by_regime, 0.0])[codes]
            heard = (its.enter != 0) & (share > 0) & (enter == 0)
            enter[heard], owner[heard] = its.enter[heard], place
            for column, own in ((stop, its.stop), (target, its.target), (size, its.size)):
                column[heard] = np.broadcast_to(own, shape)[heard]
            size[heard] *= share[heard]
        opened = np.maximum.accumulate(np.where(enter != 0, rows, -1), axis=0)
        changed = np.concatenate((np.zeros((1, shape[1]), dtype=bool), codes[1:] != codes[:-1]))
        leave = self._exits(plans, owner, opened)
        leave[changed] = LEAVE_LONG | LEAVE_SHORT
        enter[: min(self.warm_up, len(enter))] = 0
        return plan(enter, leave=leave, stop=stop, target=target, size=size)

    @property
    def label(self) -> str:
        """Who is heard where, in one line."""
        rows = ((regime, self.shares[regime]) for regime in REGIMES if regime in self.shares)
        return "; ".join(
            f"{regime.value.lower()}: {', '.join(f'{name} {share:g}' for name, share in row.items())}"
            for regime, row in rows
        )

    @property
    def _longest(self) -> int:
        return max(1, LONGEST_MS // self.step_ms)

    def _by_weight(self) -> list[tuple[Strategy, tuple[float, ...]]]:
        rows = [
            (one, tuple(self.shares.get(regime, {}).get(one.name, 0.0) for regime in REGIMES))
            for one in self.strategies
        ]
        return sorted(rows, key=lambda row: (-max(row[1]), row[0].name))

    def _exits(self, plans: Sequence[Plan], owner: Rows, opened: Rows) -> Wishes:
        """What a position's own strategy would leave; a position that is older than the longest leaves as well."""
        rows = np.arange(len(owner))[:, None]
        own = np.where(opened >= 0, np.take_along_axis(owner, np.maximum(opened, 0), axis=0), NOBODY)
        leave = np.full(owner.shape, LEAVE_LONG | LEAVE_SHORT, dtype=np.int8)
        for place, its in enumerate(plans):
            leave = np.where(own == place, its.leave, leave)
        return np.where(rows - opened > self._longest, LEAVE_LONG | LEAVE_SHORT, leave).astype(np.int8)
