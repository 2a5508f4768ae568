"""Rules over every strategy: what stops all of them, makes them smaller, or keeps them from all being one bet.

They act on plans, so that no strategy has to know of them, and they can only take away: a brake enters nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from desk.backtest.plan import LEAVE_LONG, LEAVE_SHORT, Plan
from desk.backtest.strategy import Strategy
from desk.backtest.tape import Tape
from desk.backtest.terms import Grid
from desk.indicators import classic
from desk.indicators.columns import Column
from desk.strategies.views import earlier, steady

_YEAR_MS = 365 * 86_400_000


class Brake(Protocol):
    """Takes away from a plan, and needs so many bars to know."""

    @property
    def memory(self) -> int:
        """Bars it looks back."""
        ...

    def over(self, plan: Plan, tape: Tape) -> Plan:
        """The plan with less in it."""
        ...


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EmergencyStop(_Part):
    """Any symbol that moved `move` within `bars` bars, either way: everything leaves, and nothing opens for `rest`."""

    move: float = Field(default=0.1, gt=0.005, le=0.5, description="As a fraction of the price.")
    bars: int = Field(default=4, ge=1, le=500)
    rest: int = Field(default=24, ge=1, le=1000, description="Bars without an entry.")

    @property
    def memory(self) -> int:
        """See `Brake`."""
        return self.bars + self.rest

    def over(self, plan: Plan, tape: Tape) -> Plan:
        """See `Brake`."""
        moves = [np.abs(_column(tape, at) / earlier(_column(tape, at), self.bars) - 1) for at in _symbols(tape)]
        alarm = np.max(np.nan_to_num(np.stack(moves)), axis=0) >= self.move
        # How long ago the last alarm was: the running maximum of the rows that had one.
        rows = np.arange(len(tape))
        last = np.maximum.accumulate(np.where(alarm, rows, -self.rest - 1))
        resting = (rows - last) <= self.rest
        enter, leave = plan.enter.copy(), plan.leave.copy()
        enter[resting] = 0
        leave[alarm] = LEAVE_LONG | LEAVE_SHORT
        return replace(plan, enter=enter, leave=leave)


class VolatilityBrake(_Part):
    """Positions shrink as the market grows wilder than `usual` a year, and nothing opens beyond `wildest`."""

    usual: float = Field(default=0.6, gt=0, le=5, description="Deviation a year at which sizes are whole.")
    wildest: float = Field(default=2.5, gt=0, le=20, description="Deviation a year beyond which nothing opens.")
    bars: int = Field(default=48, ge=5, le=2000)

    @property
    def memory(self) -> int:
        """See `Brake`."""
        return self.bars + 2

    def over(self, plan: Plan, tape: Tape) -> Plan:
        """See `Brake`."""
        yearly = self.yearly(tape)
        share = np.minimum(1.0, np.divide(self.usual, yearly, out=np.ones_like(yearly), where=yearly > 0))
        enter = np.where(yearly > self.wildest, 0, plan.enter).astype(np.int8)
        return replace(_wide(plan), enter=enter, size=_wide(plan).size * share)

    def yearly(self, tape: Tape) -> Grid:
        """The deviation of the last bars' returns, a year, by bar and symbol; 0 while unknown."""
        bars_a_year = _YEAR_MS / tape.step_ms
        found = [classic.deviation(_returns(tape, at), self.bars) * np.sqrt(bars_a_year) for at in _symbols(tape)]
        return steady(np.stack(found, axis=1))


class CorrelationBrake(_Part):
    """Symbols that go with the first one are one bet: they share its size between them."""

    ceiling: float = Field(default=0.7, gt=0, le=1, description="Correlation above which two symbols are one bet.")
    bars: int = Field(default=120, ge=10, le=2000)

    @property
    def memory(self) -> int:
        """See `Brake`."""
        return self.bars + 2

    def over(self, plan: Plan, tape: Tape) -> Plan:
        """See `Brake`."""
        leader = _returns(tape, 0)
        alike = np.stack([self._with(leader, _returns(tape, at)) >= self.ceiling for at in _symbols(tape)], axis=1)
        alike[:, 0] = True
        crowd = np.where(alike, alike.sum(axis=1, keepdims=True), 1)
        return replace(_wide(plan), size=_wide(plan).size / crowd)

    def _with(self, leader: Column, other: Column) -> Column:
        both = classic.sma(leader * other, self.bars) - classic.sma(leader, self.bars) * classic.sma(other, self.bars)
        spread = classic.deviation(leader, self.bars) * classic.deviation(other, self.bars)
        return steady(np.divide(both, spread, out=np.zeros(len(both)), where=spread > 1e-12))


@dataclass(frozen=True, slots=True, kw_only=True)
class Braked:
    """A strategy under brakes, in their order."""

    strategy: Strategy
    brakes: Sequence[Brake]

    @property
    def name(self) -> str:
        """See `Strategy`."""
        return self.strategy.name

    @property
    def warm_up(self) -> int:
        """See `Strategy`."""
        return max((self.strategy.warm_up, *(brake.memory for brake in self.brakes)))

    def plan(self, tape: Tape) -> Plan:
        """See `Strategy`."""
        plan = self.strategy.plan(tape)
        for brake in self.brakes:
            plan = brake.over(plan, tape)
        return plan


def _symbols(tape: Tape) -> range:
    return range(len(tape.symbols))


def _column(tape: Tape, at: int) -> Column:
    return np.ascontiguousarray(tape.close[:, at])


def _returns(tape: Tape, at: int) -> Column:
    close = _column(tape, at)
    return np.nan_to_num(np.log(close / earlier(close)))


def _wide(plan: Plan) -> Plan:
    """The plan with a row of amounts for every bar."""
    shape = plan.enter.shape
    stop, target, size = (np.broadcast_to(column, shape).copy() for column in (plan.stop, plan.target, plan.size))
    return replace(plan, stop=stop, target=target, size=size)
