"""TA-Lib without pandas: it wraps its functions for data frames where it finds them, and so loads them to know.

That costs every cold process more than a second, for columns that are plain arrays.
"""

from __future__ import annotations

from desk.indicators.absent import absent

with absent("pandas", "polars"):
    import talib

__all__ = ["talib"]
