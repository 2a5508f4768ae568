"""The recorded market as a crew reads any market: nothing of it is from after the moment the stage stands at.

Longer bars are made of the recorded ones; an interval shorter than those has none, which the crew is told. Marks and
book are the exchange's own, funding is what was charged up to now, headlines are known from the moment they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from desk.backtest.replay.stage import Stage
from desk.backtest.tape import Tape
from desk.domain.account import SymbolRules
from desk.domain.errors import DataError
from desk.domain.market import Bar, FundingPoint, Headline, Mark, OrderBook
from desk.domain.moments import from_ms
from desk.market.candles import Candles
from desk.market.intervals import interval_ms, interval_of
from desk.market.resample import resample


class RecordedMarket:
    """Keeps `desk.ports.MarketData` and `NewsFeed` over a tape with its history, at the time of one stage."""

    def __init__(self, history: Tape, stage: Stage, headlines: Sequence[Headline] = ()) -> None:
        self._stage = stage
        self._headlines = headlines
        self._candles = {symbol: _candles(history, at) for at, symbol in enumerate(history.symbols)}
        self._funding = {symbol: _charges(history, at) for at, symbol in enumerate(history.symbols)}
        self._made: dict[tuple[str, str], tuple[Candles, tuple[Bar, ...]]] = {}

    def rules(self) -> Mapping[str, SymbolRules]:
        """See `desk.ports.MarketData`."""
        return self._stage.venue.rules()

    def bars(self, symbol: str, interval: str, limit: int) -> tuple[Bar, ...]:
        """See `desk.ports.MarketData`. Raises DataError where the recording has none of this interval."""
        candles, bars = self._series(symbol, interval)
        finished = self._stage.clock.ms - candles.step_ms
        end = int(np.searchsorted(candles.open_time, finished, side="right"))
        if not end:
            raise DataError(f"no {interval} bar of {symbol} has finished yet")
        return bars[max(0, end - limit) : end]

    def book(self, symbol: str, depth: int) -> OrderBook:
        """See `desk.ports.MarketData`."""
        return self._stage.venue.book(symbol, depth)

    def funding(self, symbol: str, limit: int) -> tuple[FundingPoint, ...]:
        """See `desk.ports.MarketData`."""
        now = from_ms(self._stage.clock.ms)
        return tuple(point for point in self._funding[symbol] if point.at <= now)[-limit:]

    def marks(self, symbols: Sequence[str]) -> Mapping[str, Mark]:
        """See `desk.ports.MarketData`."""
        return self._stage.venue.marks(symbols)

    def headlines(self, since: datetime) -> tuple[Headline, ...]:
        """See `desk.ports.NewsFeed`."""
        now = from_ms(self._stage.clock.ms)
        return tuple(one for one in self._headlines if since <= one.at <= now)

    def _series(self, symbol: str, interval: str) -> tuple[Candles, tuple[Bar, ...]]:
        key = (symbol, interval)
        if key not in self._made:
            recorded = self._candles[symbol]
            candles = recorded if recorded.interval == interval else resample(recorded, interval)
            self._made[key] = (candles, candles.bars())
        return self._made[key]


def warm_up_of(intervals: Sequence[str], bars: int, step_ms: int) -> int:
    """Recorded bars before a decision that fill every interval the crew looks at."""
    longest = max(interval_ms(interval) for interval in intervals)
    return -(-(bars + 1) * longest // step_ms)


def _candles(tape: Tape, at: int) -> Candles:
    columns = (tape.open[:, at], tape.high[:, at], tape.low[:, at], tape.close[:, at], tape.volume[:, at])
    return Candles.from_columns(tape.symbols[at], interval_of(tape.step_ms), tape.open_time, *columns)


def _charges(tape: Tape, at: int) -> tuple[FundingPoint, ...]:
    rates = tape.funding[:, at]
    return tuple(
        FundingPoint(at=from_ms(int(tape.open_time[row])), rate=float(rates[row])) for row in np.flatnonzero(rates)
    )
