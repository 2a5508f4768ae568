"""What an indicator reads: columns of float64, oldest first, of any candle series that offers them."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]
Times = NDArray[np.int64]

# Ten digits hold any price Binance quotes, and drop the last bits, in which processors differ.
SIGNIFICANT_DIGITS = 10


class BarColumns(Protocol):
    """A candle series, as `desk.market.candles.Candles` is one."""

    @property
    def open_time(self) -> Times:
        """Start of each bar in ms UTC."""
        ...

    @property
    def open(self) -> Column:
        """Opening prices."""
        ...

    @property
    def high(self) -> Column:
        """Highest prices."""
        ...

    @property
    def low(self) -> Column:
        """Lowest prices."""
        ...

    @property
    def close(self) -> Column:
        """Closing prices."""
        ...

    @property
    def volume(self) -> Column:
        """Volumes in base asset."""
        ...


def significant(value: float, digits: int = SIGNIFICANT_DIGITS) -> float:
    """The value rounded to so many significant digits, so that equal data gives equal results on any processor."""
    return float(f"{value:.{digits}g}")


def newest(column: Column, back: int = 0) -> float | None:
    """The value `back` bars before the newest, rounded; None when there is none or it is not a finite number."""
    if len(column) <= back:
        return None
    value = float(column[-1 - back])
    return significant(value) if math.isfinite(value) else None
