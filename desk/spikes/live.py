"""The alarm of one symbol, event by event: what an update says is said before the next one is read.

Finished bars tell what is usual; every trade, book, mark, forced order and reading of the news is judged against it at
once, by the detectors that scan a snapshot. An alarm of one kind and direction is raised once and rests until it has
been quiet for fifteen minutes. Until thirty bars are known nothing is said of prices and volumes. After an outage a
price has had longer to walk, and is measured by that.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from desk.domain.market import Bar, Mark, OrderBook
from desk.news.values import NewsReading
from desk.spikes import detect
from desk.spikes.detect import Found, SpikeParameters
from desk.spikes.noise import FEWEST_BARS, Noise, noise_of
from desk.spikes.values import SpikeDirection, SpikeType

MINUTE_MS = 60_000
QUIET_MS = 15 * MINUTE_MS
FORCED_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """What was sudden in which symbol, and when, in ms UTC."""

    symbol: str
    at: int
    found: Found


class SpikeStream:
    """One symbol's alarm. Times are ms UTC and do not run backwards; bars are of one minute, in order."""

    def __init__(self, symbol: str, parameters: SpikeParameters) -> None:
        self._symbol, self._rules = symbol, parameters
        size = parameters.window + parameters.recent_bars - 1
        self._closes: deque[float] = deque(maxlen=size)
        self._volumes: deque[float] = deque(maxlen=size)
        self._bases: tuple[float, ...] = ()
        self._noise: Noise | None = None
        self._next, self._fresh, self._minute, self._unseen = 0, 0, 0, 0
        self._opened, self._traded, self._price = 0.0, 0.0, 0.0
        self._forced: deque[tuple[int, float, SpikeDirection]] = deque()
        self._last: dict[tuple[SpikeType, SpikeDirection], int] = {}

    def bar(self, bar: Bar) -> None:
        """A finished bar: from now on it is part of what came before. After a gap the closes before it are too old."""
        self._fresh = self._fresh + 1 if bar.open_time == self._next else 1
        self._next = bar.open_time + MINUTE_MS
        self._closes.append(bar.close)
        self._volumes.append(bar.volume)
        recent = self._rules.recent_bars
        known = len(self._closes) - (recent - 1)
        if known >= FEWEST_BARS:
            close, volume = np.array(self._closes), np.array(self._volumes)
            self._noise = noise_of(close[:known], volume[:known])
            self._bases = tuple(close[: -min(recent, self._fresh) - 1 : -1].tolist())
        self._unseen = 0
        self._opened, self._traded = 0.0, 0.0

    def trade(self, at: int, price: float, quantity: float) -> tuple[Alarm, ...]:
        """A trade of the running minute: price in quote asset, quantity in base asset."""
        if self._noise is None:
            return ()
        if at // MINUTE_MS != self._minute:
            self._minute, self._opened, self._traded = at // MINUTE_MS, 0.0, 0.0
            self._unseen = max(0, (at - self._next) // MINUTE_MS)
        self._price, self._opened = price, self._opened or price
        self._traded += quantity
        return self._raise(
            at,
            detect.reach(price, self._bases, self._noise, self._rules, unseen=self._unseen),
            detect.loudness(self._traded, price - self._opened, self._noise, self._rules),
        )

    @property
    def nearness(self) -> tuple[float, float]:
        """How near the newest price and the running minute's volume are to an alarm: 1 is one, 0 nothing."""
        loud = self.loud
        if self._noise is None or loud is None or not self._price:
            return 0.0, 0.0
        moved = detect.nearness(self._price, self._bases, self._noise, self._rules, unseen=self._unseen)
        return moved, max(0.0, loud / self._rules.volume_sigma)

    @property
    def moved(self) -> float | None:
        """How far the newest price is from the oldest recent close, signed, in deviations; None while unknown."""
        if self._noise is None or not self._price or not self._bases:
            return None
        walked = math.sqrt(len(self._bases) + self._unseen)
        return math.log(self._price / self._bases[-1]) / (self._noise.sigma * walked)

    @property
    def loud(self) -> float | None:
        """How unusual the running minute's volume is so far, in deviations of log volume; None while unknown."""
        if self._noise is None:
            return None
        return (math.log1p(self._traded) - self._noise.log_volume) / self._noise.log_volume_sigma

    def book(self, at: int, book: OrderBook) -> tuple[Alarm, ...]:
        """The book as it stands. Raises ZeroDivisionError for one without levels."""
        return self._raise(at, detect.book_spike(book, self._rules))

    def mark(self, at: int, mark: Mark) -> tuple[Alarm, ...]:
        """A new mark with its index."""
        return self._raise(at, detect.divergence_spike(mark, self._noise, self._rules)) if self._noise else ()

    def forced(self, at: int, quantity: float, push: SpikeDirection) -> tuple[Alarm, ...]:
        """A liquidation that the venue tells of, in base asset; a long that is sold pushes down."""
        if self._noise is None:
            return ()
        self._forced.append((at, quantity, push))
        while self._forced[0][0] <= at - FORCED_MS:
            self._forced.popleft()
        total = sum(size for _, size, side in self._forced if side is push)
        return self._raise(at, detect.forced_orders(total, push, self._noise, self._rules))

    def news(self, at: int, news: NewsReading) -> tuple[Alarm, ...]:
        """A new reading of the headlines."""
        return self._raise(at, detect.news_spike(news, self._rules)) if news.available else ()

    def _raise(self, at: int, *finds: Found | None) -> tuple[Alarm, ...]:
        raised: list[Alarm] = []
        for found in finds:
            if found is None:
                continue
            # A loud minute changes its direction with every trade; it is one event all the same.
            name = (found.type, SpikeDirection.NONE if found.type is SpikeType.VOLUME else found.direction)
            if at - self._last.get(name, at - QUIET_MS) >= QUIET_MS:
                raised.append(Alarm(symbol=self._symbol, at=at, found=found))
            self._last[name] = at
        return tuple(raised)
