"""Statistics of a symbol's traders, asked for once a period: between two periods the venue has nothing new to say."""

from __future__ import annotations

import threading
from datetime import datetime

from desk.domain.market import Crowd
from desk.domain.moments import to_ms
from desk.market.intervals import interval_ms
from desk.ports import CrowdFeed

# What was silent is asked again after this long.
_RETRY_MS = 60_000


class KeptCrowd:
    """The newest statistics by symbol. Thread-safe."""

    def __init__(self, feed: CrowdFeed, period: str, points: int) -> None:
        self._feed, self._period, self._points = feed, period, points
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[int, Crowd]] = {}

    def at(self, symbol: str, now: datetime) -> Crowd:
        """What is known at `now`."""
        moment = to_ms(now)
        with self._lock:
            asked, crowd = self._kept.get(symbol, (0, None))
        if crowd is not None and self._serves(asked, crowd, moment):
            return crowd
        crowd = self._feed.crowd(symbol, self._period, self._points)
        with self._lock:
            self._kept[symbol] = (moment, crowd)
        return crowd

    def _serves(self, asked: int, crowd: Crowd, now: int) -> bool:
        step = _RETRY_MS if crowd.silent else interval_ms(self._period)
        return asked // step == now // step
