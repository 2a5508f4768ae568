"""A recorded market played again: real bars, one after the other, none visible before its time.

Bars before the start are history. From the start on, the price walks through each bar by the rule of `path`: rising
bars open, low, high, close; falling bars open, high, low, close; every leg continuous, so no stop is skipped. From the
close of one bar to the open of the next it jumps wherever the two differ or bars are missing, and such a quote is
flagged `gap`. The book is modelled by `liquidity` from bars already finished. The index equals the price, so the mark
follows it. Where funding was recorded, its rates are charged; before a charge the last one is shown, since the next is
not known yet. A recording has no headlines, and says so instead of making them up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from desk.domain.errors import DataError
from desk.domain.market import Headline
from desk.venues.paper.engine.values import Kline, Quote, SymbolSpec
from desk.venues.paper.sources import FundingRow
from desk.venues.paper.sources.bars import DAY_MS, MINUTE_MS, Columns, Ints, Scale
from desk.venues.paper.sources.candle_files import Candles, read_candles, read_funding
from desk.venues.paper.sources.liquidity import Conditions
from desk.venues.paper.sources.path import Step, bar_steps
from desk.venues.paper.sources.tape import Tape, in_time_order

# Enough bars for the slowest indicator of a desk before the first decision, when nobody says where to start.
_HISTORY_BARS = 1_500
# A charge counts as known in the last second before it is due: that is when the venue takes its rate.
_KNOWN_BEFORE_MS = 1_000
_USUAL_MS = 30 * DAY_MS
_RECENT_BARS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Where one symbol's bars are, and its funding rates if they were recorded."""

    symbol: str
    path: Path
    interval: str | None = None
    funding: Path | None = None


