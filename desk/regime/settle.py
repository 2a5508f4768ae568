"""Hysteresis: a regime stands until another leads it clearly. Odds may flicker, the desk does not."""

from __future__ import annotations

from desk.regime.rule import REGIMES, Odds
from desk.regime.values import Regime

# A lead in probability, chosen on the years before July 2022: see decision 15.
MARGIN = 0.25


class Settled:
    """The regime that stands, from odds pushed in order of time."""

    def __init__(self, margin: float = MARGIN) -> None:
        self._margin = margin
        self._current: int | None = None
        self._bars = 0

    @property
    def regime(self) -> Regime | None:
        """The regime that stands; None before the first odds."""
        return None if self._current is None else REGIMES[self._current]

    @property
    def bars(self) -> int:
        """How many bars it has stood, its first among them."""
        return self._bars

    def push(self, odds: Odds) -> Regime:
        """Take in the odds of the next bar, without NaN. The first settle at once."""
        likeliest = int(odds.argmax())
        current = likeliest if self._current is None else self._current
        if odds[likeliest] - odds[current] >= self._margin:
            current = likeliest
        self._bars = self._bars + 1 if current == self._current else 1
        self._current = current
        return REGIMES[current]
