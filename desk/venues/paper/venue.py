"""The paper venue at work: one engine, one market source and one clock, moved together and written down together.

Time passes in one place. `catch_up` takes the source's quotes between the last moment and the present, in order,
settles what fell due, and lets the engine meet each of them; while it does, the engine's clock reads the quote's own
time. Nothing here knows HTTP. It is not thread-safe: one event loop owns it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from desk.venues.paper.clock import ClockMode, VenueClock
from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.values import Event, TradeEvent
from desk.venues.paper.markets import is_sleeping
from desk.venues.paper.sources import MarketSource

Moved = Callable[[str], None]
"""Told the symbol of every quote that was applied."""


@dataclass(slots=True)
class VenueTime:
    """What time the engine reads: the clock's, or while quotes are being met, theirs. It never goes back."""

    clock: VenueClock
    reached_ms: int
    meeting: bool = False

    def now_ms(self) -> int:
        """The present moment of the venue in ms UTC."""
        if not self.meeting:
            self.reached_ms = max(self.reached_ms, self.clock.now_ms())
        return self.reached_ms


@dataclass(slots=True)
class PaperVenue:
    """Engine, source and clock. `met_ms` is the moment up to which every quote has been met."""

    exchange: Exchange
    source: MarketSource
    time: VenueTime
    met_ms: int
    keep: Callable[[int], None]
    on_moved: list[Moved] = field(default_factory=list[Moved])
    on_events: list[Callable[[list[Event]], None]] = field(default_factory=list[Callable[[list[Event]], None]])
    unheard: list[Event] = field(default_factory=list[Event])
    quotes_met: int = 0

    def now_ms(self) -> int:
        """The present moment of the venue in ms UTC."""
        return self.time.now_ms()

    @property
    def stepped(self) -> bool:
        """Whether time only moves when somebody asks."""
        return self.time.clock.mode is ClockMode.STEPPED

    def wake(self, symbol: str) -> None:
        """Lead a symbol that nobody had looked at to the present; the trades on its way are announced to nobody."""
        if not is_sleeping(self.source):
            return
        self.unheard += self.exchange.drain_events()
        for quote in self.source.wake(symbol, self.met_ms):
            self.exchange.apply(quote)
        self.unheard += [event for event in self.exchange.drain_events() if not isinstance(event, TradeEvent)]

    def look_ahead(self) -> bool:
        """Use an idle moment to compute one symbol that nobody looked at yet; False when none is left.

        A stepped market has no idle moments: whoever steps it waits for it.
        """
        return not self.stepped and is_sleeping(self.source) and self.source.look_ahead(self.met_ms)

    def catch_up(self) -> int:
        """Meet every quote up to the clock's present; returns how many there were."""
        until = self.time.clock.now_ms()
        if until <= self.met_ms:
            return 0
        count = 0
        self.time.meeting = True
        try:
            for quote in self.source.quotes(self.met_ms, until):
                self.time.reached_ms = max(self.time.reached_ms, quote.at_ms)
                if quote.at_ms > self.met_ms:
                    self.exchange.settle(quote.at_ms)
                self.exchange.apply(quote)
                self.met_ms = quote.at_ms
                count += 1
                for moved in self.on_moved:
                    moved(quote.symbol)
            self.time.reached_ms = max(self.time.reached_ms, until)
            self.exchange.settle(until)
            self.met_ms = until
        finally:
            self.time.meeting = False
        self.quotes_met += count
        return count

    def commit(self, *, always: bool = True) -> None:
        """Write the state down, then announce what happened: nobody hears of a fill that a crash could undo.

        With `always` off, a stretch of time in which no account was touched is not written.
        """
        # Kept aside until the write succeeded: a failed write must not swallow what happened.
        self.unheard += self.exchange.drain_events()
        if always or any(not isinstance(event, TradeEvent) for event in self.unheard):
            self.keep(self.met_ms)
        events, self.unheard = self.unheard, []
        if events:
            for hear in self.on_events:
                hear(events)
