"""What is written on a chart: title, names, levels, bounds and the last price, each where it can be read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from desk.indicators import classic
from desk.market.candles import Candles
from desk.market.chart import ChartReading
from desk.market.chart_palette import BAND, DOWN, EMA, FAINT, INK, PAPER, STRENGTH, UP, library
from desk.market.swings import PriceLevel

# Labels nearer than this share of the panel would be written over each other.
_LABEL_GAP = 0.035


def annotate(figure: Any, axes: Any, candles: Candles, reading: ChartReading | None, bars: int) -> None:  # noqa: ANN401
    """Names, levels, bounds and the title. Positions are in axes fractions, so no text depends on the data."""
    price, volume, rsi, macd = axes[0], axes[2], axes[4], axes[6]
    _shade_bands(price, candles, bars)
    _title(figure, candles)
    _legend(price)
    for axis, name in ((volume, "Volume"), (rsi, "RSI 14"), (macd, "MACD 12 26 9")):
        axis.text(0.006, 0.93, name, transform=axis.transAxes, color=FAINT, va="top", fontsize=8.5)
    rsi.set_ylim(0, 100)
    rsi.set_yticks([30, 50, 70])
    rsi.axhspan(30, 70, color=STRENGTH, alpha=0.06, lw=0)
    for bound in (30, 70):
        rsi.axhline(bound, color=FAINT, lw=0.7, ls="--", alpha=0.6)
    macd.axhline(0, color=FAINT, lw=0.7, alpha=0.6)
    _ticks(price, volume, macd)
    if reading is not None:
        _levels(price, reading.supports, UP, "S")
        _levels(price, reading.resistances, DOWN, "R")
    _last_price(price, candles)


def _ticks(price: Any, volume: Any, macd: Any) -> None:  # noqa: ANN401
    """Few numbers, none at a panel's edge where its neighbour's would run into it."""
    ticker = library("matplotlib.ticker")
    for axis, count in ((price, 9), (volume, 3), (macd, 3)):
        axis.yaxis.set_major_locator(ticker.MaxNLocator(count, prune="both"))
    price.yaxis.set_major_formatter(ticker.FuncFormatter(_tick))
    volume.set_ylabel("")  # mplfinance writes a power of ten there; the ticks say it themselves
    volume.yaxis.set_major_formatter(ticker.EngFormatter(sep=""))


def _tick(value: float, _place: int | None) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.5g}"


def _shade_bands(axis: Any, candles: Candles, bars: int) -> None:  # noqa: ANN401 - matplotlib's axes, untyped
    upper, _, lower = classic.bollinger(candles.close)
    axis.fill_between(np.arange(bars), lower[-bars:], upper[-bars:], color=BAND, alpha=0.09, lw=0)


def _title(figure: Any, candles: Candles) -> None:  # noqa: ANN401
    figure.text(
        0.03, 0.965, f"{candles.symbol}  {candles.interval}", fontsize=15, fontweight="bold", color=INK, va="center"
    )
    closed = datetime.fromtimestamp((int(candles.open_time[-1]) + candles.step_ms) / 1000, UTC)
    figure.text(0.2, 0.965, f"closed {closed:%Y-%m-%d %H:%M} UTC", fontsize=9.5, color=FAINT, va="center")


def _legend(axis: Any) -> None:  # noqa: ANN401
    names = [(f"EMA {period}", color) for period, color in EMA.items()] + [("Bollinger 20 2", BAND)]
    for place, (name, color) in enumerate(names):
        axis.text(0.002 + 0.06 * place, 1.012, name, transform=axis.transAxes, color=color, va="bottom", fontsize=9)


def _levels(axis: Any, levels: tuple[PriceLevel, ...], color: str, letter: str) -> None:  # noqa: ANN401
    """Dashed lines, thicker for better levels; a label only where it does not run into the one before."""
    low, high = axis.get_ylim()
    labelled: list[float] = []
    for level in levels:
        if not low < level.price < high:
            continue
        weight = {"lw": 0.5 + 1.0 * level.score, "alpha": 0.25 + 0.4 * level.score}
        axis.axhline(level.price, color=color, ls=(0, (6, 4)), **weight)
        if all(abs(level.price - other) > _LABEL_GAP * (high - low) for other in labelled):
            labelled.append(level.price)
            _label(axis, level.price, f"{letter} {_price(level.price)} ×{level.touches}", color)


def _label(axis: Any, price: float, text: str, color: str) -> None:  # noqa: ANN401
    place = {"xycoords": ("axes fraction", "data"), "xytext": (0, 2), "textcoords": "offset points"}
    axis.annotate(text, (0.004, price), color=color, fontsize=8, va="bottom", annotation_clip=True, **place)


def _last_price(axis: Any, candles: Candles) -> None:  # noqa: ANN401
    last = candles.last_close
    color = UP if last >= candles.open[-1] else DOWN
    axis.axhline(last, color=color, lw=0.8, ls=":", alpha=0.9)
    axis.annotate(
        _price(last),
        (1.0, last),
        xycoords=("axes fraction", "data"),
        xytext=(3, 0),
        textcoords="offset points",
        color=PAPER,
        fontsize=9,
        fontweight="bold",
        va="center",
        zorder=10,
        bbox={"boxstyle": "square,pad=0.25", "facecolor": color, "edgecolor": "none"},
    )


def _price(value: float) -> str:
    """A price with as many decimals as its size calls for."""
    decimals = 2 if value >= 100 else 4 if value >= 1 else 6
    return f"{value:,.{decimals}f}"
