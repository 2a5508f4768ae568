"""Time that a recording skips: a venue halts, a recorder sleeps. Told, never filled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desk.indicators.columns import Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """Bars missing after the one that opened at `after_ms`."""

    after_ms: int
    missing: int


def holes_in(times: Times, step_ms: int) -> tuple[Hole, ...]:
    """Where bars that open at `times`, in order, leave out whole steps."""
    missing = np.diff(times) // step_ms - 1
    return tuple(Hole(after_ms=int(times[place]), missing=int(missing[place])) for place in np.flatnonzero(missing > 0))
