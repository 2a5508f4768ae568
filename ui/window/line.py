"""The equity curve of a whole ledger as lines to be drawn: no fall and no peak of them is lost to thinning.

One line is the account's equity; the other what a unit of it was worth, which no transfer moves.

Hours that are over keep their lowest, highest and last point; the newest day is read at each look, since more may come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time
from itertools import groupby
from threading import Lock

from desk.ledger import Ledger
from desk.ledger import Point as Told
from desk.ledger.units import Units

Point = tuple[datetime, float]


class LineKeeper:
    """Keeps a line of one ledger as far as its days are over. Thread-safe."""

    def __init__(self, *, of_a_unit: bool = False) -> None:
        self._lock = Lock()
        self._of_a_unit, self._units = of_a_unit, Units()
        self._over: list[Point] = []
        self._from: datetime | None = None

    def whole(self, ledger: Ledger) -> list[Point]:
        """The line up to the ledger's newest point, oldest first. Raises JournalError."""
        with self._lock:
            found = ledger.points(since=self._from)
            if not found:
                return list(self._over)
            newest = datetime.combine(found[-1].at.astimezone(UTC).date(), time(), UTC)
            over, self._units = self._valued(point for point in found if point.at < newest)
            self._over += _hourly(over)
            self._from = newest
            return [*self._over, *self._valued(point for point in found if point.at >= newest)[0]]

    def _valued(self, points: Iterable[Told]) -> tuple[list[Point], Units]:
        """Later points as this line draws them, and the units after them."""
        drawn, units = list[Point](), self._units
        for point in points:
            units, price = units.after(point)
            drawn.append((point.at, float(price if self._of_a_unit else point.equity)))
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
