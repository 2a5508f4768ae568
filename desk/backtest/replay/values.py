"""What a replay tells: its trades, what the guard said to each wish, and what came otherwise than in the sweep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from desk.domain.moments import from_ms


@dataclass(slots=True)
class BarClock:
    """The market's own time in ms UTC, for exchange and guard alike; it stands still between two quotes."""

    ms: int
    began: int

    def now(self) -> datetime:
        """Aware UTC."""
        return from_ms(self.ms).astimezone(UTC)

    def monotonic(self) -> float:
        """Seconds since the replay began."""
        return (self.ms - self.began) / 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """One position from its first fill to its last. `net` has fees and funding taken off; `note` is the guard's."""

    symbol: str
    side: int
    quantity: Decimal
    entry_row: int
    exit_row: int
    entry_price: Decimal
    exit_price: Decimal
    fees: Decimal
    funding: Decimal
    net: Decimal
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the guard said to one wish: the row it was acted on, and the rule that refused or reduced it, if any."""

    row: int
    symbol: str
    action: str
    rule: str
    refused: bool
    reduced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that came otherwise. `sweep` and `replay` are what either says; `cause` is why."""

    row: int
    symbol: str
    what: str
    sweep: str
    replay: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A whole replay. `resets` counts how often an operator had to open a locked desk again."""

    trades: tuple[Filled, ...]
    answers: tuple[Answer, ...]
    equity: Decimal
    bars: int
    looks: int
    resets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Sweep and replay side by side. `same` trades agree in everything, within a tick of price and a step of size."""

    sweep: int
    replay: int
    same: int
    differences: tuple[Difference, ...]
    causes: Mapping[str, int]
    sweep_return: float
    replay_return: float
    resets: int = 0

    @property
    def equal(self) -> bool:
        """Whether nothing came otherwise."""
        return not self.differences
