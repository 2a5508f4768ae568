"""What a day could cost: historical VaR and CVaR of the open positions together, from their own past bars.

Historical simulation: every past window of one day (they overlap) is applied to today's positions at once, so the
symbols' moves stay as correlated as they were. CVaR is the mean of the losses at or beyond VaR (P. Jorion, *Value at
Risk*).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from desk.indicators.columns import Column, Times
from desk.market.candles import Candles
from desk.risk.values import TailRisk

DAY_MS = 86_400_000
CONFIDENCE = 0.95
FEWEST_WINDOWS = 20


def tail_risk(weights: Mapping[str, float], candles: Mapping[str, Candles], confidence: float = CONFIDENCE) -> TailRisk:
    """One-day tail loss of positions given as signed notional over equity, by symbol.

    Unknown (None) when flat, when a position's bars are missing, or when fewer than twenty windows are shared by all.
    """
    held = {symbol: weight for symbol, weight in weights.items() if weight}
    losses = _losses(held, candles)
    if losses is None or len(losses) < FEWEST_WINDOWS:
        count = 0 if losses is None else len(losses)
        return TailRisk(confidence=confidence, var=None, cvar=None, observations=count)
    var = float(np.quantile(losses, confidence, method="higher"))
    beyond = losses[losses >= var]
    return TailRisk(
        confidence=confidence,
        var=round(max(0.0, var), 6),
        cvar=round(max(0.0, float(beyond.mean())), 6),
        observations=len(losses),
    )


def _losses(weights: Mapping[str, float], candles: Mapping[str, Candles]) -> Column | None:
    """The loss of all positions over each shared one-day window, as fractions of equity; None when bars are missing."""
    if not weights or any(symbol not in candles for symbol in weights):
        return None
    windows = {symbol: _day_returns(candles[symbol]) for symbol in weights}
    shared: Times | None = None
    for ends, _ in windows.values():
        shared = ends if shared is None else np.intersect1d(shared, ends)
    if shared is None or len(shared) == 0:
        return np.empty(0)
    total = np.zeros(len(shared))
    for symbol, (ends, returns) in windows.items():
        total -= weights[symbol] * returns[np.searchsorted(ends, shared)]
    return total


def _day_returns(candles: Candles) -> tuple[Times, Column]:
    """Close-to-close returns over exactly one day, by the closing time they end at. Gaps give no return."""
    closed = candles.open_time + candles.step_ms
    earlier = np.searchsorted(closed, closed - DAY_MS)
    whole = (earlier < len(closed)) & (closed[np.minimum(earlier, len(closed) - 1)] == closed - DAY_MS)
    returns = candles.close[whole] / candles.close[earlier[whole]] - 1.0
    return closed[whole], returns
