"""Does the model add anything? The crew's days less a shadow's, per month and in all, with the interval of the mean.

A day is a UTC day on which both accounts were seen; its return is from the last equity of the day seen before. Fewer
than ten days say nothing, and then there is no interval.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from desk.backtest.doubt import Interval, bootstrap
from desk.indicators.columns import Column

FEWEST_DAYS = 10
_BLOCK, _DRAWS = 5, 2_000
Curve = Mapping[date, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The crew less a shadow over some days. `crew` and `shadow` are total returns; `lead` is of the daily mean."""

    month: str
    days: int
    crew: float
    shadow: float
    lead: Interval | None

    @property
    def verdict(self) -> str:
        """What may be said of it."""
        if self.lead is None:
            return "too few days to judge"
        if self.lead.above_zero:
            return "the crew adds something"
        return "the crew costs something" if self.lead.high < 0.0 else "no difference proven"


def compare(crew: Curve, shadow: Curve, *, seed: int = 0) -> tuple[Difference, ...]:
    """Each month, oldest first, then all of it under an empty name; nothing where the two share no two days."""
    shared = sorted(crew.keys() & shadow.keys())
    if len(shared) < 2:
        return ()
    mine, theirs, days = daily_returns(crew, shared), daily_returns(shadow, shared), shared[1:]
    months = sorted({f"{day:%Y-%m}" for day in days})
    rows = [np.array([f"{day:%Y-%m}" == month for day in days]) for month in months]
    parts = [_difference(month, mine[row], theirs[row], seed) for month, row in zip(months, rows, strict=True)]
    return (*parts, _difference("", mine, theirs, seed))


def daily_returns(curve: Curve, days: Sequence[date]) -> Column:
    """The returns from each of these days to the next; zero from an account that is empty."""
    values = np.array([float(curve[day]) for day in days])
    before = values[:-1]
    return np.divide(values[1:] - before, before, out=np.zeros(len(before)), where=before > 0)


def _difference(month: str, crew: Column, shadow: Column, seed: int) -> Difference:
    lead = None
    if len(crew) >= FEWEST_DAYS:
        lead = bootstrap(crew - shadow, _mean, block=_BLOCK, draws=_DRAWS, seed=seed)
    return Difference(month=month, days=len(crew), crew=_total(crew), shadow=_total(shadow), lead=lead)


def _mean(values: Column) -> float:
    return float(values.mean())


def _total(returns: Iterable[float]) -> float:
    return float(np.prod(1.0 + np.asarray(list(returns))) - 1.0)
