"""Six facts of every bar of a series, each in [-1, 1]; NaN until history suffices. The streaming form is `stream`.

    SLOPE       EMA 21 over 10 bars, in units of 3 ATR
    ALIGNMENT   how far close, EMA 9, 21 and 50 stand apart in one order, each step in ATR and at most 1, averaged
    EFFICIENCY  net move of 20 bars over the path they walked (Kaufman), doubled
    VOLATILITY  where ATR 14 over the close ranks among its last 250 values, -1 calmest, +1 wildest
    BAND_WIDTH  the same for the Bollinger width of 20 bars
    VOLUME      volume of the last 5 bars against the 50 before, on a log scale: +1 is e times the usual

Every scale is relative to the symbol's own past, so that one rule serves every symbol and every interval.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from desk.indicators import classic
from desk.indicators.columns import Column
from desk.market.candles import Candles
from desk.regime.values import EvidenceCode

DIRECTED = (EvidenceCode.SLOPE, EvidenceCode.ALIGNMENT, EvidenceCode.EFFICIENCY)
UNDIRECTED = (EvidenceCode.VOLATILITY, EvidenceCode.BAND_WIDTH, EvidenceCode.VOLUME)
FACTS = DIRECTED + UNDIRECTED

SLOPE_BARS, PATH_BARS, BAND_BARS = 10, 20, 20
VOLUME_BARS, USUAL_VOLUME_BARS = 5, 50
RANK_WINDOW, FEWEST_RANKED = 250, 30
# Ranked values that differ only in the last bits are equal.
RANK_DIGITS = 12

Table = NDArray[np.float64]


def fact_table(candles: Candles) -> Table:
    """A row for each bar, a column for each of FACTS in order; a row is NaN until all of them are known."""
    close = candles.close
    atr = classic.atr(candles.high, candles.low, close)
    columns = (
        _slope(close, atr),
        _alignment(close, atr),
        _efficiency(close),
        _ranks(atr / close),
        _ranks(_band_width(close)),
        _volume(candles.volume),
    )
    table = np.column_stack(columns)
    table[np.isnan(table).any(axis=1)] = np.nan
    return table


def _slope(close: Column, atr: Column) -> Column:
    average = classic.ema(close, 21)
    return _unit(_share(_change(average, SLOPE_BARS), 3 * atr))


def _alignment(close: Column, atr: Column) -> Column:
    nine, middle, slow = (classic.ema(close, period) for period in (9, 21, 50))
    steps = (close - nine, nine - middle, middle - slow)
    return sum((_unit(_share(step, atr)) for step in steps), np.zeros(len(close))) / 3


def _efficiency(close: Column) -> Column:
    path = np.full(len(close), np.nan)
    if len(close) > PATH_BARS:
        path[PATH_BARS:] = sliding_window_view(np.abs(np.diff(close)), PATH_BARS).sum(axis=1)
    return _unit(_share(2 * _change(close, PATH_BARS), path))


def _band_width(close: Column) -> Column:
    width = np.full(len(close), np.nan)
    if len(close) >= BAND_BARS:
        windows = sliding_window_view(close, BAND_BARS)
        width[BAND_BARS - 1 :] = windows.std(axis=1) / windows.mean(axis=1)
    return width


def _volume(volume: Column) -> Column:
    size = VOLUME_BARS + USUAL_VOLUME_BARS
    column = np.full(len(volume), np.nan)
    if len(volume) >= size:
        windows = sliding_window_view(volume, size)
        usual, recent = windows[:, :USUAL_VOLUME_BARS].mean(axis=1), windows[:, USUAL_VOLUME_BARS:].mean(axis=1)
        traded = (usual > 0) & (recent > 0)
        ratio = np.divide(recent, usual, out=np.ones(len(usual)), where=traded)
        column[size - 1 :] = np.log(ratio)
    return _unit(column)


def _ranks(values: Column) -> Column:
    """Twice the share of the last 250 values below the newest, less one; values not yet known are not compared."""
    rounded = np.array([float(f"{v:.{RANK_DIGITS}g}") for v in values])
    padded = np.r_[np.full(RANK_WINDOW - 1, np.nan), rounded]
    windows = sliding_window_view(padded, RANK_WINDOW)
    known = np.isfinite(windows[:, :-1]).sum(axis=1)
    below = (windows[:, :-1] < windows[:, -1:]).sum(axis=1)
    enough = (known >= FEWEST_RANKED) & np.isfinite(rounded)
    return np.where(enough, 2 * below / np.maximum(known, 1) - 1, np.nan)


def _change(column: Column, bars: int) -> Column:
    changed = np.full(len(column), np.nan)
    changed[bars:] = column[bars:] - column[:-bars] if len(column) > bars else np.nan
    return changed


def _share(part: Column, whole: Column) -> Column:
    """Part over whole: nothing of nothing is zero, unknown stays unknown."""
    still = np.where(np.isnan(part) | np.isnan(whole), np.nan, 0.0)
    return np.divide(part, whole, out=still, where=whole > 0)


def _unit(column: Column) -> Column:
    return np.clip(column, -1.0, 1.0)
