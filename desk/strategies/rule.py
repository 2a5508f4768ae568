"""What every strategy of the library is: named, parametrised in YAML, with an entry, an exit and a risk.

A rule tells for each bar and symbol where it would be long or short and where it would leave; the risk tells how far
away stop and target stand and how much is ventured. Both become a plan that the sweep, the replay and the desk read.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from desk.backtest.plan import LEAVE_LONG, LEAVE_SHORT, Plan, Wishes, plan
from desk.backtest.tape import Tape
from desk.indicators import classic
from desk.indicators.columns import Column
from desk.strategies.views import Flags, View, view, wilder_memory

ATR_BARS = 14


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wanted:
    """One symbol's wishes by bar. Where an entry and an exit of the same side meet, the exit stands."""

    long: Flags
    short: Flags
    leave_long: Flags
    leave_short: Flags


class Risk(BaseModel):
    """How a position is protected and sized: by the noise of its market, within the bounds the guard allows.

    The notional loses `risk_per_trade` of equity if the stop fills at its trigger, as the guard sizes it, and is never
    above `max_position`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    stop_atr: float = Field(default=3.0, gt=0, le=20, description="Distance of the stop, in ATRs of 14 bars.")
    stop_min: float = Field(default=0.004, ge=0.002, le=0.1, description="Nearest stop, of the entry price.")
    stop_max: float = Field(default=0.06, ge=0.002, le=0.1, description="Farthest stop, of the entry price.")
    target_ratio: float = Field(default=2.5, ge=1, le=10, description="Distance of the target, in stop distances.")
    risk_per_trade: float = Field(default=0.01, gt=0, le=0.05, description="Of equity, lost if the stop fills.")
    max_position: float = Field(default=0.5, gt=0, le=3, description="Largest notional, as a multiple of equity.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.stop_min > self.stop_max:
            raise ValueError("stop_min must not be above stop_max")
        return self

    def distances(self, bars: View) -> tuple[Column, Column, Column]:
        """Stop and target as fractions of the price, and size as a multiple of equity, by bar; 0 while unknown."""
        atr = classic.atr(bars.high, bars.low, bars.close, ATR_BARS)
        known = np.isfinite(atr)
        stop = np.clip(self.stop_atr * np.where(known, atr, 0.0) / bars.close, self.stop_min, self.stop_max)
        size = np.minimum(self.risk_per_trade / stop, self.max_position)
        target = np.minimum(stop * self.target_ratio, 0.5)
        return np.where(known, stop, 0.0), np.where(known, target, 0.0), np.where(known, size, 0.0)


class Rule(BaseModel):
    """Base of the library. `tried` names, by parameter, the values a walk-forward may choose among."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="", description="What it is called in reports; the key it has in strategies.yaml.")
    risk: Risk = Field(default_factory=Risk)
    tried: dict[str, tuple[float | int, ...]] = Field(default_factory=dict[str, tuple[float | int, ...]])

    @property
    @abstractmethod
    def memory(self) -> int:
        """Bars its own indicators need before they have forgotten where they began."""

    @abstractmethod
    def wanted(self, bars: View) -> Wanted:
        """Where one symbol is wanted long, short, or no longer."""

    @property
    def warm_up(self) -> int:
        """See `desk.backtest.strategy.Strategy`."""
        return max(self.memory, wilder_memory(ATR_BARS)) + 1

    def plan(self, tape: Tape) -> Plan:
        """See `desk.backtest.strategy.Strategy`."""
        bars = [view(tape, symbol) for symbol in range(len(tape.symbols))]
        return planned(bars, [self.wanted(one) for one in bars], self.risk, self.warm_up)

    def variants(self) -> tuple[Self, ...]:
        """Itself, then every other combination of what is `tried`. Raises ValueError for one that is no strategy."""
        names = tuple(self.tried)
        whole = [self._with(dict(zip(names, values, strict=True))) for values in product(*self.tried.values())]
        return (self, *(one for one in whole if one != self))

    def parameters(self) -> Mapping[str, Any]:
        """Everything that shapes its wishes, as JSON has it."""
        return self.model_dump(mode="json", exclude={"name", "tried"})

    @property
    def label(self) -> str:
        """Its parameters in one line; those of the risk last."""
        own = {k: v for k, v in self.parameters().items() if k not in ("kind", "risk")}
        risk = {k: v for k, v in self.risk.model_dump(mode="json").items() if v != Risk.model_fields[k].default}
        return ", ".join(f"{name} {value:g}" for name, value in (own | risk).items())

    def _with(self, values: Mapping[str, Any]) -> Self:
        own = {name: value for name, value in values.items() if not name.startswith("risk.")}
        risk = {name.removeprefix("risk."): value for name, value in values.items() if name.startswith("risk.")}
        kept = {name: getattr(self, name) for name in type(self).model_fields}
        changed = self.risk.model_validate(self.risk.model_dump() | risk)
        return type(self).model_validate({**kept, **own, "risk": changed})

    @model_validator(mode="after")
    def _tries_what_it_has(self) -> Self:
        known = {*type(self).model_fields, *(f"risk.{name}" for name in Risk.model_fields)} - {"name", "risk", "tried"}
        strange = sorted(set(self.tried) - known)
        if strange:
            raise ValueError(f"tried: there is no parameter {strange[0]}")
        return self


def planned(bars: list[View], wanted: list[Wanted], risk: Risk, warm_up: int) -> Plan:
    """One plan of every symbol's wishes; nothing is wanted before the warm-up, or where the noise is not known."""
    enter = np.stack([_entries(one) for one in wanted], axis=1)
    leave = np.stack([_exits(one) for one in wanted], axis=1)
    stop, target, size = (np.stack(columns, axis=1) for columns in zip(*map(risk.distances, bars), strict=True))
    enter[: min(warm_up, len(enter))] = 0
    enter[size <= 0.0] = 0
    return plan(enter, leave=leave, stop=stop, target=target, size=size)


def _entries(wanted: Wanted) -> Wishes:
    long, short = wanted.long & ~wanted.leave_long, wanted.short & ~wanted.leave_short
    return long.astype(np.int8) - short.astype(np.int8)


def _exits(wanted: Wanted) -> Wishes:
    return (LEAVE_LONG * wanted.leave_long + LEAVE_SHORT * wanted.leave_short).astype(np.int8)
