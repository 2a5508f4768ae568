"""What a day could cost: VaR and CVaR of the open positions together, from their own past bars, plain and filtered.

Historical simulation: every past window of one day (they overlap) is applied to today's positions at once, so the
symbols' moves stay as correlated as they were. CVaR is the mean of the losses at or beyond VaR (P. Jorion, *Value at
Risk*). Filtered: each window is first scaled from the volatility it began in to the volatility of now, so that a calm
month does not speak for a wild day (J. Hull and A. White, J. of Risk 1 (1998); Barone-Adesi, Giannopoulos and Vosper,
J. of Futures Markets 19 (1999)).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from desk.indicators.columns import Column, Times
from desk.market.candles import Candles
from desk.risk.returns import shared_returns
from desk.risk.values import TailRisk

DAY_MS = 86_400_000
CONFIDENCE = 0.95
FEWEST_WINDOWS = 20
# Volatility is remembered by half for three days: long enough to be measured, short enough to be today's.
HALF_LIFE_MS = 3 * DAY_MS


def tail_risk(weights: Mapping[str, float], candles: Mapping[str, Candles], confidence: float = CONFIDENCE) -> TailRisk:
    """One-day tail loss of positions given as signed notional over equity, by symbol.

    Unknown (None) when flat, when a position's bars are missing, or when fewer than twenty windows are shared by all.
    """
    held = {symbol: weight for symbol, weight in weights.items() if weight}
    windows = _windows(held, candles)
    if windows is None or len(windows.losses) < FEWEST_WINDOWS:
        count = 0 if windows is None else len(windows.losses)
        return TailRisk(confidence=confidence, var=None, cvar=None, observations=count)
    var, cvar = _beyond(windows.losses, confidence)
    filtered_var, filtered_cvar = _beyond(windows.losses * windows.scale, confidence)
    return TailRisk(
        confidence=confidence,
        var=var,
        cvar=cvar,
        observations=len(windows.losses),
        filtered_var=filtered_var,
        filtered_cvar=filtered_cvar,
        calm=round(float(np.median(windows.scale)), 4),
    )


@dataclass(frozen=True, slots=True)
class _Windows:
    """By one-day window: what it would cost today, as a fraction of equity, and volatility now over volatility then."""

    losses: Column
    scale: Column


def _beyond(losses: Column, confidence: float) -> tuple[float, float]:
    var = float(np.quantile(losses, confidence, method="higher"))
    beyond = losses[losses >= var]
    return round(max(0.0, var), 6), round(max(0.0, float(beyond.mean())), 6)


def _windows(weights: Mapping[str, float], candles: Mapping[str, Candles]) -> _Windows | None:
    """Every shared window; None when bars are missing."""
    if not weights or any(symbol not in candles for symbol in weights):
        return None
    moves = {symbol: _day_returns(candles[symbol]) for symbol in weights}
    shared: Times | None = None
    for ends, _ in moves.values():
        shared = ends if shared is None else np.intersect1d(shared, ends)
    if shared is None or len(shared) == 0:
        return _Windows(np.empty(0), np.empty(0))
    total = np.zeros(len(shared))
    for symbol, (ends, returns) in moves.items():
        total -= weights[symbol] * returns[np.searchsorted(ends, shared)]
    return _Windows(total, _scale(weights, candles, shared))


def _day_returns(candles: Candles) -> tuple[Times, Column]:
    """Close-to-close returns over exactly one day, by the closing time they end at. Gaps give no return."""
    closed = candles.open_time + candles.step_ms
    earlier = np.searchsorted(closed, closed - DAY_MS)
    whole = (earlier < len(closed)) & (closed[np.minimum(earlier, len(closed) - 1)] == closed - DAY_MS)
    returns = candles.close[whole] / candles.close[earlier[whole]] - 1.0
    return closed[whole], returns


def _scale(weights: Mapping[str, float], candles: Mapping[str, Candles], ends: Times) -> Column:
    """Volatility of these positions at the newest bar over that at the start of each window; 1 where it is unknown."""
    shared = shared_returns([candles[symbol] for symbol in weights])
    if not len(shared.closed):
        return np.ones(len(ends))
    deviation = _remembered_deviation(shared.by_bar @ np.array(list(weights.values())), shared.step_ms)
    # A window is judged by what was known when it began.
    begun = np.searchsorted(shared.closed, ends - DAY_MS, side="right") - 1
    then = np.where(begun >= 0, deviation[np.maximum(begun, 0)], deviation[0])
    known = then > 0
    return np.where(known, deviation[-1] / np.where(known, then, 1.0), 1.0)


def _remembered_deviation(returns: Column, step_ms: int) -> Column:
    """The exponentially weighted deviation after each bar, begun with that of the first day (RiskMetrics, 1996)."""
    keep = 0.5 ** (step_ms / HALF_LIFE_MS)
    first = returns[: max(2, DAY_MS // step_ms)]
    variance = float(np.mean(first**2))
    found = np.empty(len(returns))
    for row, value in enumerate(returns.tolist()):
        variance = keep * variance + (1.0 - keep) * value * value
        found[row] = math.sqrt(variance)
    return found
