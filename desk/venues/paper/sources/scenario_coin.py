"""One coin's walk through the invented market, day by day, and how each contract on that coin is seen at the venue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from math import sqrt

import numpy as np

from desk.venues.paper.engine.values import SymbolSpec
from desk.venues.paper.sources import FundingRow
from desk.venues.paper.sources.bars import DAY_MS, HOUR_MS, MINUTE_MS, QUOTE_DIGITS, Columns, Ints, joined
from desk.venues.paper.sources.liquidity import Conditions
from desk.venues.paper.sources.path import Step
from desk.venues.paper.sources.randomness import Floats
from desk.venues.paper.sources.scenario_basis import Basis
from desk.venues.paper.sources.scenario_listing import Model
from desk.venues.paper.sources.scenario_model import HISTORY_DAYS, MINUTES, PARTS, Coin
from desk.venues.paper.sources.scenario_walk import CoinDay, CoinState, FactorDay, Jump, coin_day, stream
from desk.venues.paper.sources.tape import Tape

# Binance's interest rate for 8 hours and the band around it in which the rate stays put.
_INTEREST = 10_000
_BAND = 50_000
_RATE_DIGITS = 8
_PREMIUM_DIGITS = 8
_ONE = 10**_PREMIUM_DIGITS
# The ways inside minutes of this many days are kept; older ones are made again when asked for.
_KEPT_DAYS = 6
_PART_MS = MINUTE_MS // PARTS
_TRADE_SIZE = 1_900.0
_LEAN_MINUTES = 10


class _Chain:
    """Days of one coin that follow from each other, from `first_day` of the market's history on."""

    def __init__(self, coin: Coin, name: str, seed: int, first_day: int, factor: Callable[[int], FactorDay]) -> None:
        self._coin = coin
        self._name = name
        self._first_day = first_day
        self._seed = seed
        self._factor = factor
        self._states: list[CoinState] = [CoinState()]
        self._jumps: list[tuple[Jump, ...]] = []
        self._premiums: list[Ints] = []
        self._kept: dict[int, CoinDay] = {}

    def make(self, day: int) -> CoinDay:
        """One day, whose predecessors must have been made."""
        known = self._kept.get(day)
        if known is not None:
            return known
        place = day - self._first_day
        made = coin_day(self._coin, self._states[place], self._factor(day), stream(self._seed, day, self._name))
        if len(self._states) == place + 1:
            self._states.append(made.after)
            self._jumps.append(made.jumps)
            self._premiums.append(np.rint(made.premium * _ONE).astype(np.int64))
        self._kept[day] = made
        while len(self._kept) > _KEPT_DAYS:
            del self._kept[next(iter(self._kept))]
        return made

    def reach(self, day: int) -> None:
        """Make every day up to `day` that was not made before."""
        for missing in range(self._first_day + len(self._jumps), day + 1):
            self.make(missing)

    def jumps(self, day: int) -> tuple[Jump, ...]:
        """The coin's own jumps on one day."""
        return self._jumps[day - self._first_day]

    def premiums(self, day: int) -> Ints:
        """How far its perpetual stands above its index, minute by minute."""
        return self._premiums[day - self._first_day]


class CoinWalk:
    """The days of one coin under one seed, from the first day of the market's history on.

    Those from `recent_day` on are made first. What came before is a chain of its own that ends at the price where they
    begin, and is made when somebody asks for it: most who look at a coin look at its last week.
    """

    def __init__(self, coin: Coin, name: str, seed: int, recent_day: int, factor: Callable[[int], FactorDay]) -> None:
        self.coin = coin
        self.name = name
        self.recent_day = recent_day
        self._seed = seed
        self._recent = _Chain(coin, name, seed, recent_day, factor)
        self._older = _Chain(coin, name, seed, 0, factor) if recent_day else self._recent
        self._older_scale = 1.0

    def make(self, day: int) -> CoinDay:
        """One day, which must have been reached before."""
        if day >= self.recent_day:
            return self._recent.make(day)
        made = self._older.make(day)
        return replace(made, prices=made.prices * self._older_scale)

    def reach(self, day: int) -> None:
        """Make every recent day up to `day` that was not made before."""
        self._recent.reach(day)

    def reach_back(self) -> None:
        """Make what came before the recent days."""
        if self.recent_day and self._older_scale == 1.0:
            self._older.reach(self.recent_day - 1)
            self._recent.reach(self.recent_day)
            begins = float(self._recent.make(self.recent_day).prices[0, 0])
            self._older_scale = begins / float(self._older.make(self.recent_day - 1).prices[-1, PARTS])

    def jumps(self, day: int) -> tuple[Jump, ...]:
        """The coin's own jumps on one day."""
        return (self._recent if day >= self.recent_day else self._older).jumps(day)

    def premiums(self, day: int) -> Ints:
        """How far its perpetual stands above its index in each minute of a day, in hundred-millionths."""
        return (self._recent if day >= self.recent_day else self._older).premiums(day)

    def end_of_history(self) -> float:
        """The price at which history ends: within a tenth of the coin's usual one, wherever the walk has been."""
        at = float(stream(self._seed, 0, f"price of {self.name}").uniform(1)[0])
        return self.coin.price * (0.9 + 0.2 * at)


