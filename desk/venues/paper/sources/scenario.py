"""An invented market: the same seed is the same market, to the last byte, on every machine.

Several coins walk with a common factor through bull, bear, sideways and volatile moods; volatility clusters, jumps
come with headlines, volume and book follow volatility, funding follows the premium. 130 days of one-minute bars lie
before the start; ahead there is no end. Days are counted from the first day of history, so a seed shows the same
market wherever in time it starts, apart from what depends on hour and weekday. Days before the present are made once
and kept as bars; the way inside their minutes is made again when somebody asks, from the state kept for each day.

Unlike a recording, an invented minute is walked in four true steps, so an unfinished bar tells nothing of its end.
A contract is made when somebody first looks at it. With `asleep` none has quotes before it is woken, and what it shows
then is what it would have shown had it never slept: only what is looked at is computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from desk.domain.errors import DataError
from desk.domain.market import Headline
from desk.venues.paper.engine.values import Kline, Quote, SymbolSpec
from desk.venues.paper.sources import FundingRow
from desk.venues.paper.sources.bars import DAY_MS, HOUR_MS, INTERVALS, MINUTE_MS, aggregate, length_of
from desk.venues.paper.sources.crowd import CrowdRow, crowd_of
from desk.venues.paper.sources.scenario_coin import CoinWalk, ListedCoin
from desk.venues.paper.sources.scenario_listing import invented_contract, model_of
from desk.venues.paper.sources.scenario_model import DEFAULT_SYMBOLS, HISTORY_DAYS, MOODS, Mood
from desk.venues.paper.sources.scenario_news import DayEvents, headlines_of
from desk.venues.paper.sources.scenario_walk import FactorDay, FactorState, factor_day, stream
from desk.venues.paper.sources.tape import in_time_order, leading_quotes

# 2026-01-05 00:00 UTC, a Monday: a fixed start makes two runs of a seed equal in hour and weekday too.
DEFAULT_START_MS = 1_767_571_200_000
DEFAULT_SEED = 7
# Newsrooms write about so many coins; more symbols than this are counted rather than named.
_NEWSWORTHY = 5
_NAMED = 30
_CROWD_HOURS = 30 * 24


class ScenarioSource:
    """The `SleepingSource` of an invented market. `grain_ms` makes quotes that fine; four steps a minute without it.

    `contracts` are the trading rules of symbols, where somebody else lists them; any other follows `spec_for`.

    Raises:
        DataError: for a name that is no symbol, for one named twice, or none at all.
    """

    def __init__(
        self,
        seed: int = DEFAULT_SEED,
        *,
        symbols: Sequence[str] | None = None,
        contracts: Mapping[str, SymbolSpec] | None = None,
        start_ms: int | None = None,
        grain_ms: int | None = None,
        asleep: bool = False,
    ) -> None:
        names = tuple(DEFAULT_SYMBOLS if symbols is None else symbols)
        if not names or len(set(names)) < len(names):
            raise DataError(f"no invented market for {names}", hint="name each symbol once, and one at least")
        self.seed = seed
        start = DEFAULT_START_MS if start_ms is None else start_ms
        self._start_ms = start // MINUTE_MS * MINUTE_MS
        self._first_ms = self._start_ms - HISTORY_DAYS * DAY_MS
        self._grain_ms = grain_ms
        self._factors: list[FactorDay] = []
        self._news: dict[int, tuple[Headline, ...]] = {}
        known = contracts or {}
        self._specs = {name: known.get(name) or invented_contract(name, self._start_ms) for name in names}
        self._walks: dict[str, CoinWalk] = {}
        self._coins: dict[str, ListedCoin] = {}
        self._awake = dict.fromkeys(name for name in names if not asleep and self._trades(name))
        self._crowds: dict[str, tuple[int, tuple[CrowdRow, ...]]] = {}
        self._told = tuple([name for name in names if name in DEFAULT_SYMBOLS] or names[:_NEWSWORTHY])

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
            "symbols": ", ".join(self._specs) if len(self._specs) <= _NAMED else f"{len(self._specs)} symbols",
            "history": f"{HISTORY_DAYS} days of one-minute bars",
            "note": "invented: prices, books, funding and headlines are made by a seeded model",
        }

    def specs(self) -> Mapping[str, SymbolSpec]:
        """Rules of the listed symbols."""
        return self._specs

    def trouble(self, now_ms: int) -> str | None:
        """An invented market is never in doubt."""
        return None

    def quotes(self, after_ms: int, until_ms: int) -> Iterator[Quote]:
        """The quotes of all symbols that are awake, as `MarketSource.quotes` promises them."""
        tapes = [self._of(name, until_ms).tape for name in self._specs if name in self._awake]
        return in_time_order(tapes, max(after_ms, self._start_ms - 1), until_ms)

    @property
    def early(self) -> Sequence[str]:
        """The symbols that newsrooms write about."""
        return self._told

    def wake(self, symbol: str, until_ms: int) -> Iterator[Quote]:
        """What leads a symbol to the present, as `SleepingSource.wake` promises it."""
        if symbol in self._awake or not self._trades(symbol):
            return iter(())
        self.follow(symbol)
        coin = self._of(symbol, until_ms)
        if until_ms < self._start_ms:
            return iter(())
        step = coin.tape.spec.funding_interval_hours * HOUR_MS
        since = max(self._start_ms, until_ms // step * step)
        return leading_quotes(coin.tape, since, until_ms)

    def follow(self, symbol: str) -> None:
        """Give quotes of a symbol from now on."""
        if self._trades(symbol):
            self._awake[symbol] = None

    def look_ahead(self, now_ms: int) -> bool:
        """Compute one symbol, as `SleepingSource.look_ahead` promises it."""
        for symbol in self._specs:
            if symbol not in self._coins and self._trades(symbol):
                self._of(symbol, now_ms)
                return True
        return False

    def past_quotes(self, symbol: str, before_ms: int, count: int) -> Sequence[Quote]:
        """What the market did before anybody looked, as `SleepingSource.past_quotes` promises it."""
        return self._of(symbol, before_ms).tape.quotes_before(before_ms, count)

    def klines(
        self, symbol: str, interval: str, start_ms: int | None, end_ms: int | None, limit: int, now_ms: int
    ) -> Sequence[Kline]:
        """Bars, as `MarketSource.klines` promises them."""
        coin = self._of(symbol, now_ms)
        last_ms = now_ms if end_ms is None else min(now_ms, end_ms)
        coin.look_back(last_ms - limit * length_of(interval) if start_ms is None else start_ms)
        return coin.tape.series.klines(interval, start_ms, end_ms, limit, now_ms)

    def funding_rates(
        self, symbol: str, start_ms: int | None, end_ms: int | None, limit: int, now_ms: int
    ) -> Sequence[FundingRow]:
        """Charges of the past, by Binance's formula from the premium."""
        coin = self._of(symbol, now_ms)
        coin.look_back(self._first_ms if start_ms is None else start_ms)
        return coin.funding(start_ms, now_ms if end_ms is None else min(now_ms, end_ms), limit)

    def crowd(self, symbol: str, now_ms: int) -> Sequence[CrowdRow]:
        """What the crowd holds, as `CrowdedSource.crowd` promises it."""
        coin = self._of(symbol, now_ms)
        coin.look_back(self._first_ms)
        last = (now_ms - self._first_ms) // HOUR_MS
        known = self._crowds.get(symbol)
        if known is None or known[0] != last:
            hours = aggregate(coin.tape.series.columns.rows(0, last * (HOUR_MS // MINUTE_MS)), "1h")
            # All of history shapes the crowd; only its last thirty days are told.
            known = self._crowds[symbol] = (last, crowd_of(hours, coin.tape.scale)[-_CROWD_HOURS:])
        return known[1]

    def headlines(self, since_ms: int, now_ms: int) -> Sequence[Headline]:
        """Headlines, as `MarketSource.headlines` promises them: of five symbols, however many are listed."""
        for name in self._told:
            self._of(name, now_ms).look_back(since_ms)
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

    def _of(self, symbol: str, at_ms: int) -> ListedCoin:
        """The contract, made if it was not, with every day up to a moment."""
        coin = self._coins.get(symbol)
        if coin is None:
            spec = self._specs.get(symbol)
            if spec is None:
                raise DataError(f"{symbol!r:.40} is not listed", hint=f"listed: {', '.join(self._specs)[:300]}")
            coin = self._coins[symbol] = self._made(spec)
        coin.reach(self._day_of(max(at_ms, self._start_ms)))
        return coin

    def _made(self, spec: SymbolSpec) -> ListedCoin:
        model = model_of(spec)
        walk = self._walks.get(model.walk)
        if walk is None:
            walk = CoinWalk(model.coin, model.walk, self.seed, model.walked_from, self.factor)
            self._walks[model.walk] = walk
        return ListedCoin(spec, model, walk, self.seed, self._first_ms, self._grain_ms)

    def _trades(self, symbol: str) -> bool:
        """Whether a listed contract has a market at all: one that is suspended or delivered has none."""
        spec = self._specs.get(symbol)
        if spec is None or spec.status != "TRADING":
            return False
        return spec.delivery_ms is None or spec.delivery_ms > self._start_ms

    def _day_of(self, at_ms: int) -> int:
        return (at_ms - self._first_ms) // DAY_MS

    def _headlines_of(self, day: int) -> tuple[Headline, ...]:
        known = self._news.get(day)
        if known is None:
            events = DayEvents(
                first_ms=self._first_ms + day * DAY_MS,
                market=self.factor(day).jumps,
                coins={name: self._coins[name].walk.jumps(day) for name in self._told},
                returns_before={name: self._coins[name].day_return(day - 1) for name in self._told if day > 0},
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
