"""The equity curve of a whole ledger as a line to be drawn: no fall and no peak of it is lost to thinning.

Hours that are over keep their lowest, highest and last point; the newest day is read at each look, since more may come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time
from itertools import groupby
from threading import Lock

from desk.ledger import Ledger

Point = tuple[datetime, float]


class LineKeeper:
    """Keeps the line of one ledger as far as its days are over. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._over: list[Point] = []
        self._from: datetime | None = None

    def whole(self, ledger: Ledger) -> list[Point]:
        """The line up to the ledger's newest point, oldest first. Raises JournalError."""
        with self._lock:
            points = [(at, float(equity)) for at, equity in ledger.points(since=self._from)]
            if not points:
                return list(self._over)
            newest = datetime.combine(points[-1][0].astimezone(UTC).date(), time(), UTC)
            self._over += _hourly(point for point in points if point[0] < newest)
            self._from = newest
            return [*self._over, *(point for point in points if point[0] >= newest)]


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
