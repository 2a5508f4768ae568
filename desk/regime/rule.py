"""The regime rule: four utilities of six facts, whose softmax are odds as if each regime were equally common.

    strength = |mean of the directed facts|
    utility  = weights of the regime x (the directed facts, strength, the undirected facts, 1)

The weights were fitted on 4h bars of BTC, ETH, XRP and ADA before July 2022 against the labels of decision 15, with
every market beside its mirror image, so that a fall reads as a climb upside down. `python -m benchmarks.skill.regime
--fit` prints them; what they are worth on the years after stands in its report.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from desk.regime.facts import DIRECTED, FACTS, Table
from desk.regime.values import Regime, RegimeOdds

REGIMES = (Regime.BULL, Regime.BEAR, Regime.SIDEWAYS, Regime.VOLATILE)
# slope, alignment, efficiency | strength | volatility, band width, volume | constant
WEIGHTS: Mapping[Regime, tuple[float, ...]] = {
    Regime.BULL: (1.217, 0.957, 1.418, 0.398, -0.392, -0.303, 0.256, -0.407),
    Regime.BEAR: (-1.217, -0.957, -1.418, 0.398, -0.392, -0.303, 0.256, -0.407),
    Regime.SIDEWAYS: (0.0, 0.0, 0.0, -0.053, -0.783, -0.164, -0.117, 0.611),
    Regime.VOLATILE: (0.0, 0.0, 0.0, -0.742, 1.568, 0.770, -0.395, 0.202),
}
DIGITS = 4

Odds = NDArray[np.float64]


def design(table: Table) -> Table:
    """Facts, in the columns of FACTS, with strength between the directed and the undirected and a constant behind."""
    directed, undirected = table[:, : len(DIRECTED)], table[:, len(DIRECTED) : len(FACTS)]
    strength = np.abs(directed.mean(axis=1, keepdims=True))
    return np.hstack([directed, strength, undirected, np.ones((len(table), 1))])


def odds_table(table: Table) -> Odds:
    """A row of odds, in the order of REGIMES, for each row of facts; NaN for a row that is not known."""
    utilities = design(table) @ np.array([WEIGHTS[regime] for regime in REGIMES]).T
    return softmax(utilities)


def softmax(utilities: Odds) -> Odds:
    """Odds of each row's utilities."""
    powers = np.exp(utilities - utilities.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def odds_of(row: Odds) -> RegimeOdds:
    """One row as odds of four digits that still sum to one: the largest takes what rounding left."""
    digits = [round(float(p), DIGITS) for p in row]
    largest = digits.index(max(digits))
    digits[largest] = round(1.0 - (sum(digits) - digits[largest]), DIGITS)
    bull, bear, sideways, volatile = digits
    return RegimeOdds(bull=bull, bear=bear, sideways=sideways, volatile=volatile)
