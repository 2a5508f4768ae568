"""The chart as a picture: candles with their averages, bands, levels, volume, RSI and MACD, dark and readable.

Equal candles give equal bytes on one installation: no clock, no random number and no software name enters the file.
It shows what the market did and where it turned, and no verdict: whoever looks at it comes to a view alone.
The drawing libraries take seconds to import: the first picture does it, not this module.
"""

from __future__ import annotations

from desk.domain.errors import DataError
from desk.market.candles import Candles
from desk.market.chart import MINIMUM_BARS, ChartReading
from desk.market.chart_canvas import draw

DEFAULT_BARS, FEWEST_BARS, MOST_BARS = 120, 20, 400


def render_chart(candles: Candles, reading: ChartReading | None = None, *, bars: int = DEFAULT_BARS) -> bytes:
    """A PNG of the newest `bars` candles. Averages are warmed up on the older ones, so give some 200 more.

    `reading` adds supports and resistances. Raises DataError below 60 candles or outside 20..400 bars.
    """
    if len(candles) < MINIMUM_BARS:
        raise DataError(f"{candles.symbol} {candles.interval}: {len(candles)} bars, a chart needs {MINIMUM_BARS}")
    if not FEWEST_BARS <= bars <= MOST_BARS:
        raise DataError(f"a readable chart shows {FEWEST_BARS} to {MOST_BARS} bars")
    return draw(candles, reading, min(bars, len(candles)))
