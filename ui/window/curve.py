"""The equity curve of a whole ledger, folded into what figures need of it, so that no look reads a year again.

Returns and falls are those of a unit of the account: money that came in or went out is neither gain nor loss.

Days that are over are folded once; the points of the newest day are read at each look, since more of them may come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from threading import Lock

import numpy as np

from desk.ledger import Ledger, Point
from desk.ledger.units import Units
from desk.shadow.comparing import daily_returns


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A stretch of the curve, `first` and `last` its equity.

    `closes` and `peak` are what a unit was worth; `drawdown` is its deepest fall, as a fraction of the peak before it.
    """

    closes: Mapping[date, Decimal] = field(default_factory=dict[date, Decimal])
    units: Units = field(default_factory=Units)
    first: Decimal | None = None
    last: Decimal | None = None
    peak: float = 0.0
    drawdown: float = 0.0

    def followed_by(self, points: Iterable[Point]) -> Curve:
        """The same curve with later points, oldest first."""
        closes, first, last, peak, drawdown = dict(self.closes), self.first, self.last, self.peak, self.drawdown
        units = self.units
        for point in points:
            units, price = units.after(point)
            value, last = float(price), point.equity
            closes[point.at.astimezone(UTC).date()] = price
            first = last if first is None else first
            peak = max(peak, value)
            drawdown = max(drawdown, 1.0 - value / peak if peak > 0.0 else 0.0)
        return Curve(closes=closes, units=units, first=first, last=last, peak=peak, drawdown=drawdown)

    def daily(self) -> np.ndarray:
        """Returns from one UTC day's last point to the next one's; days without a point are passed over."""
        return daily_returns(self.closes, sorted(self.closes)) if self.closes else np.array([], dtype=np.float64)


def day_begin(at: datetime) -> datetime:
    """When the UTC day of a moment began."""
    return datetime.combine(at.astimezone(UTC).date(), time(), UTC)


class CurveKeeper:
    """Keeps the curve of one ledger as far as its days are over. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._over = Curve()
        self._from: datetime | None = None

    def whole(self, ledger: Ledger) -> Curve:
        """The curve up to the ledger's newest point. Raises JournalError."""
        with self._lock:
            points = ledger.points(since=self._from)
            if not points:
                return self._over
            newest = day_begin(points[-1].at)
            self._over = self._over.followed_by(point for point in points if point.at < newest)
            self._from = newest
            return self._over.followed_by(point for point in points if point.at >= newest)
