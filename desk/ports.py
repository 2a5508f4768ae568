"""What the desk needs from the world, as small contracts. Fakes, the paper exchange and Binance all keep them.

Failure is part of each contract: a port raises the errors named here and never returns an empty value instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from desk.domain.account import AccountView, Income, SymbolRules
from desk.domain.market import Bar, Crowd, FundingPoint, Headline, Mark, OrderBook, Outlook
from desk.domain.orders import Fill, OrderRequest, OrderView, StopRequest, StopView


class Clock(Protocol):
    """Time. Days and expiries use `now`; waits and deadlines use `monotonic`, which no clock jump can move."""

    def now(self) -> datetime:
        """Aware UTC time. On a paper venue this is the venue's (possibly virtual) time."""
        ...

    def monotonic(self) -> float:
        """Seconds that only ever grow, from an arbitrary start."""
        ...


class MarkFeed(Protocol):
    """Public prices the guard needs. Raises VenueError or DataError; never answers with an old or missing symbol."""

    def server_time(self) -> datetime:
        """The venue's clock, aware UTC."""
        ...

    def marks(self, symbols: Sequence[str]) -> Mapping[str, Mark]:
        """The mark of every symbol asked for."""
        ...

    def book(self, symbol: str, depth: int) -> OrderBook:
        """The order book, at most `depth` levels a side, neither side empty."""
        ...


class Account(Protocol):
    """The account's truth at the venue. Raises VenueError."""

    def account(self) -> AccountView:
        """Balances and every open position."""
        ...

    def open_orders(self) -> tuple[OrderView, ...]:
        """Every ordinary order that can still trade, on all symbols."""
        ...

    def open_stops(self) -> tuple[StopView, ...]:
        """Every conditional order still resting, on all symbols. Binance lists them apart from ordinary orders."""
        ...

    def fills(self, symbol: str, since: datetime) -> tuple[Fill, ...]:
        """Trades of `symbol` at or after `since`, oldest first."""
        ...

    def income(self, since: datetime) -> tuple[Income, ...]:
        """Wallet changes at or after `since`, oldest first."""
        ...


class OrderEntry(Protocol):
    """The signed side for ordinary orders. Sends at most once per call; never retries by itself.

    Raises VenueRejectedError when the venue said no, VenueUnavailableError when it certainly accepted nothing, and
    OutcomeUnknownError when nobody can tell: the caller then only asks `find`.
    """

    def submit(self, order: OrderRequest) -> OrderView:
        """Send an order. The answer is an acknowledgement: its price is not to be trusted, see `find` and `fills`."""
        ...

    def cancel(self, symbol: str, client_id: str) -> None:
        """Cancel an order. An order that is already gone is not an error."""
        ...

    def find(self, symbol: str, client_id: str) -> OrderView | None:
        """The order with this client id, or None when the venue says it does not exist."""
        ...

    def countdown(self, symbol: str, milliseconds: int) -> None:
        """Have the venue cancel all orders of `symbol` unless this is called again in time; 0 takes that back.

        Whether conditional orders are cancelled too is not known of every venue.
        """
        ...

    def prepare(self, symbol: str, leverage: int) -> None:
        """Set isolated margin and leverage for `symbol`; doing it twice is not an error."""
        ...


class StopEntry(Protocol):
    """The signed side for conditional orders, with the same failure contract as OrderEntry."""

    def submit_stop(self, stop: StopRequest) -> StopView:
        """Rest a protective order that closes the whole position on the mark price."""
        ...

    def cancel_stop(self, symbol: str, client_id: str) -> None:
        """Remove a protective order. One that is already gone is not an error."""
        ...

    def find_stop(self, symbol: str, client_id: str) -> StopView | None:
        """The stop with this client id, or None when the venue says it does not exist."""
        ...


class TradingVenue(MarkFeed, Account, OrderEntry, StopEntry, Protocol):
    """All that the guard's executor needs. Only the guard process holds one."""


class MarketData(Protocol):
    """Public market data for the crew's snapshot; no key. Raises VenueError or DataError, never answers empty."""

    def rules(self) -> Mapping[str, SymbolRules]:
        """Trading rules of every listed symbol."""
        ...

    def bars(self, symbol: str, interval: str, limit: int) -> tuple[Bar, ...]:
        """The newest finished bars, oldest first. The unfinished bar is never among them."""
        ...

    def book(self, symbol: str, depth: int) -> OrderBook:
        """The order book, `depth` levels a side."""
        ...

    def funding(self, symbol: str, limit: int) -> tuple[FundingPoint, ...]:
        """The newest funding charges, oldest first."""
        ...

    def marks(self, symbols: Sequence[str]) -> Mapping[str, Mark]:
        """The mark of every symbol asked for."""
        ...


class NewsFeed(Protocol):
    """Headlines. An unreachable source raises DataError: no news and no answer are different things."""

    def headlines(self, since: datetime) -> tuple[Headline, ...]:
        """Headlines published at or after `since`, oldest first, none from the future of the desk's clock."""
        ...


class OutlookFeed(Protocol):
    """What public sources say of the market at large. Raises nothing: each of them may be down, and says so."""

    def outlook(self) -> Outlook:
        """What is known now, nothing of it from the future of the desk's clock."""
        ...


class CrowdFeed(Protocol):
    """What a venue's statistics say of a symbol's traders. Raises nothing: each of them may be down, and is named."""

    def crowd(self, symbol: str, period: str, points: int) -> Crowd:
        """The newest `points` values of each statistic by `period` (5m to 1d), oldest first."""
        ...


class PageShelf(Protocol):
    """Where fetched pages are kept between runs, one for each key. Raises JournalError."""

    def page(self, key: str) -> tuple[datetime, bytes] | None:
        """The page under this key and when it was fetched, or None."""
        ...

    def keep_page(self, key: str, at: datetime, body: bytes) -> None:
        """Keep a page in place of the one before it."""
        ...


class Notifier(Protocol):
    """Tells a person. Must not raise: a failed notice is logged, and never stops the guard."""

    def notify(self, level: str, message: str) -> None:
        """Send one message; `level` is INFO, WARNING or CRITICAL."""
        ...
