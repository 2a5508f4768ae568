"""One market by its hourly bars: how far it went, where it goes and how strongly, and how calm it is."""

from __future__ import annotations

import math

import numpy as np

from desk.context.values import Calm, LeaderReading, Trend
from desk.indicators.columns import Column
from desk.indicators.panel import IndicatorPanel, indicator_panel
from desk.market.candles import Candles

DAY = 24
_HOURS_OF_A_YEAR = 365 * 24
# ADX at which a trend counts as fully there, and below which there is none (Wilder 1978).
_FULL_ADX, _NO_TREND_ADX = 50.0, 20.0
# The share of earlier days that were calmer.
_CLASSES = ((0.25, Calm.LOW), (0.75, Calm.NORMAL), (0.95, Calm.HIGH))
_FEWEST_DAYS = 3


def read_leader(hours: Candles) -> LeaderReading:
    """The reading of hourly bars. Works from two bars up; what needs more of them is None."""
    panel = indicator_panel(hours)
    trend = _trend(panel)
    calm, pct = _volatility(hours)
    return LeaderReading(
        symbol=hours.symbol,
        price=float(hours.close[-1]),
        change_1h=_change(hours, 1),
        change_24h=_change(hours, DAY),
        change_4d=_change(hours, 4 * DAY),
        trend=trend,
        strength=0.0 if trend is Trend.SIDEWAYS else min(1.0, (panel.adx_14 or 0.0) / _FULL_ADX),
        volatility=calm,
        volatility_pct=pct,
    )


def returns_of(hours: Candles) -> Column:
    """Log returns from bar to bar."""
    return np.diff(np.log(hours.close))


def _change(hours: Candles, bars: int) -> float | None:
    if len(hours) <= bars:
        return None
    return float(hours.close[-1] / hours.close[-1 - bars] - 1) * 100


def _trend(panel: IndicatorPanel) -> Trend:
    """Up or down only where the averages stand in order, the price is beyond them, and the movement has a direction."""
    ladder = (panel.close, panel.ema_21, panel.ema_50)
    if any(step is None for step in ladder) or panel.adx_14 is None or panel.adx_14 < _NO_TREND_ADX:
        return Trend.SIDEWAYS
    price, fast, slow = (float(step) for step in ladder if step is not None)
    if price > fast > slow:
        return Trend.UP
    return Trend.DOWN if price < fast < slow else Trend.SIDEWAYS


def _volatility(hours: Candles) -> tuple[Calm | None, float | None]:
    """The class of the last day among all days that end at any hour before it, and its yearly size in per cent."""
    returns = returns_of(hours)
    if len(returns) < _FEWEST_DAYS * DAY:
        return None, None
    days = np.lib.stride_tricks.sliding_window_view(returns, DAY).std(axis=1)
    rank = float((days[:-1] < days[-1]).mean())
    calm = next((name for bound, name in _CLASSES if rank < bound), Calm.EXTREME)
    return calm, float(days[-1]) * math.sqrt(_HOURS_OF_A_YEAR) * 100
