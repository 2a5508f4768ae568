"""The symbol's own noise: what a normal bar is, so that a spike is measured in what this symbol usually does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desk.domain.errors import DataError
from desk.indicators.columns import Column, significant
from desk.market.candles import Candles

# Median absolute deviation times this is the deviation of a normal distribution.
_MAD_TO_SIGMA = 1.4826
# No symbol is so quiet that a move of two basis points a bar is an event.
_LEAST_SIGMA = 2e-4
_LEAST_LOG_VOLUME_SIGMA = 0.25
# Volatility comes in clusters: in a wild hour, that hour is what is usual.
_LATELY = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """A usual bar: deviation of the log return, centre and deviation of log volume.

    All robust: a spike of yesterday does not hide one of today.
    """

    sigma: float
    log_volume: float
    log_volume_sigma: float


def measure_noise(candles: Candles, window: int, recent: int) -> Noise:
    """Noise of up to `window` bars before the newest `recent`. Raises DataError with fewer than 30 of them."""
    end = len(candles) - recent
    start = max(0, end - window)
    if end - start < 30:
        raise DataError(f"{candles.symbol} {candles.interval}: {len(candles)} bars are too few to know what is usual")
    returns = np.diff(np.log(candles.close[start:end]))
    volume = np.log1p(candles.volume[start:end])
    return Noise(
        sigma=significant(
            max(_spread(returns), _spread(returns[-_LATELY:]), 0.5 * float(np.std(returns)), _LEAST_SIGMA), 8
        ),
        log_volume=significant(float(np.median(volume)), 8),
        log_volume_sigma=significant(max(_spread(volume), _LEAST_LOG_VOLUME_SIGMA), 8),
    )


def _spread(values: Column) -> float:
    return _MAD_TO_SIGMA * float(np.median(np.abs(values - np.median(values))))
