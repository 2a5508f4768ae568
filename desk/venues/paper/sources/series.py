"""One symbol's bars as they become known: finished bars never change, and nothing after `now_ms` is ever looked at.

Longer intervals are aggregated once and extended as bars arrive; bars already answered are kept as the values they
were answered with, so asking for the same 500 bars again costs microseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields

import numpy as np

from desk.domain.errors import DataError
from desk.venues.paper.engine.values import Kline
from desk.venues.paper.sources.bars import (
    INTERVAL_MS,
    INTERVALS,
    MONTH,
    Columns,
    Scale,
    aggregate,
    interval_end,
    joined,
)
from desk.venues.paper.sources.path import Step, travelled

# Two answers of Binance's longest length: what a paging reader touches, and a bound on memory.
_KEPT_KLINES = 3_000
_NAMES = tuple(f.name for f in fields(Columns))
_SUMS = ("volume", "quote_volume", "trades", "taker_base", "taker_quote")


class BarSeries:
    """Bars of `interval` of one symbol. `steps_of(i)` tells the way inside base bar `i`, for the unfinished one."""

    def __init__(
        self, columns: Columns, interval: str, scale: Scale, steps_of: Callable[[int], Sequence[Step]]
    ) -> None:
        self.columns = columns
        self.interval = interval
        self.scale = scale
        self.length_ms = INTERVAL_MS[interval]
        self._steps_of = steps_of
        self._longer: dict[str, Columns] = {}
        self._covered: dict[str, int] = {}
        self._klines: dict[str, dict[int, Kline]] = {}

    @property
    def intervals(self) -> tuple[str, ...]:
        """The intervals that whole base bars can fill, shortest first."""
        return tuple(i for i in INTERVALS if i == MONTH or INTERVAL_MS[i] % self.length_ms == 0)

    def extend(self, columns: Columns) -> None:
        """Add the bars that follow."""
        self.columns = joined((self.columns, columns))

    def index_at(self, at_ms: int) -> int:
        """The base bar that opened last at or before `at_ms`; -1 before the first."""
        return int(np.searchsorted(self.columns.open_ms, at_ms, side="right")) - 1

    def klines(
        self, interval: str, start_ms: int | None, end_ms: int | None, limit: int, now_ms: int
    ) -> tuple[Kline, ...]:
        """Bars as `MarketSource.klines` promises them.

        Raises:
            DataError: for an interval that base bars cannot fill.
        """
        columns = self._aggregated(interval)
        opens = columns.open_ms
        last_ms = now_ms if end_ms is None else min(now_ms, end_ms)
        stop = int(np.searchsorted(opens, last_ms, side="right"))
        begin = 0 if start_ms is None else int(np.searchsorted(opens, start_ms, side="left"))
        if start_ms is None:
            begin = max(0, stop - limit)
        else:
            stop = min(stop, begin + limit)
        found = (self._at(columns, interval, i, now_ms) for i in range(begin, stop))
        return tuple(kline for kline in found if kline is not None)

    def _aggregated(self, interval: str) -> Columns:
        if interval == self.interval:
            return self.columns
        if interval not in self.intervals:
            raise DataError(
                f"bars of {self.interval} cannot be told as {interval!r:.10}",
                hint=f"one of {', '.join(self.intervals)}",
            )
        known = self._longer.get(interval)
        if known is None or not len(known):
            known = aggregate(self.columns, interval)
        elif self._covered[interval] < len(self.columns):
            # The last bar known may have been cut short by the end of what was there.
            again = int(np.searchsorted(self.columns.open_ms, int(known.open_ms[-1]), side="left"))
            fresh = aggregate(self.columns.rows(again, len(self.columns)), interval)
            known = joined((known.rows(0, len(known) - 1), fresh))
        self._longer[interval] = known
        self._covered[interval] = len(self.columns)
        return known

    def _at(self, columns: Columns, interval: str, index: int, now_ms: int) -> Kline | None:
        kept = self._klines.setdefault(interval, {})
        known = kept.get(index)
        if known is not None and known.close_ms < now_ms:
            return known
        open_ms = int(columns.open_ms[index])
        end_ms = interval_end(open_ms, interval)
        if end_ms > now_ms:
            return self._unfinished(open_ms, end_ms, now_ms)
        kline = self.scale.kline([int(getattr(columns, name)[index]) for name in _NAMES], end_ms - 1)
        if len(kept) >= _KEPT_KLINES:
            for stale in list(kept)[: _KEPT_KLINES // 2]:
                del kept[stale]
        kept[index] = kline
        return kline

    def _unfinished(self, open_ms: int, end_ms: int, now_ms: int) -> Kline | None:
        first = int(np.searchsorted(self.columns.open_ms, open_ms, side="left"))
        running = self.index_at(now_ms)
        finished = running + 1 if int(self.columns.open_ms[running]) + self.length_ms <= now_ms else running
        parts = [self.columns.rows(first, finished)] if finished > first else []
        if finished == running:
            part = self._running(running, now_ms)
            if part is not None:
                parts.append(part)
        if not parts:
            return None
        whole = joined(parts)
        prices = [open_ms, int(whole.open[0]), int(whole.high.max()), int(whole.low.min()), int(whole.close[-1])]
        return self.scale.kline(prices + [int(getattr(whole, name).sum()) for name in _SUMS], end_ms - 1)

    def _running(self, index: int, now_ms: int) -> Columns | None:
        open_ms = int(self.columns.open_ms[index])
        so_far = travelled(self._steps_of(index), open_ms, self.length_ms, now_ms)
        if so_far is None:
            return None
        sums = [so_far.share(int(getattr(self.columns, name)[index])) for name in _SUMS]
        row = [open_ms, so_far.open, so_far.high, so_far.low, so_far.close, *sums]
        return Columns(**{name: np.array([value], dtype=np.int64) for name, value in zip(_NAMES, row, strict=True)})
