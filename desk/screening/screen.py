"""The screen: every second a score for each symbol, and the few that a model should look at now.

    score = price x (way to a price alarm) + volume x (way to a volume alarm) + alarm, within a minute of an alarm
            + turn, within a quarter of an hour of a turn of its regime

A symbol is picked when its score reaches `least_score`, highest first, at most `most_at_once` in a second and
`most_an_hour` in any hour; after a pick it rests. All numbers are configuration. Nothing here asks a model: a pick says
that it would be worth one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from desk.domain.errors import ConfigError, DataError
from desk.domain.market import Bar, Mark, OrderBook
from desk.news.values import NewsReading
from desk.spikes.detect import SpikeParameters
from desk.spikes.live import Alarm, SpikeStream
from desk.spikes.values import SpikeDirection

ALARM_MS, TURN_MS = 60_000, 15 * 60_000
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenParameters:
    """The rule above in numbers. Raises ConfigError for one that picks nothing or everything."""

    price: float = 0.6
    volume: float = 0.4
    alarm: float = 0.5
    turn: float = 0.4
    least_score: float = 1.0
    most_at_once: int = 3
    most_an_hour: int = 20
    rest_seconds: float = 300.0

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        negative = min(self.price, self.volume, self.alarm, self.turn) < 0
        if negative or self.price + self.volume <= 0 or self.least_score <= 0:
            raise ConfigError("weights are not negative, and one of them and the least score above 0", file="screening")
        if self.most_at_once < 1 or self.most_an_hour < 1 or self.rest_seconds < 0:
            raise ConfigError("at least one pick at once and an hour, and a rest of 0 or more", file="screening")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A symbol worth a look, when (ms UTC), and what its score was made of: ways to an alarm, 1 being one."""

    symbol: str
    at: int
    score: float
    price: float
    volume: float
    alarmed: bool
    turned: bool


class Screen:
    """Follows symbols trade by trade. Raises DataError for a symbol that it was not told of."""

    def __init__(self, rule: ScreenParameters, spikes: Mapping[str, SpikeParameters]) -> None:
        self._rule = rule
        self._streams = {symbol: SpikeStream(symbol, parameters) for symbol, parameters in spikes.items()}
        self._alarmed: dict[str, int] = {}
        self._turned: dict[str, int] = {}
        self._picked: dict[str, int] = {}
        self._hour: deque[int] = deque()

    def bar(self, symbol: str, bar: Bar) -> None:
        """A finished minute of a symbol."""
        self._stream(symbol).bar(bar)

    def trade(self, symbol: str, at: int, price: float, quantity: float) -> tuple[Alarm, ...]:
        """A trade; the alarms it raised are already in the next score."""
        return self._told(symbol, at, self._stream(symbol).trade(at, price, quantity))

    def mark(self, symbol: str, at: int, mark: Mark) -> tuple[Alarm, ...]:
        """A new mark with its index."""
        return self._told(symbol, at, self._stream(symbol).mark(at, mark))

    def forced(self, symbol: str, at: int, quantity: float, push: SpikeDirection) -> tuple[Alarm, ...]:
        """A liquidation in base asset, and where it pushes."""
        return self._told(symbol, at, self._stream(symbol).forced(at, quantity, push))

    def book(self, symbol: str, at: int, book: OrderBook) -> tuple[Alarm, ...]:
        """The book as it stands."""
        return self._told(symbol, at, self._stream(symbol).book(at, book))

    def news(self, symbol: str, at: int, news: NewsReading) -> tuple[Alarm, ...]:
        """A new reading of the headlines."""
        return self._told(symbol, at, self._stream(symbol).news(at, news))

    def turned(self, symbol: str, at: int) -> None:
        """A symbol's regime turned."""
        self._turned[symbol] = at

    def stream(self, symbol: str) -> SpikeStream:
        """A symbol's own alarm: how far it has moved and how loud it is."""
        return self._stream(symbol)

    def second(self, at: int) -> tuple[Pick, ...]:
        """The symbols to look at now, the highest score first. Called once a second with the time in ms UTC."""
        while self._hour and self._hour[0] <= at - HOUR_MS:
            self._hour.popleft()
        room = min(self._rule.most_at_once, self._rule.most_an_hour - len(self._hour))
        if room <= 0:
            return ()
        scores = (self.score(symbol, at) for symbol in self._streams if self._rested(symbol, at))
        worth = sorted((p for p in scores if p.score >= self._rule.least_score), key=lambda p: (-p.score, p.symbol))
        for pick in worth[:room]:
            self._picked[pick.symbol] = at
            self._hour.append(at)
        return tuple(worth[:room])

    def score(self, symbol: str, at: int) -> Pick:
        """What a symbol's score is now and what it is made of."""
        price, volume = self._stream(symbol).nearness
        alarmed = symbol in self._alarmed and at - self._alarmed[symbol] < ALARM_MS
        turned = symbol in self._turned and at - self._turned[symbol] < TURN_MS
        score = self._rule.price * price + self._rule.volume * volume
        score += self._rule.alarm * alarmed + self._rule.turn * turned
        return Pick(
            symbol=symbol,
            at=at,
            score=round(score, 6),
            price=round(price, 6),
            volume=round(volume, 6),
            alarmed=alarmed,
            turned=turned,
        )

    def _told(self, symbol: str, at: int, alarms: tuple[Alarm, ...]) -> tuple[Alarm, ...]:
        if alarms:
            self._alarmed[symbol] = at
        return alarms

    def _rested(self, symbol: str, at: int) -> bool:
        return symbol not in self._picked or at - self._picked[symbol] >= self._rule.rest_seconds * 1000

    def _stream(self, symbol: str) -> SpikeStream:
        try:
            return self._streams[symbol]
        except KeyError:
            raise DataError(f"the screen was not told of {symbol:.20}") from None
