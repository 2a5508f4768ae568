"""Lays out the panels of a chart with mplfinance and returns them as PNG bytes."""

from __future__ import annotations

import io
import threading
from typing import Any

import numpy as np

from desk.indicators import classic
from desk.indicators.columns import Column
from desk.market.candles import Candles
from desk.market.chart import ChartReading
from desk.market.chart_marks import annotate
from desk.market.chart_palette import BAND, DOWN, EMA, FAINT, GRID, INK, PAPER, SIGNAL, STRENGTH, UP, library

_SIZE = (12.8, 8.0)
_DPI = 100
# pyplot keeps its figures in one registry for all threads.
_ONE_AT_A_TIME = threading.Lock()


def draw(candles: Candles, reading: ChartReading | None, bars: int) -> bytes:
    """PNG bytes of the newest `bars` candles."""
    shown = slice(len(candles) - bars, len(candles))
    with _ONE_AT_A_TIME:
        pyplot = library("matplotlib.pyplot")
        pyplot.switch_backend("Agg")  # files only: no window, whatever the machine offers
        figure, axes = library("mplfinance").plot(
            _frame(candles, shown),
            type="candle",
            style=_style(),
            addplot=_overlays(candles, shown),
            volume=True,
            volume_panel=1,
            panel_ratios=(6, 1.4, 1.6, 1.6),
            figsize=_SIZE,
            xrotation=0,
            datetime_format="%d %b %H:%M" if candles.step_ms < 86_400_000 else "%d %b %Y",
            tight_layout=False,
            scale_padding={"left": 0.25, "right": 0.75, "top": 0.72, "bottom": 0.42},
            update_width_config={"candle_linewidth": 0.9, "candle_width": 0.62, "volume_width": 0.62},
            ylabel="",
            ylabel_lower="",
            returnfig=True,
        )
        try:
            annotate(figure, axes, candles, reading, bars)
            return _png(figure)
        finally:
            pyplot.close(figure)


def _png(figure: Any) -> bytes:  # noqa: ANN401 - matplotlib's figure, untyped
    buffer = io.BytesIO()
    # Without a software name the bytes depend on the picture alone.
    figure.savefig(buffer, format="png", dpi=_DPI, facecolor=PAPER, metadata={"Software": None})
    return buffer.getvalue()


def _style() -> Any:  # noqa: ANN401 - mplfinance's style is a plain dict of its own
    mpf = library("mplfinance")
    market = mpf.make_marketcolors(
        up=UP, down=DOWN, edge="inherit", wick="inherit", volume={"up": "#1d6f68", "down": "#8f3a38"}
    )
    return mpf.make_mpf_style(
        base_mpf_style="nightclouds",
        marketcolors=market,
        facecolor=PAPER,
        figcolor=PAPER,
        edgecolor=GRID,
        gridcolor=GRID,
        gridstyle="-",
        y_on_right=True,
        rc={
            "font.family": "DejaVu Sans",
            "font.size": 9,
            "axes.labelcolor": FAINT,
            "xtick.color": FAINT,
            "ytick.color": FAINT,
            "text.color": INK,
        },
    )


def _frame(candles: Candles, shown: slice) -> Any:  # noqa: ANN401 - a pandas frame, untyped
    columns = {
        "Open": candles.open[shown],
        "High": candles.high[shown],
        "Low": candles.low[shown],
        "Close": candles.close[shown],
        "Volume": candles.volume[shown],
    }
    pd = library("pandas")
    index = pd.to_datetime(candles.open_time[shown], unit="ms")
    return pd.DataFrame({name: np.array(column) for name, column in columns.items()}, index=index)


def _overlays(candles: Candles, shown: slice) -> list[Any]:
    mpf, close = library("mplfinance"), candles.close
    upper, _, lower = classic.bollinger(close)
    line, signal, histogram = (column[shown] for column in classic.macd(close))
    plots = [_line(upper[shown], BAND, width=0.8), _line(lower[shown], BAND, width=0.8)]
    plots += [_line(classic.ema(close, period)[shown], color, width=1.2) for period, color in EMA.items()]
    plots.append(_line(classic.rsi(close)[shown], STRENGTH, panel=2, width=1.1))
    colors = [UP if value >= 0 else DOWN for value in np.nan_to_num(histogram)]
    if np.isfinite(histogram).any():
        bar = mpf.make_addplot(histogram, type="bar", panel=3, color=colors, alpha=0.55, width=0.62, secondary_y=False)
        plots.append(bar)
    plots.append(_line(line, EMA[21], panel=3, width=1.1))
    plots.append(_line(signal, SIGNAL, panel=3, width=1.1))
    return [plot for plot in plots if plot is not None]


def _line(column: Column, color: str, *, width: float, panel: int = 0) -> Any:  # noqa: ANN401 - mplfinance's plot dict
    if not np.isfinite(column).any():
        return None
    return library("mplfinance").make_addplot(column, color=color, width=width, panel=panel, secondary_y=False)
