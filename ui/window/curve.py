"""The equity curve of a whole ledger, folded into what figures need of it, so that no look reads a year again.

Days that are over are folded once; the points of the newest day are read at each look, since more of them may come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from threading import Lock

import numpy as np

from desk.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A stretch of the curve. `drawdown` is the deepest fall so far, as a fraction of the peak before it."""

    closes: Mapping[date, Decimal] = field(default_factory=dict[date, Decimal])
    first: Decimal | None = None
    last: Decimal | None = None
    peak: float = 0.0
    drawdown: float = 0.0

    def followed_by(self, points: Iterable[tuple[datetime, Decimal]]) -> Curve:
        """The same curve with later points, oldest first."""
        closes, first, last, peak, drawdown = dict(self.closes), self.first, self.last, self.peak, self.drawdown
        for at, equity in points:
            value = float(equity)
            closes[at.astimezone(UTC).date()] = last = equity
            first = equity if first is None else first
            peak = max(peak, value)
            drawdown = max(drawdown, 1.0 - value / peak if peak > 0.0 else 0.0)
        return Curve(closes=closes, first=first, last=last, peak=peak, drawdown=drawdown)

    def daily(self) -> np.ndarray:
        """Returns from one UTC day's last point to the next one's; days without a point are passed over."""
        values = np.array([float(self.closes[day]) for day in sorted(self.closes)], dtype=np.float64)
        return values[1:] / values[:-1] - 1 if len(values) > 1 else np.array([], dtype=np.float64)


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
            newest = datetime.combine(points[-1][0].astimezone(UTC).date(), time(), UTC)
            self._over = self._over.followed_by(point for point in points if point[0] < newest)
            self._from = newest
            return self._over.followed_by(point for point in points if point[0] >= newest)
