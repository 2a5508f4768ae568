"""What bad luck does to the venue itself: its clock on the wire, its market, its stops, its listen keys.

The engine's own time never goes back: a jump moves what the wire shows and checks (`/time`, the freshness of a stamp),
as a client of a distributed venue meets it. A market that was silent comes back with a gap: nothing that the price
passed in between was ever traded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from desk.domain.errors import StaleDataError
from desk.domain.market import Headline
from desk.venues.paper.engine.values import AlgoOrder, Kline, Quote, SymbolSpec
from desk.venues.paper.faults.kinds import (
    Drift,
    DropStops,
    Halt,
    Jump,
    KillKey,
    RefuseTrigger,
    Silence,
    Skew,
    WorldFault,
)
from desk.venues.paper.keys import PAPER_ACCOUNT
from desk.venues.paper.markets import is_upstream
from desk.venues.paper.sources import FundingRow, MarketSource, UpstreamSource
from desk.venues.paper.venue import PaperVenue
from desk.venues.paper.wire.streams.listen_keys import ListenKeys

_SILENT = "the price source is silent"
_REFUSED = "Order is rejected at trigger: margin check failed."


@dataclass(slots=True)
class World:
    """The switches that faults throw. Times are the venue's, in ms UTC; a switch with an end falls back by itself."""

    venue: PaperVenue
    listen_keys: ListenKeys
    _jumped_ms: int = 0
    _drifts: list[tuple[float, int, int | None]] = field(default_factory=list[tuple[float, int, int | None]])
    _skews: list[tuple[int, int | None]] = field(default_factory=list[tuple[int, int | None]])
    _halted: dict[str, int | None] = field(default_factory=dict[str, int | None])
    _silent_until: int | None = 0
    _refusing: list[RefuseTrigger] = field(default_factory=list[RefuseTrigger])

    def surround(self) -> None:
        """Stand between the venue and its market, and between its stops and their trigger."""
        inner = self.venue.source
        self.venue.source = FaultyUpstream(inner, self) if is_upstream(inner) else FaultyMarket(inner, self)
        self.venue.exchange.veto_triggers(self._veto)

    def strike(self, fault: WorldFault, account: str) -> None:
        """Let it happen. `account` is whose request set it off."""
        now = self.venue.now_ms()
        match fault:
            case Jump():
                self._jumped_ms += fault.ms
            case Drift():
                self._drifts.append((fault.ms_per_s, now, _end(now, fault.for_s)))
            case Skew():
                self._skews.append((fault.ms, _end(now, fault.for_s)))
            case Halt():
                self._halted[fault.symbol] = _end(now, fault.for_s)
            case Silence():
                self._silent_until = _end(now, fault.for_s)
            case RefuseTrigger():
                self._refusing += [fault] * fault.count
            case DropStops():
                self._drop_stops(account or PAPER_ACCOUNT, fault.symbol)
            case KillKey():
                self._kill_keys(account or PAPER_ACCOUNT, quiet=fault.quiet)

    def clear(self) -> None:
        """Everything is well again."""
        self._jumped_ms = 0
        self._silent_until = 0
        for switch in (self._drifts, self._skews, self._halted, self._refusing):
            switch.clear()

    def shift_ms(self, now_ms: int) -> int:
        """How far the wire's clock is from the engine's."""
        drifted = sum(
            rate * (min(now_ms, now_ms if until is None else until) - since) / 1_000
            for rate, since, until in self._drifts
        )
        return self._jumped_ms + round(drifted)

    def skew_ms(self, now_ms: int) -> int:
        """How far what `/time` says is from what timestamps are checked by."""
        return sum(ms for ms, until in self._skews if until is None or now_ms < until)

    def silent(self, at_ms: int) -> bool:
        """Whether the price source said nothing at that moment."""
        return self._silent_until is None or at_ms < self._silent_until

    def halted(self, symbol: str, at_ms: int) -> bool:
        """Whether the symbol was halted at that moment."""
        until = self._halted.get(symbol, 0)
        return until is None or at_ms < until

    def halted_now(self) -> frozenset[str]:
        """Every symbol that is halted."""
        now = self.venue.now_ms()
        return frozenset(symbol for symbol in self._halted if self.halted(symbol, now))

    def _veto(self, algo: AlgoOrder) -> str | None:
        for fault in self._refusing:
            if fault.symbol in (None, algo.symbol):
                self._refusing.remove(fault)
                return _REFUSED
        return None

    def _drop_stops(self, account: str, symbol: str | None) -> None:
        exchange = self.venue.exchange
        for name in exchange.specs if symbol is None else (symbol,):
            exchange.cancel_all_algos(account, name)
        self.venue.commit()

    def _kill_keys(self, account: str, *, quiet: bool) -> None:
        if quiet:
            self.listen_keys.revoke(account)
        else:
            self.listen_keys.expire(account)


