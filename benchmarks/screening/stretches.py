"""Fifty symbols out of twenty recordings: each a stretch of its own, told as the same day, and the market they make.

What is recorded are minutes. A second trades once along a minute's open, low, high and close; marks stand at the trade,
books are even around it, and longer bars are made of the minutes. Seeded: the same fifty each time.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from benchmarks.skill.recordings import DATA, candles_of
from desk.domain.account import SymbolRules
from desk.domain.errors import DataError
from desk.domain.market import Bar, FundingPoint, Level, Mark, OrderBook
from desk.domain.moments import from_ms
from desk.market.candles import Candles
from desk.market.resample import resample
from desk.spikes.detect import SpikeParameters

SYMBOLS, MINUTES, SEED = 50, 30, 7
MINUTE_MS = 60_000
# A whole day: every longer bar has its usual edges. Forty hours of minutes come before it.
START_MS = 1_772_409_600_000
BEFORE = 2_400


@dataclass(frozen=True)
class Stretch:
    """One symbol: the minutes before, and those that are played."""

    symbol: str
    before: tuple[Bar, ...]
    played: tuple[Bar, ...]

    def price(self, second: int) -> float:
        """The price in a second of the play: along the minute's corners, in straight lines."""
        bar = self.played[min(second // 60, len(self.played) - 1)]
        corners = (bar.open, bar.low, bar.high, bar.close)
        leg, part = divmod(second % 60 * 3 / 59, 1)
        if leg >= 3:
            return bar.close
        return corners[int(leg)] + (corners[int(leg) + 1] - corners[int(leg)]) * part


def drawn() -> list[Stretch]:
    """Fifty stretches, each of its own place in a recording. The first two bear the leaders' names."""
    paths = sorted((DATA / "klines").glob("*-1m-um-*.parquet"))
    dice = random.Random(SEED)
    bars = {path: candles_of(path).bars() for path in paths}
    return [_stretch(paths[n % len(paths)], bars, n, dice) for n in range(SYMBOLS)]


def _stretch(path: Path, bars: Mapping[Path, tuple[Bar, ...]], number: int, dice: random.Random) -> Stretch:
    need = max(BEFORE, SpikeParameters().window)
    place = dice.randrange(need, len(bars[path]) - MINUTES)
    taken = bars[path][place - need : place + MINUTES]
    moved = tuple(replace(bar, open_time=START_MS + (n - need) * MINUTE_MS) for n, bar in enumerate(taken))
    names = ("BTCUSDT", "ETHUSDT")
    name = names[number] if number < len(names) else f"{path.name.split('-')[0].removesuffix('USDT')}{number}USDT"
    return Stretch(name, moved[:need], moved[need:])


class StretchMarket:
    """`desk.ports.MarketData` over the stretches, as of the second that `second` tells."""

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        self._of = {one.symbol: one for one in stretches}
        self.second = 0

    def rules(self) -> dict[str, SymbolRules]:
        """None: nothing is traded here."""
        return {}

    def now(self) -> datetime:
        """The market's time."""
        return from_ms(START_MS + self.second * 1000)

    def monotonic(self) -> float:
        """The market's time in seconds."""
        return float(self.second)

    def bars(self, symbol: str, interval: str, limit: int) -> tuple[Bar, ...]:
        """Finished minutes, or what is made of them."""
        one = self._of[symbol]
        minutes = (*one.before, *one.played[: self.second // 60])
        if interval == "1m":
            return minutes[-limit:]
        found = resample(Candles.from_bars(symbol, "1m", minutes), interval).bars()
        if not found:
            raise DataError(f"no {interval} bars of {symbol}")
        return found[-limit:]

    def book(self, symbol: str, depth: int) -> OrderBook:
        """An even book around the price."""
        price = Decimal(repr(self._of[symbol].price(self.second)))
        tick = price / 10_000
        bids = tuple(Level(price - tick * (n + 1), Decimal(10)) for n in range(depth))
        asks = tuple(Level(price + tick * (n + 1), Decimal(10)) for n in range(depth))
        return OrderBook(symbol=symbol, at=self.now(), bids=bids, asks=asks)

    def funding(self, symbol: str, limit: int) -> tuple[FundingPoint, ...]:
        """The usual rate."""
        return tuple(FundingPoint(at=self.now() - timedelta(hours=8 * n), rate=1e-4) for n in range(limit, 0, -1))

    def marks(self, symbols: Sequence[str]) -> dict[str, Mark]:
        """The price as mark and index."""
        return {symbol: self._mark(symbol) for symbol in symbols}

    def _mark(self, symbol: str) -> Mark:
        price = Decimal(repr(self._of[symbol].price(self.second)))
        later = self.now() + timedelta(hours=4)
        return Mark(
            symbol=symbol, price=price, index=price, at=self.now(), funding_rate=Decimal("0.0001"), next_funding=later
        )
