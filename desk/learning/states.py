"""Figures cut into a few cells each, and all cells of a moment into one number: the state of the market.

A needed figure that is unknown makes the whole state unknown, and the learner says nothing there. A figure that may be
missing has a cell of its own for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from desk.domain.errors import DataError
from desk.indicators.columns import Column

VERSION = 1
"""Raised by whoever changes a figure, an edge or a word, so that no table is read in a world it did not learn in."""

UNKNOWN = -1
States = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One figure: it falls into cell k where k of the `edges` are at or below it. `words` name the cells."""

    name: str
    edges: tuple[float, ...]
    words: tuple[str, ...]
    needed: bool = True

    @property
    def cells(self) -> int:
        """How many cells there are; the last is `unknown` where the figure may be missing."""
        return len(self.edges) + 1 + (not self.needed)

    def digits(self, column: Column) -> States:
        """The cell of each value."""
        found = np.searchsorted(np.array(self.edges), column, side="right").astype(np.int32)
        return np.where(np.isnan(column), UNKNOWN if self.needed else self.cells - 1, found).astype(np.int32)

    def word(self, digit: int) -> str:
        """What a cell is called."""
        return self.words[digit] if digit < len(self.words) else "unknown"


_DIRECTION = ("falling", "flat", "rising")

FACTORS: Mapping[str, Factor] = MappingProxyType(
    {
        factor.name: factor
        for factor in (
            Factor(name="trend", edges=(-0.25, 0.25), words=_DIRECTION),
            Factor(name="momentum", edges=(-0.5, 0.5), words=_DIRECTION),
            Factor(name="rsi", edges=(30.0, 70.0), words=("oversold", "middle", "overbought")),
            Factor(name="macd", edges=(0.0,), words=("below", "above")),
            Factor(name="volatility", edges=(-0.4, 0.4), words=("calm", "usual", "wild")),
            Factor(name="regime", edges=(0.5, 1.5, 2.5), words=("bull", "bear", "sideways", "volatile")),
            Factor(name="leader_trend", edges=(-0.25, 0.25), words=_DIRECTION, needed=False),
            Factor(name="leader_correlation", edges=(0.3, 0.7), words=("apart", "loose", "tight"), needed=False),
            Factor(name="fear_greed", edges=(40.0, 60.0), words=("fear", "neutral", "greed"), needed=False),
        )
    }
)


@dataclass(frozen=True)
class StateSpace:
    """Some factors in one order; a state is their cells as digits of one number, the first factor leading."""

    factors: tuple[Factor, ...]

    @staticmethod
    def of(names: Sequence[str]) -> StateSpace:
        """The space of these figures. Raises DataError for none, a name twice, or one nobody knows."""
        if not names or len(set(names)) != len(names) or not set(names) <= FACTORS.keys():
            raise DataError(f"a state is made of different figures among {', '.join(FACTORS)}")
        return StateSpace(tuple(FACTORS[name] for name in names))

    @property
    def names(self) -> tuple[str, ...]:
        """The figures, in order."""
        return tuple(factor.name for factor in self.factors)

    @cached_property
    def size(self) -> int:
        """How many states there are."""
        return prod(factor.cells for factor in self.factors)

    def encode(self, columns: Mapping[str, Column]) -> States:
        """The state at each bar, UNKNOWN where a needed figure is."""
        digits = [factor.digits(columns[factor.name]) for factor in self.factors]
        state = np.zeros(len(digits[0]), dtype=np.int32)
        for factor, column in zip(self.factors, digits, strict=True):
            state = (state * factor.cells + np.maximum(column, 0)).astype(np.int32)
        dark = np.logical_or.reduce([column == UNKNOWN for column in digits])
        return np.where(dark, UNKNOWN, state).astype(np.int32)

    def words(self, state: int) -> dict[str, str]:
        """A state in words, figure by figure."""
        found: dict[str, str] = {}
        for factor in reversed(self.factors):
            state, digit = divmod(state, factor.cells)
            found[factor.name] = factor.word(digit)
        return dict(reversed(found.items()))


SPACES: Mapping[str, StateSpace] = MappingProxyType(
    {"enriched": StateSpace.of(tuple(FACTORS)), "lean": StateSpace.of(("trend", "rsi", "volatility", "regime"))}
)
