"""The equity curve of a whole ledger as lines to be drawn: no fall and no peak of them is lost to thinning.

One line is the account's equity; the other what a unit of it was worth, which no transfer moves.

Hours that are over keep their lowest, highest and last point; the newest day is read at each look, since more may come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from threading import Lock
from typing import NamedTuple

from desk.ledger import Ledger
from desk.ledger import Point as Told
from desk.ledger.units import Units
from ui.window.curve import day_begin

Point = tuple[datetime, float]


class Lines(NamedTuple):
    """The account's equity and what a unit of it was worth, both oldest first."""

    equity: list[Point]
    prices: list[Point]


class LineKeeper:
    """Keeps both lines of one ledger as far as its days are over. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._units, self._over = Units(), Lines([], [])
        self._from: datetime | None = None

    def whole(self, ledger: Ledger) -> Lines:
        """The lines up to the ledger's newest point. Raises JournalError."""
        with self._lock:
            found = ledger.points(since=self._from)
            if not found:
                return self._over
            newest = day_begin(found[-1].at)
            over, self._units = _valued(self._units, (point for point in found if point.at < newest))
            self._over = _joined(self._over, Lines(_hourly(over.equity), _hourly(over.prices)))
            self._from = newest
            return _joined(self._over, _valued(self._units, (point for point in found if point.at >= newest))[0])


def _joined(before: Lines, after: Lines) -> Lines:
    return Lines([*before.equity, *after.equity], [*before.prices, *after.prices])


def _valued(units: Units, points: Iterable[Told]) -> tuple[Lines, Units]:
    """Later points as they are drawn, and the units after them."""
    drawn = Lines([], [])
    for point in points:
        units, price = units.after(point)
        drawn.equity.append((point.at, float(point.equity)))
        drawn.prices.append((point.at, float(price)))
    return drawn, units


def thinned(points: Sequence[Point], most: int) -> list[Point]:
    """At most so many points: of each stretch the lowest, the highest and the last, in the order in which they came."""
    if len(points) <= most:
        return list(points)
    size = -(-len(points) * 3 // most)
    return [point for begin in range(0, len(points), size) for point in _turns(points[begin : begin + size])]


def _hourly(points: Iterable[Point]) -> list[Point]:
    by_hour = groupby(points, key=lambda point: point[0].replace(minute=0, second=0, microsecond=0))
    return [point for _, some in by_hour for point in _turns(list(some))]


def _turns(points: Sequence[Point]) -> list[Point]:
    """The lowest, the highest and the last, each once."""
    kept = {points.index(pick(points, key=lambda point: point[1])) for pick in (min, max)} | {len(points) - 1}
    return [points[index] for index in sorted(kept)]
