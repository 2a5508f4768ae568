"""What was heard of a live market, and when: prices only as old as they are, no extreme lost, no silence papered over.

Between two takings the highest, the lowest and the last middle of the touch are kept. A price heard after a silence is
flagged `gap`. Pure: the machine's clock comes in as a function.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from desk.domain.errors import DataError
from desk.venues.paper.engine.values import Ladder, Quote
from desk.venues.paper.sources.upstream import Premium, Touch

_KEPT_QUOTES = 50_000


@dataclass(frozen=True, slots=True)
class Tick:
    """A touch and when it was heard; `gap` when nobody knows how the price came here."""

    at_ms: int
    touch: Touch
    gap: bool


@dataclass(slots=True)
class HeardSymbol:
    """What was heard of one symbol, and which touches were not yet taken."""

    bids: Ladder = ()
    asks: Ladder = ()
    premium: Premium | None = None
    touch_ms: int = 0
    premium_ms: int = 0
    waiting: list[Tick] = field(default_factory=list[Tick])

    def hear(self, tick: Tick) -> None:
        """Keep the extremes and the last of what has not been taken, and every gap."""
        self.touch_ms = tick.at_ms
        kept = [*self.waiting, tick]
        highest, lowest = max(kept, key=lambda t: t.touch.mid), min(kept, key=lambda t: t.touch.mid)
        self.waiting = [t for t in kept if t.gap or t in (highest, lowest, tick)]

    @property
    def oldest_ms(self) -> int:
        """When the older of touch and index was heard."""
        return min(self.touch_ms, self.premium_ms)


class HeardMarket:
    """All symbols of one live market. `stale_ms` is the age at which a price counts as unknown."""

    def __init__(self, symbols: Sequence[str], stale_ms: int, wall_ms: Callable[[], int]) -> None:
        self.symbols = {symbol: HeardSymbol() for symbol in symbols}
        self._stale_ms = stale_ms
        self._wall_ms = wall_ms
        self._taken_ms = 0
        self._given: deque[Quote] = deque(maxlen=_KEPT_QUOTES)

    def begin(self, at_ms: int) -> None:
        """Let the last touch of each symbol be its first price, at `at_ms`."""
        for heard in self.symbols.values():
            heard.waiting = [Tick(at_ms, heard.waiting[-1].touch, gap=False)]

    def touch(self, touch: Touch) -> None:
        """A new best bid and ask."""
        heard = self.of(touch.symbol)
        # One past the moment already answered for: what arrives in the same millisecond is not lost.
        at_ms = max(self._wall_ms(), self._taken_ms + 1)
        late = heard.touch_ms > 0 and at_ms - heard.touch_ms > self._stale_ms
        heard.hear(Tick(at_ms, touch, gap=late))

    def premium(self, premium: Premium) -> None:
        """A new index price and funding rate."""
        heard = self.of(premium.symbol)
        heard.premium, heard.premium_ms = premium, self._wall_ms()

    def silent(self, now_ms: int) -> list[str]:
        """The symbols whose touch or index is too old at `now_ms`, with their ages."""
        now = max(now_ms, self._wall_ms())
        ages = {symbol: now - heard.oldest_ms for symbol, heard in self.symbols.items()}
        return [f"{symbol} for {age / 1_000:.0f} s" for symbol, age in ages.items() if age > self._stale_ms]

    def unpriced(self) -> list[str]:
        """The symbols without a price, an index or a book."""
        return [s for s, heard in self.symbols.items() if not (heard.waiting and heard.premium and heard.bids)]

    def take(self, after_ms: int, until_ms: int) -> list[Quote]:
        """Quotes with `after_ms < at_ms <= until_ms`, in time order; asking again gives the same."""
        due = [(t, name) for name, heard in self.symbols.items() for t in heard.waiting if t.at_ms <= until_ms]
        self._given.extend(self._quote(tick, name) for tick, name in sorted(due, key=lambda row: row[0].at_ms))
        for heard in self.symbols.values():
            heard.waiting = [tick for tick in heard.waiting if tick.at_ms > until_ms]
        self._taken_ms = max(self._taken_ms, until_ms)
        return [quote for quote in self._given if after_ms < quote.at_ms <= until_ms]

    def of(self, symbol: str) -> HeardSymbol:
        """What was heard of one symbol.

        Raises:
            DataError: when it was not asked for.
        """
        heard = self.symbols.get(symbol)
        if heard is None:
            raise DataError(f"{symbol!r:.40} is not followed", hint=f"followed: {', '.join(self.symbols)}")
        return heard

    def _quote(self, tick: Tick, name: str) -> Quote:
        heard = self.symbols[name]
        return Quote(
            symbol=name,
            at_ms=tick.at_ms,
            price=tick.touch.mid,
            spread=tick.touch.spread,
            ladder=heard.bids,
            ask_ladder=heard.asks,
            index=None if heard.premium is None else heard.premium.index,
            funding_rate=None if heard.premium is None else heard.premium.funding_rate,
            gap=tick.gap,
        )