class ReplaySource:
    """The `MarketSource` of recorded bars. All files must carry bars of the same interval.

    Raises:
        DataError: when a file is broken, intervals differ, or a symbol has no bar where the clock is to start.
    """

    def __init__(
        self,
        recordings: Sequence[Recording],
        *,
        contracts: Mapping[str, SymbolSpec] | None = None,
        start_ms: int | None = None,
        end_ms: int | None = None,
        grain_ms: int | None = None,
    ) -> None:
        candles = [read_candles(r.symbol, r.path, r.interval, (contracts or {}).get(r.symbol)) for r in recordings]
        if not candles:
            raise DataError("a replay needs at least one recording")
        lengths = {c.interval for c in candles}
        if len(lengths) > 1:
            raise DataError(
                f"recordings of different intervals cannot be played together: {', '.join(sorted(lengths))}"
            )
        self._candles = candles
        self._funding = {r.symbol: _Funding(r.funding) for r in recordings}
        self._tapes = {c.spec.symbol: self._tape(c, grain_ms) for c in candles}
        self._start_ms = self._first_moment(start_ms)
        last = min(int(c.columns.open_ms[-1]) for c in candles) + next(iter(self._tapes.values())).series.length_ms
        self._end_ms = last if end_ms is None else min(last, end_ms)
        if self._end_ms <= self._start_ms:
            raise DataError(f"the recording ends at {_text(self._end_ms)}, before it starts at {_text(self._start_ms)}")

    @property
    def start_ms(self) -> int:
        """The open of the first bar that is played."""
        return self._start_ms

    @property
    def end_ms(self) -> int | None:
        """The end of the shortest recording, or the end that was asked for."""
        return self._end_ms

    @property
    def intervals(self) -> tuple[str, ...]:
        """The recorded interval and every longer one that it fills."""
        return next(iter(self._tapes.values())).series.intervals

    def about(self) -> Mapping[str, str]:
        """The files, the span, the holes in it, and what a recording lacks."""
        holes = [f"{c.spec.symbol} {h.missing} bars after {_text(h.after_ms)}" for c in self._candles for h in c.holes]
        without = [symbol for symbol, funding in self._funding.items() if not len(funding.times)]
        return {
            "kind": "replay",
            "files": ", ".join(c.path.name for c in self._candles),
            "interval": self._candles[0].interval,
            "span": f"{_text(self._start_ms)} to {_text(self._end_ms)}",
            "missing": "; ".join(holes[:5]) + (f" and {len(holes) - 5} more" if len(holes) > 5 else "") or "none",
            "path": "rising bars open-low-high-close, falling bars open-high-low-close, continuous",
            "headlines": "none: a recording of prices has none",
            "funding": f"computed for {', '.join(without)}" if without else "as recorded",
        }

    def specs(self) -> Mapping[str, SymbolSpec]:
        """Rules of the recorded symbols; a tick finer than today's where the recording has one."""
        return {symbol: tape.spec for symbol, tape in self._tapes.items()}

    def trouble(self, now_ms: int) -> str | None:
        """A recording can be trusted up to its end."""
        return None if now_ms <= self._end_ms else f"the recording ends at {_text(self._end_ms)}"

    def quotes(self, after_ms: int, until_ms: int) -> Iterator[Quote]:
        """The quotes of all symbols, as `MarketSource.quotes` promises them."""
        first = max(after_ms, self._start_ms - 1)
        return in_time_order(list(self._tapes.values()), first, min(until_ms, self._end_ms))

    def klines(
        self, symbol: str, interval: str, start_ms: int | None, end_ms: int | None, limit: int, now_ms: int
    ) -> Sequence[Kline]:
        """Recorded bars, as `MarketSource.klines` promises them."""
        return self._of(symbol).series.klines(interval, start_ms, end_ms, limit, min(now_ms, self._end_ms))

    def funding_rates(
        self, symbol: str, start_ms: int | None, end_ms: int | None, limit: int, now_ms: int
    ) -> Sequence[FundingRow]:
        """Recorded charges; empty where none were recorded."""
        tape, funding = self._of(symbol), self._funding[symbol]
        until = now_ms if end_ms is None else min(now_ms, end_ms)
        stop = int(np.searchsorted(funding.times, until, side="right"))
        begin = max(0, stop - limit)
        if start_ms is not None:
            begin = int(np.searchsorted(funding.times, start_ms, side="left"))
            stop = min(stop, begin + limit)
        return [funding.row(i, tape) for i in range(begin, stop)]

    def headlines(self, since_ms: int, now_ms: int) -> Sequence[Headline]:
        """None, ever: see `about`."""
        return ()

    def _of(self, symbol: str) -> Tape:
        tape = self._tapes.get(symbol)
        if tape is None:
            raise DataError(f"{symbol!r:.40} was not recorded", hint=f"recorded: {', '.join(self._tapes)}")
        return tape

    def _tape(self, candles: Candles, grain_ms: int | None) -> Tape:
        columns, holes = candles.columns, {h.after_ms for h in candles.holes}
        books = _Books(columns, Scale(price_digits=candles.spec.price_precision, quantity_digits=0), candles.interval)

        def way(index: int) -> Sequence[Step]:
            open_ms, open_ = int(columns.open_ms[index]), int(columns.open[index])
            before = max(0, index - 1)
            jumps = open_ != int(columns.close[before]) or int(columns.open_ms[before]) in holes
            prices = (open_, int(columns.high[index]), int(columns.low[index]), int(columns.close[index]))
            return bar_steps(open_ms, books.length_ms, prices, gap=index > 0 and jumps)

        def index_of(at_ms: int, price: int) -> Decimal | None:
            return None

        return Tape(
            candles.spec,
            columns,
            candles.interval,
            way=way,
            conditions=books.conditions,
            index_of=index_of,
            funding_at=self._funding[candles.spec.symbol].known_at,
            grain_ms=grain_ms,
        )

    def _first_moment(self, start_ms: int | None) -> int:
        opens = [tape.series.columns.open_ms for tape in self._tapes.values()]
        if start_ms is None:
            longest = max(opens, key=lambda column: int(column[0]))
            start_ms = int(longest[min(_HISTORY_BARS, len(longest) // 2)])
        length = next(iter(self._tapes.values())).series.length_ms
        start = -(-start_ms // length) * length
        for symbol, tape in self._tapes.items():
            column = tape.series.columns.open_ms
            place = tape.series.index_at(start)
            if place < 0 or int(column[place]) != start:
                span = f"{_text(int(column[0]))} to {_text(int(column[-1]) + length)}"
                raise DataError(f"{symbol} has no bar at {_text(start)}", hint=f"it was recorded from {span}")
        return start


class _Funding:
    """Recorded charges of one symbol; without a file there are none."""

    def __init__(self, path: Path | None) -> None:
        self.times: Ints = np.empty(0, dtype=np.int64)
        self.rates: tuple[Decimal, ...] = ()
        if path is not None:
            self.times, self.rates = read_funding(path)

    def known_at(self, at_ms: int) -> Decimal | None:
        """The last rate charged, or the next one when it is due within a second; None where nothing was recorded."""
        place = int(np.searchsorted(self.times, at_ms + _KNOWN_BEFORE_MS, side="right")) - 1
        return self.rates[place] if place >= 0 else None

    def row(self, place: int, tape: Tape) -> FundingRow:
        """One charge, at the last price before it."""
        at_ms = int(self.times[place])
        bar = tape.series.index_at(at_ms - 1)
        columns = tape.series.columns
        price = int(columns.close[bar]) if bar >= 0 else int(columns.open[0])
        return FundingRow(
            symbol=tape.spec.symbol, at_ms=at_ms, rate=self.rates[place], mark_price=tape.scale.price(price)
        )


class _Books:
    """The state of the book at each bar's open, from finished bars: the month before it against the last few bars."""

    def __init__(self, columns: Columns, scale: Scale, interval: str) -> None:
        series_length = int(np.diff(columns.open_ms).min()) if len(columns) > 1 else MINUTE_MS
        self.length_ms = series_length
        minutes = series_length / MINUTE_MS
        # Range grows with the square root of time, volume with time.
        ranges = (columns.high - columns.low) / columns.close / np.sqrt(minutes)
        turnover = columns.quote_volume / 100.0 / minutes
        usual = max(_RECENT_BARS, _USUAL_MS // series_length)
        self._usual_range = _mean_before(ranges, usual)
        self._recent_range = _mean_before(ranges, _RECENT_BARS)
        self._turnover = _mean_before(turnover, usual)

    def conditions(self, index: int) -> Conditions:
        """What shapes the book while bar `index` runs."""
        usual, recent = float(self._usual_range[index]), float(self._recent_range[index])
        return Conditions(
            turnover=float(self._turnover[index]),
            minute_range=recent,
            stress=recent / usual if usual > 0 else 1.0,
            pattern=index,
        )


def _mean_before(values: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """The mean of at most `window` values before each one; the first has nothing before it and stands for itself."""
    total = np.concatenate(([0.0], np.cumsum(values)))
    place = np.arange(len(values))
    begin = np.maximum(0, place - window)
    means = (total[place] - total[begin]) / np.maximum(1, place - begin)
    means[0] = values[0]
    return means


def _text(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1_000, UTC).strftime("%Y-%m-%d %H:%M")
