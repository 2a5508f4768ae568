"""How much of the account's risk sits in one place: by money, by variance, and by how alike the positions move.

Contributions are Euler's: a position's share of the variance of all of them together, which sum to one; a hedge
contributes below zero (D. Tasche, 1999). Four positions that move as one are one position, and the number of
independent bets says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desk.market.candles import Candles
from desk.risk.returns import shared_returns

FEWEST_BARS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One position: its signed notional over equity, its share of all money at stake, its share of the variance."""

    symbol: str
    weight: float
    share: float
    of_risk: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Concentration:
    """All positions together. `positions` are in order of money.

    `effective` is how many equal positions would be as concentrated (1 / Herfindahl); `independent` how many that do
    not move together would spread the risk as far (the diversification ratio squared, Choueifaty and Coignard, 2008).
    `correlation` is the mean over pairs. What needs returns is None with fewer than thirty shared bars, or where a
    symbol's bars are missing.
    """

    positions: tuple[Contribution, ...]
    effective: float
    independent: float | None
    correlation: float | None
    bars: int


def concentration(weights: Mapping[str, float], candles: Mapping[str, Candles]) -> Concentration | None:
    """How concentrated positions are, given as signed notional over equity by symbol. None when flat."""
    held = dict(sorted(((s, w) for s, w in weights.items() if w), key=lambda one: (-abs(one[1]), one[0])))
    if not held:
        return None
    money = np.array(list(held.values()))
    shares = np.abs(money) / np.abs(money).sum()
    moves = _covariance(held, candles)
    risks = _of_risk(money, moves[0]) if moves is not None else None
    return Concentration(
        positions=tuple(
            Contribution(
                symbol=symbol,
                weight=round(weight, 6),
                share=round(float(share), 6),
                of_risk=None if risks is None else round(float(risks[place]), 6),
            )
            for place, ((symbol, weight), share) in enumerate(zip(held.items(), shares, strict=True))
        ),
        effective=round(float(1.0 / (shares**2).sum()), 4),
        independent=None if moves is None else _independent(money, moves[0]),
        correlation=None if moves is None else _mean_correlation(moves[0]),
        bars=0 if moves is None else moves[1],
    )


def _covariance(held: Mapping[str, float], candles: Mapping[str, Candles]) -> tuple[NDArray[np.float64], int] | None:
    if any(symbol not in candles for symbol in held):
        return None
    returns = shared_returns([candles[symbol] for symbol in held]).by_bar
    if len(returns) < FEWEST_BARS:
        return None
    return np.atleast_2d(np.cov(returns, rowvar=False)), len(returns)


def _of_risk(money: NDArray[np.float64], covariance: NDArray[np.float64]) -> NDArray[np.float64] | None:
    variance = float(money @ covariance @ money)
    # Positions that undo each other to the last digit have no variance to share.
    return money * (covariance @ money) / variance if variance > 0 else None


def _independent(money: NDArray[np.float64], covariance: NDArray[np.float64]) -> float | None:
    variance = float(money @ covariance @ money)
    if variance <= 0:
        return None
    alone = float(np.abs(money) @ np.sqrt(np.diag(covariance)))
    return round(alone * alone / variance, 4)


def _mean_correlation(covariance: NDArray[np.float64]) -> float | None:
    deviation = np.sqrt(np.diag(covariance))
    if len(deviation) < 2 or (deviation <= 0).any():
        return None
    pairs = (covariance / np.outer(deviation, deviation))[np.triu_indices(len(deviation), 1)]
    return round(float(np.clip(pairs, -1.0, 1.0).mean()), 4)