class FaultyMarket:
    """A market source that can fall silent, and whose symbols can be halted."""

    def __init__(self, inner: MarketSource, world: World) -> None:
        self._inner, self._world = inner, world
        self._missed: set[str] = set()

    @property
    def start_ms(self) -> int:
        """See MarketSource."""
        return self._inner.start_ms

    @property
    def end_ms(self) -> int | None:
        """See MarketSource."""
        return self._inner.end_ms

    @property
    def intervals(self) -> tuple[str, ...]:
        """See MarketSource."""
        return self._inner.intervals

    def about(self) -> Mapping[str, str]:
        """See MarketSource."""
        return self._inner.about()

    def specs(self) -> Mapping[str, SymbolSpec]:
        """See MarketSource."""
        return self._inner.specs()

    def trouble(self, now_ms: int) -> str | None:
        """Silence is trouble; else the market's own."""
        return _SILENT if self._world.silent(now_ms) else self._inner.trouble(now_ms)

    def quotes(self, after_ms: int, until_ms: int) -> Iterator[Quote]:
        """The quotes that came through; the first after a silence jumps."""
        for quote in self._inner.quotes(after_ms, until_ms):
            symbol = quote.symbol
            if self._world.silent(quote.at_ms) or self._world.halted(symbol, quote.at_ms):
                self._missed.add(symbol)
            elif symbol in self._missed:
                self._missed.remove(symbol)
                yield replace(quote, gap=True)
            else:
                yield quote

    def klines(
        self, symbol: str, interval: str, start_ms: int | None, end_ms: int | None, limit: int, now_ms: int
    ) -> Sequence[Kline]:
        """See MarketSource. Raises StaleDataError while the market is silent."""
        if self._world.silent(now_ms):
            raise StaleDataError(_SILENT)
        return self._inner.klines(symbol, interval, start_ms, end_ms, limit, now_ms)

    def funding_rates(
        self, symbol: str, start_ms: int | None, end_ms: int | None, limit: int, now_ms: int
    ) -> Sequence[FundingRow]:
        """See MarketSource."""
        return self._inner.funding_rates(symbol, start_ms, end_ms, limit, now_ms)

    def headlines(self, since_ms: int, now_ms: int) -> Sequence[Headline]:
        """See MarketSource."""
        return self._inner.headlines(since_ms, now_ms)


class FaultyUpstream(FaultyMarket):
    """The same around a market that is read from elsewhere."""

    def __init__(self, inner: UpstreamSource, world: World) -> None:
        super().__init__(inner, world)
        self._upstream = inner

    async def open(self) -> None:
        """See UpstreamSource."""
        await self._upstream.open()

    async def close(self) -> None:
        """See UpstreamSource."""
        await self._upstream.close()

    async def fetch_klines(
        self, symbol: str, interval: str, start_ms: int | None, end_ms: int | None, limit: int
    ) -> None:
        """See UpstreamSource."""
        await self._upstream.fetch_klines(symbol, interval, start_ms, end_ms, limit)

    async def fetch_funding(self, symbol: str, start_ms: int | None, end_ms: int | None, limit: int) -> None:
        """See UpstreamSource."""
        await self._upstream.fetch_funding(symbol, start_ms, end_ms, limit)


def _end(now_ms: int, for_s: float | None) -> int | None:
    return None if for_s is None else now_ms + round(for_s * 1_000)
