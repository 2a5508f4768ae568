"""What a handler of the protocol gets: the venue, what its market shows, counters, listen keys, switches, caller."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.values import Refusal
from desk.venues.paper.keys import Access
from desk.venues.paper.settings import WireSettings
from desk.venues.paper.venue import PaperVenue
from desk.venues.paper.wire import errors
from desk.venues.paper.wire.account.conversions import Conversions
from desk.venues.paper.wire.account.downloads import Downloads
from desk.venues.paper.wire.market.tape import Tape
from desk.venues.paper.wire.requests.limits import RateLimits
from desk.venues.paper.wire.requests.params import Params
from desk.venues.paper.wire.streams.listen_keys import ListenKeys

Row = TypeVar("Row")
_UNQUOTED: Final = -1122
"""Refused until the symbol has its first price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a request can be about, and in `access` who asks; None where a request had to prove nothing."""

    venue: PaperVenue
    tape: Tape
    limits: RateLimits
    listen_keys: ListenKeys
    end_listen_keys: Callable[[tuple[str, ...]], None]
    wire: WireSettings
    profile: str = ""
    downloads: Downloads = field(default_factory=Downloads)
    conversions: Conversions = field(default_factory=Conversions)
    access: Access | None = None
    host: str = ""

    def asked_by(self, access: Access | None, host: str) -> Desk:
        """The same desk for one request of the owner of `access`, who reached the venue under the name `host`."""
        return replace(self, access=access, host=host)

    @property
    def exchange(self) -> Exchange:
        """The engine."""
        return self.venue.exchange

    @property
    def account(self) -> str:
        """The account that the caller's key opens; -2015 for a caller who showed none."""
        if self.access is None:
            raise Refusal(-2015)
        return self.access.account

    @property
    def may_trade(self) -> bool:
        """Whether the caller's key may change anything."""
        return self.access is not None and self.access.may_trade

    @property
    def may_withdraw(self) -> bool:
        """Whether the caller's key is said to be able to withdraw."""
        return self.wire.withdrawals_enabled or (self.access is not None and self.access.may_withdraw)

    def symbol(self, params: Params) -> str:
        """The symbol that must be named: -1102 without it, -1121 when it is not listed."""
        return self.tape.spec(params.need("symbol").upper()).symbol

    def symbol_or_none(self, params: Params) -> str | None:
        """The symbol if one is named; -1121 when it is not listed."""
        name = params.text("symbol")
        return None if name is None else self.tape.spec(name.upper()).symbol

    def symbols(self, params: Params) -> tuple[str, ...]:
        """The named symbol, or all of them."""
        name = self.symbol_or_none(params)
        return self.tape.symbols if name is None else (name,)

    def each(self, params: Params, row: Callable[[str], Row]) -> list[Row]:
        """A row of the named symbol, or of all: one that nobody has quoted yet spoils no list, and is asked in vain."""
        if params.has("symbol"):
            return [row(symbol) for symbol in self.symbols(params)]
        rows: list[Row] = []
        for symbol in self.symbols(params):
            try:
                rows.append(row(symbol))
            except Refusal as refusal:
                if refusal.code != _UNQUOTED:
                    raise
        return rows


_HOUR_MS: Final = 3_600_000
WEEK_HOURS: Final = 168
"""How far apart the ends of a question about one's own orders and trades may be."""
_WEEK_MS: Final = WEEK_HOURS * _HOUR_MS
Handler = Callable[[Desk, Params], object]
"""Answers one request with something that becomes JSON; raises Refusal."""


def span(params: Params, *, hours: int | None = None) -> tuple[int | None, int | None]:
    """`startTime` and `endTime`; -1023 when they are the wrong way round, -1127 when more than `hours` apart."""
    start, end = params.integer("startTime"), params.integer("endTime")
    if start is not None and end is not None:
        if start > end:
            raise errors.wrong_way_round()
        if hours is not None and end - start > hours * _HOUR_MS:
            raise errors.too_long(hours)
    return start, end


def week_before(now_ms: int) -> int:
    """Where a question about one's own past begins that names neither a time nor an id."""
    return now_ms - _WEEK_MS


def page(
    rows: Iterable[Row],
    params: Params,
    *,
    at: Callable[[Row], int],
    identity: Callable[[Row], int],
    hours: int | None = None,
    since: int | None = None,
) -> list[Row]:
    """Cut ascending rows as Binance pages them: by `fromId`, else from `startTime`, else the newest.

    Where neither an id nor a time is named, rows before `since` are left out.

    Raises:
        Refusal: -1128 for both an id and a time; -1127 for times more than `hours` apart.
    """
    limit = params.bounded("limit", 500, 1, 1_000)
    start, end = span(params, hours=hours)
    first = params.integer("fromId")
    if first is not None and (start is not None or end is not None):
        raise errors.bad_combination()
    earliest = since if first is None and start is None and end is None else start
    kept = [
        row
        for row in rows
        if (first is None or identity(row) >= first)
        and (earliest is None or at(row) >= earliest)
        and (end is None or at(row) <= end)
    ]
    return kept[-limit:] if first is None and start is None else kept[:limit]
