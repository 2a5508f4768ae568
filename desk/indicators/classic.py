"""The textbook indicators as TA-Lib computes them: columns as long as their input, NaN until history suffices.

Nobody else calls TA-Lib. Its functions never raise for short input, however short. Definitions: J. Welles
Wilder, *New Concepts in Technical Trading Systems* (RSI, ATR, ADX); G. Appel (MACD); J. Bollinger (bands); G. Lane
(stochastic); D. Lambert (CCI).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from desk.indicators.columns import Column
from desk.indicators.library import talib


def _unknown(like: Column) -> Column:
    return np.full(len(like), np.nan)


def _no_range(high: Column, low: Column, period: int) -> NDArray[np.bool_]:
    """Where the price stood still for `period` bars: a place within the range is then unknown, not zero."""
    return highest(high, period) == lowest(low, period)


def ema(values: Column, period: int) -> Column:
    """Exponential average, seeded with the simple average of the first `period` values."""
    return talib.EMA(values, period) if len(values) >= period else _unknown(values)


def sma(values: Column, period: int) -> Column:
    """Simple average."""
    return talib.SMA(values, period) if len(values) >= period else _unknown(values)


def macd(close: Column) -> tuple[Column, Column, Column]:
    """MACD 12/26/9: line, signal, histogram, in price units."""
    if len(close) < 34:
        return _unknown(close), _unknown(close), _unknown(close)
    return talib.MACD(close, 12, 26, 9)


def rsi(close: Column, period: int = 14) -> Column:
    """Relative strength, 0..100. A series that never moved has no strength to compare: 50."""
    if len(close) <= period:
        return _unknown(close)
    column = talib.RSI(close, period)
    # TA-Lib answers 0 for a flat series, which would read as the deepest oversold there is.
    still = sma(np.abs(np.diff(close, prepend=close[0])), period) == 0
    return np.where(still & (column == 0), 50.0, column)


def bollinger(close: Column, period: int = 20, width: float = 2.0) -> tuple[Column, Column, Column]:
    """Upper, middle and lower band: average plus and minus `width` population deviations."""
    if len(close) < period:
        return _unknown(close), _unknown(close), _unknown(close)
    return talib.BBANDS(close, period, width, width)


def atr(high: Column, low: Column, close: Column, period: int = 14) -> Column:
    """Average true range in price units, Wilder's smoothing."""
    return talib.ATR(high, low, close, period) if len(close) > period else _unknown(close)


def adx(high: Column, low: Column, close: Column, period: int = 14) -> tuple[Column, Column, Column]:
    """ADX, +DI and -DI, each 0..100."""
    strength = talib.ADX(high, low, close, period) if len(close) >= 2 * period else _unknown(close)
    if len(close) <= period:
        return strength, _unknown(close), _unknown(close)
    return strength, talib.PLUS_DI(high, low, close, period), talib.MINUS_DI(high, low, close, period)


def obv(close: Column, volume: Column) -> Column:
    """On-balance volume in base asset, counted from the first bar at hand."""
    return talib.OBV(close, volume) if len(close) else _unknown(close)


def stochastic(high: Column, low: Column, close: Column) -> tuple[Column, Column]:
    """Slow stochastic 14/3/3: %K and %D, 0..100; NaN where the price stood still."""
    if len(close) < 18:
        return _unknown(close), _unknown(close)
    simple = talib.MA_Type.SMA
    fast, slow = talib.STOCH(high, low, close, 14, 3, simple, 3, simple)
    still = _no_range(high, low, 14)
    return np.where(still, np.nan, fast), np.where(still, np.nan, slow)


def cci(high: Column, low: Column, close: Column, period: int = 20) -> Column:
    """Commodity channel index."""
    return talib.CCI(high, low, close, period) if len(close) >= period else _unknown(close)


def mfi(high: Column, low: Column, close: Column, volume: Column, period: int = 14) -> Column:
    """Money flow index, 0..100; NaN where nothing traded."""
    if len(close) <= period:
        return _unknown(close)
    return np.where(total(volume, period) > 0, talib.MFI(high, low, close, volume, period), np.nan)


def roc(close: Column, period: int = 10) -> Column:
    """Rate of change in per cent."""
    return talib.ROC(close, period) if len(close) > period else _unknown(close)


def williams_r(high: Column, low: Column, close: Column, period: int = 14) -> Column:
    """Williams %R, -100..0; NaN where the price stood still."""
    if len(close) < period:
        return _unknown(close)
    return np.where(_no_range(high, low, period), np.nan, talib.WILLR(high, low, close, period))


def highest(values: Column, period: int) -> Column:
    """Highest of the last `period` values."""
    return talib.MAX(values, period) if len(values) >= period else _unknown(values)


def lowest(values: Column, period: int) -> Column:
    """Lowest of the last `period` values."""
    return talib.MIN(values, period) if len(values) >= period else _unknown(values)


def deviation(values: Column, period: int) -> Column:
    """Population standard deviation of the last `period` values."""
    return talib.STDDEV(values, period, 1.0) if len(values) >= period else _unknown(values)


def total(values: Column, period: int) -> Column:
    """Sum of the last `period` values."""
    return talib.SUM(values, period) if len(values) >= period else _unknown(values)
