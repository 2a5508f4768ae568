"""The invented market as a crew sees it: bars that lead to the exchange's own mark, a book, funding, headlines.

The crew reads it through the ports that it reads any venue through. `trend` is the relative move of an hour on the way
to the present: strong enough that the weighted signal has a side, so that what a model says can matter.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from campaigns.simulated.world import World
from desk.domain.account import SymbolRules
from desk.domain.market import Bar, FundingPoint, Headline, Mark, OrderBook
from desk.market.intervals import interval_ms


@dataclass
class CrewsMarket:
    """Keeps `desk.ports.MarketData` and `desk.ports.NewsFeed` over one world; `heard` are the headlines of the day."""

    world: World
    trend: float = 0.004
    heard: tuple[Headline, ...] = field(default=())

    def rules(self) -> Mapping[str, SymbolRules]:
        """Trading rules."""
        return self.world.filters

    def bars(self, symbol: str, interval: str, limit: int) -> tuple[Bar, ...]:
        """Finished bars, the newest last."""
        step, now = interval_ms(interval), self.world.clock.ms
        newest = now // step * step - step
        return tuple(self._bar(symbol, newest - step * back, step) for back in reversed(range(limit)))

    def book(self, symbol: str, depth: int) -> OrderBook:
        """The exchange's own book."""
        return self.world.network.book(symbol, depth)

    def funding(self, symbol: str, limit: int) -> tuple[FundingPoint, ...]:
        """Past charges, all alike."""
        now = self.world.clock.now()
        return tuple(FundingPoint(at=now - timedelta(hours=8 * back), rate=0.0001) for back in range(limit, 0, -1))

    def marks(self, symbols: Sequence[str]) -> Mapping[str, Mark]:
        """The exchange's own marks."""
        return self.world.network.marks(symbols)

    def headlines(self, since: datetime) -> tuple[Headline, ...]:
        """What is said."""
        return self.heard

    def _bar(self, symbol: str, open_ms: int, step: int) -> Bar:
        points = [self._price(symbol, open_ms + step * part // 4) for part in range(5)]
        return Bar(open_ms, points[0], max(points), min(points), points[-1], 50.0)

    def _price(self, symbol: str, at_ms: int) -> float:
        """A smooth way to the present mark: the trend, a slow wave, and noise that depends on the minute alone."""
        hours = (at_ms - self.world.clock.ms) / 3_600_000
        wave = 1 + 0.002 * math.sin(hours * 3)
        noise = 1 + 0.0002 * math.sin(at_ms / 60_000 * 12.9898)
        return float(self.world.exchange.mark(symbol).mark) * math.exp(self.trend * hours) * wave * noise


def headlines(
    dice: random.Random, now: datetime, titles: Sequence[str], symbols: tuple[str, ...]
) -> tuple[Headline, ...]:
    """These titles as if two wires had sent them within the last hour."""
    return tuple(
        Headline(at=now - timedelta(minutes=dice.randint(1, 59)), source=source, title=title, symbols=symbols)
        for title in titles
        for source in ("wire-a", "wire-b")
    )
