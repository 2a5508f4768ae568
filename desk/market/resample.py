"""Longer bars out of shorter ones. A longer bar appears only when every moment of it has passed."""

from __future__ import annotations

import numpy as np

from desk.domain.errors import DataError
from desk.market.candles import Candles
from desk.market.intervals import interval_ms


def resample(candles: Candles, interval: str) -> Candles:
    """Bars of a longer `interval`, on its own UTC grid.

    A longer bar is built only from its complete set of shorter bars: the one still running at the end, the one cut off
    at the start, and any with a hole in it are left out. Raises DataError when `interval` is not a larger multiple, or
    when no longer bar is complete.
    """
    short, long = candles.step_ms, interval_ms(interval)
    if long <= short or long % short:
        raise DataError(f"{interval} bars cannot be made of {candles.interval} bars")
    bucket = candles.open_time // long
    first = np.flatnonzero(np.r_[True, bucket[1:] != bucket[:-1]])
    counts = np.diff(np.r_[first, len(candles)])
    whole = counts == long // short
    if not whole.any():
        raise DataError(f"no {interval} bar of {candles.symbol} is complete")
    last = first + counts - 1
    return Candles.from_columns(
        candles.symbol,
        interval,
        (bucket[first] * long)[whole],
        candles.open[first][whole],
        np.maximum.reduceat(candles.high, first)[whole],
        np.minimum.reduceat(candles.low, first)[whole],
        candles.close[last][whole],
        np.add.reduceat(candles.volume, first)[whole],
    )
