"""Price and volume at every bar of a series at once, for study and backtests: what `live` would have said of each.

Price sigmas are those of a bar's high and low against the closes of the bars before it, as `detect.reach` has them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desk.indicators.columns import Column
from desk.market.candles import Candles
from desk.spikes.detect import SpikeParameters
from desk.spikes.noise import LEAST_LOG_VOLUME_SIGMA, LEAST_SIGMA, MAD_TO_SIGMA
from desk.spikes.rolling import rolling_centres, rolling_median


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NoiseColumns:
    """`Noise` before each bar; NaN where fewer than `window` bars came before the recent ones."""

    sigma: Column
    log_volume: Column
    log_volume_sigma: Column


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Excess:
    """Size over threshold at each bar, from 0 on; at 1 and more an alarm is raised."""

    up: Column
    down: Column
    volume: Column


def noise_columns(candles: Candles, window: int, recent: int) -> NoiseColumns:
    """What was usual for each bar: `measure_noise` of the bars up to it."""
    size = len(candles)
    # The newest bar is one of the recent: of the bars before it, the newest `recent - 1` are left out too.
    first = window + recent - 1
    columns = [np.full(size, np.nan) for _ in range(3)]
    if size > first:
        columns[0][first:] = rolling_median(np.abs(np.diff(np.log(candles.close))), window - 1)[: size - first]
        usual, spread = rolling_centres(np.log1p(candles.volume), window)
        columns[1][first:], columns[2][first:] = usual[: size - first], spread[: size - first]
    return NoiseColumns(
        sigma=np.maximum(MAD_TO_SIGMA * columns[0], LEAST_SIGMA),
        log_volume=columns[1],
        log_volume_sigma=np.maximum(MAD_TO_SIGMA * columns[2], LEAST_LOG_VOLUME_SIGMA),
    )


def excess_columns(candles: Candles, noise: NoiseColumns, parameters: SpikeParameters) -> Excess:
    """How far each bar went beyond the thresholds of price and volume; 0 where that is not known."""
    close, high, low = (np.log(column) for column in (candles.close, candles.high, candles.low))
    up, down = np.zeros(len(close)), np.zeros(len(close))
    least = parameters.price_floor_pct / 100
    for length in range(1, min(parameters.recent_bars, len(close) - 1) + 1):
        base = np.r_[np.full(length, np.nan), close[:-length]]
        scale = noise.sigma * np.sqrt(length) * parameters.price_sigma
        for far, best in ((high - base, up), (base - low, down)):
            # The floor is of the price and not of its logarithm: a fall of 0.3 % is a longer way than a climb.
            share = np.expm1(far) if best is up else -np.expm1(-far)
            np.fmax(best, np.where(share >= least, far / scale, 0.0), out=best)
    loud = (np.log1p(candles.volume) - noise.log_volume) / noise.log_volume_sigma / parameters.volume_sigma
    return Excess(up=up, down=down, volume=np.nan_to_num(np.maximum(loud, 0.0)))
