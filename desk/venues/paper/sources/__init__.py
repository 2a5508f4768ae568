"""Where the paper exchange gets its prices: one contract, kept by an invented, a recorded and a live market.

A source never trades and never looks ahead. What it says at a moment is built only from quotes it has already given,
so bars, path and headlines agree with each other whatever the clock does. Times are int milliseconds UTC; money is
`Decimal`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, runtime_checkable

from desk.domain.market import Headline
from desk.venues.paper.engine.values import Kline, Quote, SymbolSpec
from desk.venues.paper.sources.crowd import CrowdRow


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingRow:
    """A funding rate charged at `at_ms`, as a fraction of notional per funding interval; longs pay when above zero."""

    symbol: str
    at_ms: int
    rate: Decimal
    mark_price: Decimal


@runtime_checkable
class MarketSource(Protocol):
    """Prices, bars, funding and headlines of one market. Every method is pure in (arguments, data); none does I/O.

    Raises DataError for a symbol or interval that the source does not carry, and StaleDataError when it cannot vouch
    for the present: it never invents a price and never answers with an empty list instead.
    """

    @property
    def start_ms(self) -> int:
        """The first moment a clock may show. Everything before it is history, and is served by `klines`."""
        ...

    @property
    def end_ms(self) -> int | None:
        """The last moment the source can speak for, or None when it has no end."""
        ...

    @property
    def intervals(self) -> tuple[str, ...]:
        """The kline intervals that `klines` serves, in Binance's spelling, shortest first."""
        ...

    def about(self) -> Mapping[str, str]:
        """What this market is, for a person: kind, seed or files, and what it honestly lacks."""
        ...

    def specs(self) -> Mapping[str, SymbolSpec]:
        """Trading rules of every symbol of this market."""
        ...

    def trouble(self, now_ms: int) -> str | None:
        """Why prices cannot be trusted at `now_ms`, or None. While there is trouble nothing may be filled."""
        ...

    def quotes(self, after_ms: int, until_ms: int) -> Iterator[Quote]:
        """Every quote with `after_ms < at_ms <= until_ms`, in time order over all symbols.

        Between two quotes of a symbol the price is to be understood as travelling every level in between, unless the
        later one is flagged `gap`: then no price in between was ever traded. The walk has to be started with
        `after_ms = start_ms - 1`: the first quote of each symbol stands at `start_ms`.
        """
        ...

    def klines(
        self, symbol: str, interval: str, start_ms: int | None, end_ms: int | None, limit: int, now_ms: int
    ) -> Sequence[Kline]:
        """Bars as Binance answers them, ascending by open time.

        With `start_ms`: the first `limit` bars that open at or after it. Without: the last `limit` bars that open at
        or before `end_ms` (or now). The bar that is unfinished at `now_ms` is the last one, and is made only of quotes
        up to `now_ms`. A finished bar never changes again.
        """
        ...

    def funding_rates(
        self, symbol: str, start_ms: int | None, end_ms: int | None, limit: int, now_ms: int
    ) -> Sequence[FundingRow]:
        """Funding charged up to `now_ms`, ascending, cut like `klines`. Empty where the market has no record of any."""
        ...

    def headlines(self, since_ms: int, now_ms: int) -> Sequence[Headline]:
        """Headlines published in `since_ms <= at <= now_ms`, oldest first."""
        ...


@runtime_checkable
class SleepingSource(MarketSource, Protocol):
    """A market of many symbols of which only those are computed that somebody looks at.

    `quotes` leaves out a symbol until it is woken or followed; every other answer is what it would be anyway.
    """

    @property
    def early(self) -> Sequence[str]:
        """The symbols that somebody is sure to look at; they are best woken before anybody waits for them."""
        ...

    def wake(self, symbol: str, until_ms: int) -> Iterator[Quote]:
        """What leads a symbol to `until_ms`, in time order; from then on `quotes` has it. Nothing if it is awake.

        Enough of the past for whoever averages: a sample every few minutes since the last funding, then a full minute.
        """
        ...

    def follow(self, symbol: str) -> None:
        """Let `quotes` have the symbol: whoever asks has its past already."""
        ...

    def look_ahead(self, now_ms: int) -> bool:
        """Compute one symbol that nobody has looked at, so that whoever looks does not wait; False if none is left.

        It goes on sleeping: that it is computed changes no answer.
        """
        ...

    def past_quotes(self, symbol: str, before_ms: int, count: int) -> Sequence[Quote]:
        """The last `count` quotes before a moment, oldest first: those that nobody was there to see among them."""
        ...


@runtime_checkable
class CrowdedSource(MarketSource, Protocol):
    """A market that can tell what its crowd holds, for `/futures/data`: only an invented one knows."""

    def crowd(self, symbol: str, now_ms: int) -> Sequence[CrowdRow]:
        """Open interest and long shares at the end of each hour of the last thirty days that is over at `now_ms`.

        Ascending, seeded, and told from the same bars as `klines`. A longer period is the row of its last hour.
        """
        ...


@runtime_checkable
class UpstreamSource(MarketSource, Protocol):
    """A market that is read from elsewhere while it happens. The server opens it once, and asks it before it answers.

    `klines` and `funding_rates` answer from what `fetch_klines` and `fetch_funding` brought last.
    """

    async def open(self) -> None:
        """Learn the symbols and a first price of each, then keep following. Raises VenueUnavailableError."""
        ...

    async def close(self) -> None:
        """Stop following and free the connection. Closing twice is not an error."""
        ...

    async def fetch_klines(
        self, symbol: str, interval: str, start_ms: int | None, end_ms: int | None, limit: int
    ) -> None:
        """Bring the bars that a following `klines` with these arguments answers. Raises VenueUnavailableError."""
        ...

    async def fetch_funding(self, symbol: str, start_ms: int | None, end_ms: int | None, limit: int) -> None:
        """Bring the charges that a following `funding_rates` will answer. Raises VenueUnavailableError."""
        ...
