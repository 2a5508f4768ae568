"""One coin of the invented market as the venue sees it: whole-number bars, quotes, books, funding, day by day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from math import sqrt

import numpy as np

from desk.venues.paper.sources import FundingRow
from desk.venues.paper.sources.bars import DAY_MS, HOUR_MS, MINUTE_MS, QUOTE_DIGITS, Columns, Ints, joined
from desk.venues.paper.sources.liquidity import Conditions
from desk.venues.paper.sources.path import Step
from desk.venues.paper.sources.randomness import Floats
from desk.venues.paper.sources.scenario_model import COINS, HISTORY_DAYS, MINUTES, PARTS
from desk.venues.paper.sources.scenario_walk import CoinDay, CoinState, FactorDay, Jump, coin_day, stream
from desk.venues.paper.sources.tape import Tape
from desk.venues.paper.symbols import spec_for

# Binance's interest rate for 8 hours and the band around it in which the rate stays put.
_INTEREST = 10_000
_BAND = 50_000
_RATE_DIGITS = 8
_PREMIUM_DIGITS = 8
# The ways inside minutes of this many days are kept; older ones are made again when asked for.
_KEPT_DAYS = 6
_PART_MS = MINUTE_MS // PARTS
_TRADE_SIZE = 1_900.0
_LEAN_MINUTES = 10


class ListedCoin:
    """A coin of one seed, from `first_ms` on; `factor` tells each day of the common factor."""

    def __init__(
        self, symbol: str, seed: int, first_ms: int, factor: Callable[[int], FactorDay], grain_ms: int | None
    ) -> None:
        self._coin = COINS[symbol]
        self._symbol = symbol
        self._seed = seed
        self._first_ms = first_ms
        self._factor = factor
        self._spec = spec_for(symbol, Decimal(repr(self._coin.price)))
        self._states: list[CoinState] = [CoinState()]
        self._jumps: list[tuple[Jump, ...]] = []
        self._premiums: list[Ints] = []
        self._kept: dict[int, CoinDay] = {}
        self._rates: list[FundingRow] = []
        self._filled = 0
        history = [self._make(day) for day in range(HISTORY_DAYS + 1)]
        # The walk is scaled so that history ends within a tenth of the coin's usual price, wherever it has been.
        end = self._coin.price * (0.9 + 0.2 * float(stream(seed, 0, f"price of {symbol}").uniform(1)[0]))
        self._unit = end / float(history[HISTORY_DAYS].prices[0, 0]) * 10.0**self._spec.price_precision
        self.tape = Tape(
            self._spec,
            joined([self._columns(day, made) for day, made in enumerate(history)]),
            "1m",
            way=self._way,
            conditions=self._conditions,
            index_of=self._index_of,
            funding_at=self._funding_at,
            grain_ms=grain_ms,
        )
        self._filled = HISTORY_DAYS + 1

    def reach(self, day: int) -> None:
        """Make the days up to `day`."""
        while self._filled <= day:
            self.tape.series.extend(self._columns(self._filled, self._make(self._filled)))
            self._filled += 1

    def jumps(self, day: int) -> tuple[Jump, ...]:
        """The coin's own jumps on one day."""
        return self._jumps[day]

    def day_return(self, day: int) -> float:
        """What the coin gained or lost on one day, as a fraction."""
        columns = self.tape.series.columns
        first, last = int(columns.open[day * MINUTES]), int(columns.close[(day + 1) * MINUTES - 1])
        return last / first - 1

    def funding(self, start_ms: int | None, until_ms: int, limit: int) -> Sequence[FundingRow]:
        """Charges up to `until_ms`: the first `limit` from `start_ms` on, or the last ones."""
        step = self._spec.funding_interval_hours * HOUR_MS
        due = (self._rates[-1].at_ms if self._rates else self._first_ms // step * step + step) + step
        while due <= until_ms:
            self._rates.append(self._charge(due, step))
            due += step
        rows = [r for r in self._rates if r.at_ms <= until_ms and (start_ms is None or r.at_ms >= start_ms)]
        return rows[:limit] if start_ms is not None else rows[max(0, len(rows) - limit) :]

    def _make(self, day: int) -> CoinDay:
        known = self._kept.get(day)
        if known is not None:
            return known
        made = coin_day(self._coin, self._states[day], self._factor(day), stream(self._seed, day, self._symbol))
        if len(self._states) == day + 1:
            self._states.append(made.after)
            self._jumps.append(made.jumps)
            self._premiums.append(np.rint(made.premium * 10**_PREMIUM_DIGITS).astype(np.int64))
        self._kept[day] = made
        while len(self._kept) > _KEPT_DAYS:
            del self._kept[next(iter(self._kept))]
        return made

    def _ticks(self, prices: Floats) -> Ints:
        return np.maximum(1, np.rint(prices * self._unit)).astype(np.int64)

    def _columns(self, day: int, made: CoinDay) -> Columns:
        ticks = self._ticks(made.prices)
        unit, step = 10.0**-self._spec.price_precision, 10.0**-self._spec.quantity_precision
        mean = (ticks[:, 0] + ticks[:, 1] + ticks[:, 2] + ticks[:, 3] + ticks[:, 4]) * (unit / (PARTS + 1))
        volume = np.rint(made.turnover / mean / step).astype(np.int64)
        bought = np.rint(volume * made.bought).astype(np.int64)
        cents = step * mean * 10.0**QUOTE_DIGITS
        return Columns(
            open_ms=self._first_ms + day * DAY_MS + np.arange(MINUTES, dtype=np.int64) * MINUTE_MS,
            open=ticks[:, 0].copy(),
            high=ticks.max(axis=1),
            low=ticks.min(axis=1),
            close=ticks[:, PARTS].copy(),
            volume=volume,
            quote_volume=np.rint(volume * cents).astype(np.int64),
            trades=1 + np.rint(made.turnover / _TRADE_SIZE).astype(np.int64),
            taker_base=bought,
            taker_quote=np.rint(bought * cents).astype(np.int64),
        )

    def _way(self, index: int) -> Sequence[Step]:
        day, minute = divmod(index, MINUTES)
        made = self._make(day)
        ticks, gaps = self._ticks(made.prices[minute]).tolist(), made.gaps[minute].tolist()
        open_ms = self._first_ms + index * MINUTE_MS
        times = [open_ms + place * _PART_MS for place in range(PARTS)] + [open_ms + MINUTE_MS - 1]
        return [Step(at_ms, price, gap) for at_ms, price, gap in zip(times, ticks, gaps, strict=True)]

    def _conditions(self, index: int) -> Conditions:
        day, minute = divmod(index, MINUTES)
        made = self._make(day)
        columns = self.tape.series.columns
        before = max(0, index - 1 - _LEAN_MINUTES)
        moved = int(columns.close[max(0, index - 1)]) / int(columns.close[before]) - 1
        vol = float(made.vol[minute])
        return Conditions(
            turnover=self._coin.turnover / MINUTES,
            minute_range=1.6 * vol,
            stress=float(made.stress[minute]),
            lean=max(-0.25, min(0.25, moved / (vol * sqrt(_LEAN_MINUTES)) * 0.08)),
            pattern=index,
        )

    def _index_of(self, at_ms: int, price: int) -> Decimal | None:
        day, minute = divmod((at_ms - self._first_ms) // MINUTE_MS, MINUTES)
        premium = int(self._premiums[day][minute])
        one = 10**_PREMIUM_DIGITS
        return Decimal(price * one * 100 // (one + premium)).scaleb(-self._spec.price_precision - 2)

    def _funding_at(self, at_ms: int) -> Decimal | None:
        return None

    def _charge(self, due_ms: int, step_ms: int) -> FundingRow:
        """Rate = mean premium of the interval + (interest - premium, held within 0.05 %); Binance's formula for 8 h."""
        last = (due_ms - self._first_ms) // MINUTE_MS - 1
        first = max(0, last + 1 - step_ms // MINUTE_MS)
        days = range(first // MINUTES, last // MINUTES + 1)
        begin = first - days[0] * MINUTES
        minutes = np.concatenate([self._premiums[day] for day in days])[begin : begin + last + 1 - first]
        premium = int(minutes.sum()) // len(minutes)
        rate = premium + max(-_BAND, min(_BAND, _INTEREST - premium))
        close = int(self.tape.series.columns.close[last])
        capped = min(self._spec.funding_cap, max(self._spec.funding_floor, Decimal(rate).scaleb(-_RATE_DIGITS)))
        return FundingRow(symbol=self._symbol, at_ms=due_ms, rate=capped, mark_price=self.tape.scale.price(close))
