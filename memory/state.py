"""A market as a short vector, so that one moment can be found again by what it was like and not by its date.

Returns over four spans in units of the market's own noise, short against long volatility, volume, book, funding, the
leader's move, and the regime. Each part is held to [-1, 1]; a part that cannot be known is zero. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from desk.domain.errors import DataError
from desk.market.snapshot import Snapshot
from desk.regime.values import Regime

_SPANS = (1, 4, 16, 64)
_SHORT, _LONG = 16, 120
_FUNDING_FULL = 0.0005  # a rate of 0.05 % for eight hours is extreme
_REGIMES = tuple(Regime)

Vector = tuple[float, ...]


def market_state(snapshot: Snapshot, interval: str, regime: str) -> Vector:
    """The vector of a snapshot on one interval. `regime` is a regime's name, or empty where none was told.

    Raises DataError when the snapshot has no candles of this interval.
    """
    candles = snapshot.candles(interval)
    steps = np.diff(np.log(candles.close[-(_LONG + 1) :]))
    volume = candles.volume[-_LONG:]
    short = _ratio(float(np.std(steps[-_SHORT:])), float(np.std(steps))) if steps.size > _SHORT else 0.0
    told = [1.0 if regime == one.value else 0.0 for one in _REGIMES]
    return (
        *_returns(steps),
        short,
        _ratio(float(np.mean(volume[-_SHORT:])), float(np.mean(volume))) if volume.size > _SHORT else 0.0,
        _book(snapshot),
        math.tanh(float(snapshot.mark.funding_rate) / _FUNDING_FULL),
        _leader(snapshot, interval),
        *told,
    )


def _returns(steps: Sequence[float] | np.ndarray[tuple[int], np.dtype[np.float64]]) -> Vector:
    """Moves over each span, in units of what noise would have moved it."""
    taken = np.asarray(steps, dtype=np.float64)
    noise = float(np.std(taken)) if taken.size else 0.0
    if noise <= 0.0:
        return tuple(0.0 for _ in _SPANS)
    return tuple(math.tanh(float(np.sum(taken[-span:])) / (noise * math.sqrt(span)) / 2.0) for span in _SPANS)


def _ratio(part: float, whole: float) -> float:
    """How much more a part is than the whole, in [-1, 1]."""
    return math.tanh(math.log(part / whole)) if part > 0.0 and whole > 0.0 else 0.0


def _book(snapshot: Snapshot) -> float:
    bids = sum(float(level.quantity) for level in snapshot.book.bids)
    asks = sum(float(level.quantity) for level in snapshot.book.asks)
    return (bids - asks) / (bids + asks) if bids + asks > 0.0 else 0.0


def _leader(snapshot: Snapshot, interval: str) -> float:
    """The first reference's move over the third span, in its own noise."""
    for reference in snapshot.references:
        try:
            candles = snapshot.candles(interval, reference.symbol)
        except DataError:
            continue
        return _returns(np.diff(np.log(candles.close[-(_LONG + 1) :])))[2]
    return 0.0
