"""An invented market of three coins that move together, jump, and have bad days; a virtual clock that all share."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.values import Quote, SymbolSpec
from desk.venues.paper.listing.catalogue import own_perpetual

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
START_MS = int(datetime(2026, 1, 5, 12, tzinfo=UTC).timestamp() * 1000)
_OPENING = {"BTCUSDT": 50_000.0, "ETHUSDT": 3_000.0, "SOLUSDT": 150.0}
_LADDER = tuple((Decimal(rung) / 2000, Decimal(5_000)) for rung in range(12))


class SharedClock:
    """The venue's time in ms UTC, and the desk's own clock, which may differ from it by `skew_ms` and never repeats."""

    def __init__(self, at_ms: int = START_MS) -> None:
        self.ms, self.skew_ms, self._ran_ms = at_ms, 0, 0

    def advance(self, ms: int) -> None:
        """Let time pass everywhere."""
        self.ms += ms
        self._ran_ms += ms

    def now(self) -> datetime:
        """The desk's wall clock."""
        return datetime.fromtimestamp((self.ms + self.skew_ms) / 1000, tz=UTC)

    def monotonic(self) -> float:
        """The desk's monotonic clock, which no jump of the wall clock moves."""
        return self._ran_ms / 1000


@cache
def listed() -> dict[str, SymbolSpec]:
    """The contracts of this market."""
    found = {symbol: own_perpetual(symbol) for symbol in SYMBOLS}
    return {symbol: spec for symbol, spec in found.items() if spec is not None}


class Market:
    """Prices as a seeded walk. `nerves` is the usual move of a second, `drift` the trend of a step, as fractions."""

    def __init__(self, exchange: Exchange, clock: SharedClock, dice: random.Random) -> None:
        self._exchange, self._clock, self._dice = exchange, clock, dice
        self._prices = dict(_OPENING)
        self.nerves = dice.choice((0.0002, 0.0005, 0.0015))
        self.drift = dice.choice((0.0, 0.0, -0.0004, 0.0004))
        for symbol in SYMBOLS:
            self._quote(symbol, gap=True)

    def move(self, seconds: float) -> None:
        """Let the market go on for this long: all three, together and each for itself."""
        together = self._dice.gauss(self.drift, self.nerves) * min(seconds, 60.0) ** 0.5
        for symbol in SYMBOLS:
            own = self._dice.gauss(0, self.nerves / 2) * min(seconds, 60.0) ** 0.5
            self._prices[symbol] *= 1 + max(-0.05, min(0.05, together + own))
            self._quote(symbol)

    def jump(self, symbol: str, share: float) -> None:
        """Nothing trades between the old price and the new one."""
        self._prices[symbol] *= 1 + share
        self._quote(symbol, gap=True)

    def _quote(self, symbol: str, *, gap: bool = False) -> None:
        spec = listed()[symbol]
        price = round(Decimal(self._prices[symbol]) / spec.rules.tick) * spec.rules.tick
        quote = Quote(
            symbol=symbol,
            at_ms=self._clock.ms,
            price=max(price, spec.rules.tick),
            spread=Decimal("0.0002"),
            ladder=_LADDER,
            index=price,
            funding_rate=Decimal("0.0001"),
            gap=gap,
        )
        self._exchange.apply(quote)
