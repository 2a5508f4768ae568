"""What a handler of the protocol gets: the venue, what its market shows, the counters, listen keys and switches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.settings import WireSettings
from desk.venues.paper.venue import PaperVenue
from desk.venues.paper.wire import errors
from desk.venues.paper.wire.limits import RateLimits
from desk.venues.paper.wire.listen_keys import ListenKeys
from desk.venues.paper.wire.params import Params
from desk.venues.paper.wire.tape import Tape


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a request can be about."""

    venue: PaperVenue
    tape: Tape
    limits: RateLimits
    listen_keys: ListenKeys
    end_listen_keys: Callable[[tuple[str, ...]], None]
    wire: WireSettings
    profile: str = ""

    @property
    def exchange(self) -> Exchange:
        """The engine."""
        return self.venue.exchange

    @property
    def account(self) -> str:
        """The one account that this venue's key opens."""
        return self.venue.account

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


Row = TypeVar("Row")
Handler = Callable[[Desk, Params], object]
"""Answers one request with something that becomes JSON; raises Refusal."""


def span(params: Params) -> tuple[int | None, int | None]:
    """`startTime` and `endTime`; -1023 when they are the wrong way round."""
    start, end = params.integer("startTime"), params.integer("endTime")
    if start is not None and end is not None and start > end:
        raise errors.wrong_way_round()
    return start, end


def page(
    rows: Iterable[Row], params: Params, *, at: Callable[[Row], int], identity: Callable[[Row], int], default: int = 500
) -> list[Row]:
    """Cut ascending rows as Binance pages them: by `fromId`, else from `startTime`, else the newest."""
    limit = params.bounded("limit", default, 1, 1_000)
    start, end = span(params)
    first = params.integer("fromId")
    kept = [
        row
        for row in rows
        if (first is None or identity(row) >= first)
        and (start is None or at(row) >= start)
        and (end is None or at(row) <= end)
    ]
    return kept[-limit:] if first is None and start is None else kept[:limit]
