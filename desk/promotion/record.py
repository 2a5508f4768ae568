"""What a candidate has to show: its days out of sample, net of every cost, beside those of whoever trades now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from desk.domain.errors import DataError
from desk.indicators.columns import Column


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Record:
    """`daily` returns as fractions, one a UTC day; `incumbent` the same days of whoever is to be replaced.

    `drawdown` is the deepest fall from a peak within those days. `tries` is how many strategies were tried on this
    data, this one among them, and `spread` the standard deviation of their daily Sharpe ratios. `peers` are the same
    days of others who must be beaten, by name.
    """

    daily: Column
    trades: int
    drawdown: float
    tries: int
    spread: float
    incumbent: Column | None = None
    peers: Mapping[str, Column] = field(default_factory=dict[str, Column])

    def __post_init__(self) -> None:
        """Refuse a record that compares different days. Raises DataError."""
        others = (*self.peers.values(), *(() if self.incumbent is None else (self.incumbent,)))
        if any(other.shape != self.daily.shape for other in others):
            raise DataError("a candidate and its incumbent are compared on the same days")
        if self.tries < 1:
            raise DataError("what is examined was tried at least once")


def daily_sharpe(daily: Column) -> float:
    """Mean over standard deviation of daily returns; zero where they do not vary."""
    spread = float(daily.std(ddof=1)) if len(daily) > 1 else 0.0
    return float(daily.mean()) / spread if spread > 0 else 0.0
