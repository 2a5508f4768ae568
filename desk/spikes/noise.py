"""The symbol's own noise: what a normal bar is, so that a spike is measured in what this symbol usually does.

Medians only: a spike of yesterday does not hide one of today. Half a day of minutes is the window that told spikes best
in 2023 (decision 17): a shorter one takes the beginning of a spike for what is usual.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desk.domain.errors import DataError
from desk.indicators.columns import Column, significant
from desk.market.candles import Candles

FEWEST_BARS = 30
# Median absolute deviation times this is the deviation of a normal distribution.
MAD_TO_SIGMA = 1.4826
# No symbol is so quiet that a move of two basis points a bar is an event.
LEAST_SIGMA = 2e-4
LEAST_LOG_VOLUME_SIGMA = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """A usual bar: deviation of the log return around zero, centre and deviation of log volume."""

    sigma: float
    log_volume: float
    log_volume_sigma: float


def measure_noise(candles: Candles, window: int, recent: int) -> Noise:
    """Noise of up to `window` bars before the newest `recent`. Raises DataError with fewer than 30 of them."""
    end = len(candles) - recent
    start = max(0, end - window)
    if end - start < FEWEST_BARS:
        raise DataError(f"{candles.symbol} {candles.interval}: {len(candles)} bars are too few to know what is usual")
    return noise_of(candles.close[start:end], candles.volume[start:end])


def noise_of(close: Column, volume: Column) -> Noise:
    """Noise of these bars, at least two of them."""
    returns, volumes = np.diff(np.log(close)), np.log1p(volume)
    usual = float(np.median(volumes))
    spread = MAD_TO_SIGMA * float(np.median(np.abs(volumes - usual)))
    return Noise(
        sigma=significant(max(MAD_TO_SIGMA * float(np.median(np.abs(returns))), LEAST_SIGMA), 8),
        log_volume=significant(usual, 8),
        log_volume_sigma=significant(max(spread, LEAST_LOG_VOLUME_SIGMA), 8),
    )
