"""Indicators that TA-Lib does not have: VWAP, Keltner, volume ratio, the rank of a squeeze."""

from __future__ import annotations

import numpy as np

from desk.indicators import classic
from desk.indicators.columns import BarColumns, Column

DAY_MS = 86_400_000


def typical_price(bars: BarColumns) -> Column:
    """(high + low + close) / 3."""
    return (bars.high + bars.low + bars.close) / 3.0


def rolling_vwap(bars: BarColumns, period: int = 20) -> Column:
    """Volume-weighted typical price of the last `period` bars; NaN where nothing traded."""
    traded = classic.total(bars.volume, period)
    spent = classic.total(typical_price(bars) * bars.volume, period)
    return np.divide(spent, traded, out=np.full(len(traded), np.nan), where=traded > 0)


def session_vwap(bars: BarColumns) -> Column:
    """Volume-weighted typical price since 00:00 UTC of each bar's own day; NaN where nothing traded."""
    size = len(bars.close)
    if size == 0:
        return np.empty(0)
    days = bars.open_time // DAY_MS
    first = np.r_[True, days[1:] != days[:-1]]
    start = np.maximum.accumulate(np.where(first, np.arange(size), 0))
    traded, spent = np.cumsum(bars.volume), np.cumsum(typical_price(bars) * bars.volume)
    before = start - 1
    traded = traded - np.where(before >= 0, traded[before], 0.0)
    spent = spent - np.where(before >= 0, spent[before], 0.0)
    return np.divide(spent, traded, out=np.full(size, np.nan), where=traded > 0)


def keltner(bars: BarColumns, period: int = 20, width: float = 2.0) -> tuple[Column, Column, Column]:
    """Upper, middle and lower Keltner line: EMA of the close plus and minus `width` ATRs of ten bars."""
    middle = classic.ema(bars.close, period)
    reach = width * classic.atr(bars.high, bars.low, bars.close, 10)
    return middle + reach, middle, middle - reach


def bollinger_width_pct(close: Column, period: int = 20) -> Column:
    """Distance of the upper to the lower Bollinger band in per cent of the middle one."""
    upper, middle, lower = classic.bollinger(close, period)
    return (upper - lower) / middle * 100.0


def rank_of_newest(column: Column, window: int = 120) -> float | None:
    """Share of the last `window` values below the newest, in [0, 1]; None with fewer than twenty to compare with."""
    recent = column[-window:]
    recent = recent[np.isfinite(recent)]
    if len(recent) < 21 or not np.isfinite(column[-1]):
        return None
    below = int(np.count_nonzero(recent[:-1] < recent[-1]))
    return round(below / (len(recent) - 1), 4)


def volume_ratio(volume: Column, period: int = 20) -> float | None:
    """The newest volume over the mean of the `period` bars before it; None with fewer bars, or when none traded."""
    if len(volume) <= period:
        return None
    usual = float(np.mean(volume[-1 - period : -1]))
    return round(float(volume[-1]) / usual, 4) if usual > 0 else None


def slope_share(column: Column, scale: Column, period: int = 20) -> float | None:
    """How much of what moved in `period` bars moved one way, in [-1, 1]: net change over the sum of `scale`."""
    if len(column) <= period:
        return None
    moved = float(np.sum(np.abs(scale[-period:])))
    return round(float(column[-1] - column[-1 - period]) / moved, 4) if moved > 0 else 0.0
