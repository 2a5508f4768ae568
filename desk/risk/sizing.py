"""How much of the usual size the conditions call for. A fraction and two distances: never a quantity."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from desk.domain.errors import ConfigError
from desk.indicators import classic
from desk.market.candles import Candles
from desk.risk.values import SizeAdvice

DAY_MS = 86_400_000
_FEWEST_BARS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class SizingParameters:
    """What the usual size is meant for: up to `target_volatility`, a day's deviation (0.03 = 3 %), it is taken whole.

    The stop stands `stop_share` of a day's deviation away, within its bounds (fractions of the price), and the target
    `reward` times as far.
    """

    target_volatility: float = 0.03
    least_fraction: float = 0.1
    stop_share: float = 0.7
    least_stop: float = 0.01
    most_stop: float = 0.03
    reward: float = 2.5

    def __post_init__(self) -> None:
        """Refuse bounds that contradict each other. Raises ConfigError."""
        if not (0 < self.target_volatility < 1 and 0 <= self.least_fraction <= 1 and self.stop_share > 0):
            raise ConfigError("target volatility and fractions lie between 0 and 1", file="risk")
        if not (0 < self.least_stop <= self.most_stop < 1 and self.reward > 0):
            raise ConfigError("stops lie between 0 and 1, the least below the most", file="risk")


def daily_volatility(candles: Candles) -> float | None:
    """A day's deviation of the price as a fraction: from 200 closes or from ATR 14, whichever says more.

    None below thirty bars.
    """
    if len(candles) < _FEWEST_BARS:
        return None
    scale = math.sqrt(DAY_MS / candles.step_ms)
    closes = float(np.std(np.diff(np.log(candles.close[-201:]))))
    # The mean range of a random walk's bar is 1.6 of its deviations (W. Feller, 1951: sqrt(8 / pi)).
    ranged = (
        float(classic.atr(candles.high, candles.low, candles.close)[-1]) / candles.last_close / math.sqrt(8 / math.pi)
    )
    return round(max(closes, ranged) * scale, 6)


def advise_size(volatility: float | None, headroom: float, parameters: SizingParameters) -> SizeAdvice:
    """Size scaled down by volatility, and by how little is left of the tightest limit once less than half is left.

    An unknown volatility is treated as twice the target. `headroom` is the smallest unspent share of any limit, 0..1.
    """
    assumed = volatility if volatility is not None else 2 * parameters.target_volatility
    calm = min(1.0, parameters.target_volatility / assumed) if assumed > 0 else 1.0
    room = min(1.0, max(0.0, headroom) / 0.5)
    fraction = max(parameters.least_fraction, calm) * room
    stop = min(parameters.most_stop, max(parameters.least_stop, parameters.stop_share * assumed))
    return SizeAdvice(
        fraction=round(fraction, 4),
        daily_volatility=volatility,
        stop_pct=round(stop, 4),
        target_pct=round(parameters.reward * stop, 4),
    )
