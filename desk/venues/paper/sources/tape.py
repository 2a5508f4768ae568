"""One symbol as it is played: bars, the way inside them, and the book around every step, in one consistent whole.

The quotes a tape gives and the bars it answers come from the same steps, so whoever watches both never sees them
disagree, and a bar that is still open shows exactly what its quotes have shown.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import islice

from desk.venues.paper.engine.values import Quote, SymbolSpec
from desk.venues.paper.sources.bars import MINUTE_MS, Columns, Scale
from desk.venues.paper.sources.liquidity import Conditions, ladders_of, spread_of
from desk.venues.paper.sources.path import Step, refined
from desk.venues.paper.sources.series import BarSeries

_LEADING_MS = 5 * MINUTE_MS


class Tape:
    """Plays one symbol. What differs between markets is told by four functions of the base bar's index (and time).

    `way` gives the steps inside a bar, `conditions` the state of the book known when it opens, `index_of` the index
    price at a step (None: there is none), `funding_at` the funding rate known at a moment (None: the venue computes).
    """

    def __init__(
        self,
        spec: SymbolSpec,
        columns: Columns,
        interval: str,
        *,
        way: Callable[[int], Sequence[Step]],
        conditions: Callable[[int], Conditions],
        index_of: Callable[[int, int], Decimal | None],
        funding_at: Callable[[int], Decimal | None],
        grain_ms: int | None = None,
    ) -> None:
        self.spec = spec
        self.scale = Scale(price_digits=spec.price_precision, quantity_digits=spec.quantity_precision)
        self.series = BarSeries(columns, interval, self.scale, self.steps)
        self._way = way
        self._conditions = conditions
        self._index_of = index_of
        self._funding_at = funding_at
        self._grain_ms = grain_ms
        self._tick, self._step = float(spec.rules.tick), float(spec.rules.step)

    def steps(self, index: int) -> Sequence[Step]:
        """Every step inside a base bar, as fine as this tape is played."""
        steps = self._way(index)
        return steps if self._grain_ms is None else tuple(refined(steps, self._grain_ms))

    def quotes(self, after_ms: int, until_ms: int) -> Iterator[Quote]:
        """The quotes with `after_ms < at_ms <= until_ms`; a contract with a delivery has none from then on."""
        if self.spec.delivery_ms is not None:
            until_ms = min(until_ms, self.spec.delivery_ms - 1)
        columns = self.series.columns
        index = max(0, self.series.index_at(after_ms))
        while index < len(columns) and int(columns.open_ms[index]) <= until_ms:
            yield from self._bar_quotes(index, after_ms, until_ms)
            index += 1

    def quotes_before(self, before_ms: int, count: int) -> Sequence[Quote]:
        """The last `count` quotes before a moment, oldest first; fewer where the bars begin."""
        bars: list[list[Quote]] = []
        missing, index = count, self.series.index_at(before_ms - 1)
        while index >= 0 and missing > 0:
            bars.append(list(self._bar_quotes(index, -1, before_ms - 1)))
            missing, index = missing - len(bars[-1]), index - 1
        return [quote for bar in reversed(bars) for quote in bar][-count:]

    def _bar_quotes(self, index: int, after_ms: int, until_ms: int) -> Iterator[Quote]:
        open_ms = int(self.series.columns.open_ms[index])
        total, length = int(self.series.columns.volume[index]), self.series.length_ms
        conditions = self._conditions(index)
        traded = 0
        for step in self.steps(index):
            if step.at_ms > until_ms:
                return
            so_far = total * (step.at_ms - open_ms + 1) // length
            if step.at_ms > after_ms:
                yield self._quote(step, conditions, so_far - traded)
            traded = so_far

    def _quote(self, step: Step, conditions: Conditions, volume: int) -> Quote:
        price = self.scale.price(step.price)
        bids, asks = ladders_of(conditions, float(price), self._tick, self._step)
        return Quote(
            symbol=self.spec.symbol,
            at_ms=step.at_ms,
            price=price,
            spread=spread_of(conditions, price, self.spec.rules.tick),
            ladder=bids,
            ask_ladder=asks,
            index=self._index_of(step.at_ms, step.price),
            funding_rate=self._funding_at(step.at_ms),
            volume=self.scale.quantity(volume),
            gap=step.gap,
        )


def leading_quotes(tape: Tape, since_ms: int, until_ms: int) -> Iterator[Quote]:
    """How a symbol came to the present, sparingly: a quote every five minutes from `since_ms`, the last minute whole.

    That is what the venue's averages need: the premium since the last funding, and the mark's half minute.
    """
    close_ms = max(since_ms, until_ms - MINUTE_MS)
    for at_ms in range(since_ms, close_ms, _LEADING_MS):
        yield from islice(tape.quotes(at_ms - 1, close_ms - 1), 1)
    quotes = list(tape.quotes(close_ms - 1, until_ms)) or list(tape.quotes(since_ms - 1, until_ms))[-1:]
    yield from quotes


def in_time_order(tapes: Sequence[Tape], after_ms: int, until_ms: int) -> Iterator[Quote]:
    """The quotes of several symbols as one stream; at the same moment they keep the order of the tapes."""
    return heapq.merge(*(tape.quotes(after_ms, until_ms) for tape in tapes), key=lambda quote: quote.at_ms)
