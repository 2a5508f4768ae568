"""An invented market: the same seed is the same market, to the last byte, on every machine.

Several coins walk with a common factor through bull, bear, sideways and volatile moods; volatility clusters, jumps
come with headlines, volume and book follow volatility, funding follows the premium. 130 days of one-minute bars lie
before the start; ahead there is no end. Days are counted from the first day of history, so a seed shows the same
market wherever in time it starts, apart from what depends on hour and weekday. Days before the present are made once
and kept as bars; the way inside their minutes is made again when somebody asks, from the state kept for each day.

Unlike a recording, an invented minute is walked in four true steps, so an unfinished bar tells nothing of its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from desk.domain.errors import DataError
from desk.domain.market import Headline
from desk.venues.paper.engine.values import Kline, Quote, SymbolSpec
from desk.venues.paper.sources import FundingRow
from desk.venues.paper.sources.bars import DAY_MS, INTERVALS, MINUTE_MS
from desk.venues.paper.sources.scenario_coin import ListedCoin
from desk.venues.paper.sources.scenario_model import COINS, DEFAULT_SYMBOLS, HISTORY_DAYS, MOODS, Mood
from desk.venues.paper.sources.scenario_news import DayEvents, headlines_of
from desk.venues.paper.sources.scenario_walk import FactorDay, FactorState, factor_day, stream
from desk.venues.paper.sources.tape import in_time_order

# 2026-01-05 00:00 UTC, a Monday: a fixed start makes two runs of a seed equal in hour and weekday too.
DEFAULT_START_MS = 1_767_571_200_000
DEFAULT_SEED = 7


class ScenarioSource:
    """The `MarketSource` of an invented market. `grain_ms` makes quotes that fine; four steps a minute without it.

    Raises:
        DataError: for a symbol without a model, or none at all.
    """

    def __init__(
        self,
        seed: int = DEFAULT_SEED,
        *,
        symbols: Sequence[str] | None = None,
        start_ms: int | None = None,
        grain_ms: int | None = None,
    ) -> None:
        names = tuple(DEFAULT_SYMBOLS if symbols is None else symbols)
        unknown = [name for name in names if name not in COINS]
        if unknown or not names or len(set(names)) < len(names):
            raise DataError(f"no invented market for {', '.join(unknown) or names}", hint=f"one of {', '.join(COINS)}")
        self.seed = seed
        start = DEFAULT_START_MS if start_ms is None else start_ms
        self._start_ms = start // MINUTE_MS * MINUTE_MS
        self._first_ms = self._start_ms - HISTORY_DAYS * DAY_MS
        self._factors: list[FactorDay] = []
        self._news: dict[int, tuple[Headline, ...]] = {}
        self._coins = {name: ListedCoin(name, seed, self._first_ms, self.factor, grain_ms) for name in names}

    @property
    def start_ms(self) -> int:
        """The first full minute of the market; 130 days of history lie before it."""
        return self._start_ms

    @property
    def end_ms(self) -> int | None:
        """An invented market goes on for ever."""
        return None

    @property
    def intervals(self) -> tuple[str, ...]:
        """Every interval of Binance."""
        return INTERVALS

    def about(self) -> Mapping[str, str]:
        """The seed, and that all of it is invented."""
        return {
            "kind": "scenario",
            "seed": str(self.seed),
            "symbols": ", ".join(self._coins),
            "history": f"{HISTORY_DAYS} days of one-minute bars",
            "note": "invented: prices, books, funding and headlines are made by a seeded model",
        }

    def specs(self) -> Mapping[str, SymbolSpec]:
        """Rules of the listed symbols."""
        return {name: coin.tape.spec for name, coin in self._coins.items()}

    def trouble(self, now_ms: int) -> str | None:
        """An invented market is never in doubt."""
        return None

    def quotes(self, after_ms: int, until_ms: int) -> Iterator[Quote]:
        """The quotes of all symbols, as `MarketSource.quotes` promises them."""
        self._reach(until_ms)
        tapes = [coin.tape for coin in self._coins.values()]
        return in_time_order(tapes, max(after_ms, self._start_ms - 1), until_ms)

    def klines(
        self, symbol: str, interval: str, start_ms: int | None, end_ms: int | None, limit: int, now_ms: int
    ) -> Sequence[Kline]:
        """Bars, as `MarketSource.klines` promises them."""
        self._reach(now_ms)
        return self._of(symbol).tape.series.klines(interval, start_ms, end_ms, limit, now_ms)

    def funding_rates(
        self, symbol: str, start_ms: int | None, end_ms: int | None, limit: int, now_ms: int
    ) -> Sequence[FundingRow]:
        """Charges of the past, by Binance's formula from the premium."""
        self._reach(now_ms)
        return self._of(symbol).funding(start_ms, now_ms if end_ms is None else min(now_ms, end_ms), limit)

    def headlines(self, since_ms: int, now_ms: int) -> Sequence[Headline]:
        """Headlines, as `MarketSource.headlines` promises them."""
        self._reach(now_ms)
        first, last = self._day_of(max(since_ms, self._first_ms)), self._day_of(max(now_ms, self._first_ms))
        found = [h for day in range(first, last + 1) for h in self._headlines_of(day)]
        return tuple(h for h in found if since_ms <= h.at.timestamp() * 1_000 <= now_ms)

    def mood(self, at_ms: int) -> Mood:
        """The mood of the market at a moment: the truth that a desk has to guess."""
        hour = (at_ms - self._first_ms) // (DAY_MS // 24)
        return self.factor(hour // 24).moods[hour % 24]

    def factor(self, day: int) -> FactorDay:
        """The common factor of one day, counted from the first day of history."""
        while len(self._factors) <= day:
            place = len(self._factors)
            state = self._factors[-1].after if place else _first_state(self.seed)
            self._factors.append(factor_day(state, stream(self.seed, place, "market"), self._first_ms + place * DAY_MS))
        return self._factors[day]

    def _of(self, symbol: str) -> ListedCoin:
        coin = self._coins.get(symbol)
        if coin is None:
            raise DataError(f"{symbol!r:.40} is not listed", hint=f"listed: {', '.join(self._coins)}")
        return coin

    def _day_of(self, at_ms: int) -> int:
        return (at_ms - self._first_ms) // DAY_MS

    def _reach(self, at_ms: int) -> None:
        for coin in self._coins.values():
            coin.reach(self._day_of(max(at_ms, self._start_ms)))

    def _headlines_of(self, day: int) -> tuple[Headline, ...]:
        known = self._news.get(day)
        if known is None:
            events = DayEvents(
                first_ms=self._first_ms + day * DAY_MS,
                market=self.factor(day).jumps,
                coins={name: coin.jumps(day) for name, coin in self._coins.items()},
                returns_before={name: coin.day_return(day - 1) for name, coin in self._coins.items() if day > 0},
            )
            known = self._news[day] = headlines_of(events, stream(self.seed, day, "headlines"))
        return known


def _first_state(seed: int) -> FactorState:
    """History begins in a mood drawn by the time that moods last."""
    at = float(stream(seed, 0, "beginning").uniform(1)[0])
    total = sum(traits.hours for traits in MOODS.values())
    reached = 0.0
    for mood, traits in MOODS.items():
        reached += traits.hours / total
        if at < reached:
            return FactorState(mood=mood, drift=traits.drift)
    return FactorState()
