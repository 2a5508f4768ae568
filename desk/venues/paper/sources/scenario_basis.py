"""How far a contract's price stands from its coin's walk: not at all, a little, or by the carry to its delivery.

It is drawn for each full hour and travels straight between two, so that every minute begins where the last one ended.
"""

from __future__ import annotations

import numpy as np

from desk.venues.paper.engine.values import SymbolSpec
from desk.venues.paper.sources.bars import DAY_MS, HOUR_MS
from desk.venues.paper.sources.randomness import Floats
from desk.venues.paper.sources.scenario_listing import Model
from desk.venues.paper.sources.scenario_model import MINUTES, PARTS
from desk.venues.paper.sources.scenario_walk import stream

_HOURS = 24
_HOUR_MINUTES = MINUTES // _HOURS
_YEAR_MS = 365 * DAY_MS
# Within so many days of its delivery a contract is drawn to its index.
_DRAWN_MS = 14 * DAY_MS
_KEPT_DAYS = 4
_NONE: Floats = np.ones((1, PARTS + 1))


class Basis:
    """The ratio of a contract's price to its coin's walk under one seed; `first_ms` begins the market's day 0."""

    def __init__(self, spec: SymbolSpec, model: Model, seed: int, first_ms: int) -> None:
        self._name = f"basis of {spec.symbol}"
        self._delivery_ms = spec.delivery_ms
        self._model = model
        self._seed = seed
        self._first_ms = first_ms
        self._none = np.broadcast_to(_NONE, (MINUTES, PARTS + 1))
        self._kept: dict[int, Floats] = {}

    def of_day(self, day: int) -> Floats:
        """The ratio at the five points of each minute of a day."""
        if not self._model.apart:
            return self._none
        known = self._kept.get(day)
        if known is None:
            known = self._kept[day] = self._made(day)
            while len(self._kept) > _KEPT_DAYS:
                del self._kept[next(iter(self._kept))]
        return known

    def _made(self, day: int) -> Floats:
        strays = np.concatenate((self._drawn(day), self._drawn(day + 1)[:1])) * self._model.apart
        hours = self._first_ms + day * DAY_MS + np.arange(_HOURS + 1, dtype=np.int64) * HOUR_MS
        knots = 1.0 + strays
        if self._delivery_ms is not None:
            left = np.maximum(0, self._delivery_ms - hours)
            knots = 1.0 + strays * (np.minimum(left, _DRAWN_MS) / _DRAWN_MS) + self._model.carry * (left / _YEAR_MS)
        # Whole numbers first: the last point of a minute is then the first of the next to the last bit.
        inside = (np.arange(_HOUR_MINUTES)[:, None] * PARTS + np.arange(PARTS + 1)) / (PARTS * _HOUR_MINUTES)
        between = knots[:-1, None, None] * (1.0 - inside) + knots[1:, None, None] * inside
        return between.reshape(MINUTES, PARTS + 1)

    def _drawn(self, day: int) -> Floats:
        return stream(self._seed, day, self._name).normal(_HOURS)