class ListedCoin:
    """A contract of one seed on its coin's walk; day 0 of the market begins at `first_ms`."""

    def __init__(
        self, spec: SymbolSpec, model: Model, walk: CoinWalk, seed: int, first_ms: int, grain_ms: int | None
    ) -> None:
        self.walk = walk
        self._share = model.share
        self._spec = spec
        self._market_ms = first_ms
        self._grain_ms = grain_ms
        self._basis = Basis(spec, model, seed, first_ms)
        self._rates: list[FundingRow] = []
        walk.reach(HISTORY_DAYS)
        self._unit = walk.end_of_history() / self._end_level() * 10.0**spec.price_precision
        self._filled = HISTORY_DAYS + 1
        self._play(model.first_day)

    def _play(self, first_day: int) -> None:
        """Lay out the bars from `first_day` of the market's history on."""
        self._first_day = first_day
        self._first_ms = self._market_ms + first_day * DAY_MS
        self._rates.clear()
        self.tape = Tape(
            self._spec,
            joined([self._columns(day, self.walk.make(day)) for day in range(first_day, self._filled)]),
            "1m",
            way=self._way,
            conditions=self._conditions,
            index_of=self._index_of,
            funding_at=self._funding_at,
            grain_ms=self._grain_ms,
        )

    def look_back(self, to_ms: int) -> None:
        """Have the bars back to a moment, as far as history reaches."""
        if to_ms < self._first_ms and self._first_day:
            self.walk.reach_back()
            self._play(0)

    def reach(self, day: int) -> None:
        """Make the days up to `day`."""
        self.walk.reach(day)
        while self._filled <= day:
            self.tape.series.extend(self._columns(self._filled, self.walk.make(self._filled)))
            self._filled += 1

    def day_return(self, day: int) -> float:
        """What the coin gained or lost on one day, as a fraction."""
        self.look_back(self._market_ms + day * DAY_MS)
        place = day - self._first_day
        columns = self.tape.series.columns
        first, last = int(columns.open[place * MINUTES]), int(columns.close[(place + 1) * MINUTES - 1])
        return last / first - 1

    def funding(self, start_ms: int | None, until_ms: int, limit: int) -> Sequence[FundingRow]:
        """Charges up to `until_ms`: the first `limit` from `start_ms` on, or the last ones. None with a delivery."""
        if self._spec.is_dated:
            return ()
        step = self._spec.funding_interval_hours * HOUR_MS
        due = (self._rates[-1].at_ms if self._rates else self._first_ms // step * step + step) + step
        while due <= until_ms:
            self._rates.append(self._charge(due, step))
            due += step
        rows = [r for r in self._rates if r.at_ms <= until_ms and (start_ms is None or r.at_ms >= start_ms)]
        return rows[:limit] if start_ms is not None else rows[max(0, len(rows) - limit) :]

    def index_premium(self, at_ms: int) -> int:
        """How far the contract stands above its index at a moment, in hundred-millionths of it."""
        day, minute = divmod((at_ms - self._market_ms) // MINUTE_MS, MINUTES)
        premium = int(self.walk.premiums(day)[minute])
        if not self._spec.is_dated:
            return premium
        above = round(self._basis.of_day(day)[minute, 0] * _ONE)
        return (_ONE + premium) * above // _ONE - _ONE

    def _end_level(self) -> float:
        return float(self.walk.make(HISTORY_DAYS).prices[0, 0])

    def _ticks(self, day: int, prices: Floats) -> Ints:
        return np.maximum(1, np.rint(prices * self._unit * self._basis.of_day(day))).astype(np.int64)

    def _columns(self, day: int, made: CoinDay) -> Columns:
        ticks = self._ticks(day, made.prices)
        unit, step = 10.0**-self._spec.price_precision, 10.0**-self._spec.quantity_precision
        mean = (ticks[:, 0] + ticks[:, 1] + ticks[:, 2] + ticks[:, 3] + ticks[:, 4]) * (unit / (PARTS + 1))
        turnover = made.turnover * self._share
        volume = np.rint(turnover / mean / step).astype(np.int64)
        bought = np.rint(volume * made.bought).astype(np.int64)
        cents = step * mean * 10.0**QUOTE_DIGITS
        return Columns(
            open_ms=self._market_ms + day * DAY_MS + np.arange(MINUTES, dtype=np.int64) * MINUTE_MS,
            open=ticks[:, 0].copy(),
            high=ticks.max(axis=1),
            low=ticks.min(axis=1),
            close=ticks[:, PARTS].copy(),
            volume=volume,
            quote_volume=np.rint(volume * cents).astype(np.int64),
            trades=1 + np.rint(turnover / _TRADE_SIZE).astype(np.int64),
            taker_base=bought,
            taker_quote=np.rint(bought * cents).astype(np.int64),
        )

    def _place(self, index: int) -> tuple[int, int]:
        """Day of the market and minute of that day, of a bar."""
        day, minute = divmod(index, MINUTES)
        return day + self._first_day, minute

    def _way(self, index: int) -> Sequence[Step]:
        day, minute = self._place(index)
        made = self.walk.make(day)
        basis = self._basis.of_day(day)[minute]
        ticks = np.maximum(1, np.rint(made.prices[minute] * self._unit * basis)).astype(np.int64).tolist()
        open_ms = self._first_ms + index * MINUTE_MS
        times = [open_ms + place * _PART_MS for place in range(PARTS)] + [open_ms + MINUTE_MS - 1]
        gaps = made.gaps[minute].tolist()
        return [Step(at_ms, price, gap) for at_ms, price, gap in zip(times, ticks, gaps, strict=True)]

    def _conditions(self, index: int) -> Conditions:
        day, minute = self._place(index)
        made = self.walk.make(day)
        columns = self.tape.series.columns
        before = max(0, index - 1 - _LEAN_MINUTES)
        moved = int(columns.close[max(0, index - 1)]) / int(columns.close[before]) - 1
        vol = float(made.vol[minute])
        return Conditions(
            turnover=self.walk.coin.turnover * self._share / MINUTES,
            minute_range=1.6 * vol,
            stress=float(made.stress[minute]),
            lean=max(-0.25, min(0.25, moved / (vol * sqrt(_LEAN_MINUTES)) * 0.08)),
            pattern=index,
        )

    def _index_of(self, at_ms: int, price: int) -> Decimal | None:
        premium = self.index_premium(at_ms)
        return Decimal(price * _ONE * 100 // (_ONE + premium)).scaleb(-self._spec.price_precision - 2)

    def _funding_at(self, at_ms: int) -> Decimal | None:
        return None

    def _charge(self, due_ms: int, step_ms: int) -> FundingRow:
        """Rate = mean premium of the interval + (interest - premium, held within 0.05 %); Binance's formula for 8 h."""
        last = (due_ms - self._first_ms) // MINUTE_MS - 1
        first = max(0, last + 1 - step_ms // MINUTE_MS)
        days = range(first // MINUTES, last // MINUTES + 1)
        begin = first - days[0] * MINUTES
        minutes = np.concatenate([self.walk.premiums(day + self._first_day) for day in days])
        minutes = minutes[begin : begin + last + 1 - first]
        premium = int(minutes.sum()) // len(minutes)
        rate = premium + max(-_BAND, min(_BAND, _INTEREST - premium))
        close = int(self.tape.series.columns.close[last])
        capped = min(self._spec.funding_cap, max(self._spec.funding_floor, Decimal(rate).scaleb(-_RATE_DIGITS)))
        return FundingRow(symbol=self._spec.symbol, at_ms=due_ms, rate=capped, mark_price=self.tape.scale.price(close))
