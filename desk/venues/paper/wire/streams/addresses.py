"""Stream URLs: which streams a client asks for by connecting, and in which shape.

    /ws    /ws/<stream>[/<stream>]    /ws/<listenKey>    /ws?listenKey=K[&events=A/B]
    /stream    /stream?streams=a/b    each also under /public, /market and /private

`/stream` wraps payloads in {"stream","data"}. The three scopes carry what Binance moved there in 2026: books on
`/public`, everything else of the market on `/market`, account events on `/private`; an address without a scope carries
all of it. Asking for a stream in the wrong scope is accepted and stays silent. `@trade` is told on both: Binance does
not document it for futures, ccxt asks for it on `/public`, python-binance on `/market`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qs, unquote

from desk.venues.paper.wire.streams.names import StreamKind

_ADDRESS: Final = re.compile(r"(?:/(?P<scope>public|market|private))?/(?P<kind>ws|stream)(?:/(?P<rest>.*))?", re.DOTALL)
BOOKS: Final = (StreamKind.BOOK_TICKER, StreamKind.PARTIAL_DEPTH, StreamKind.DIFF_DEPTH, StreamKind.RPI_DEPTH)
"""What `/public` carries."""


class Scope(StrEnum):
    """Which third of the streams an address carries."""

    ALL = ""
    PUBLIC = "public"
    MARKET = "market"
    PRIVATE = "private"

    def carries(self, kind: StreamKind) -> bool:
        """Whether a market stream is sent here."""
        if self is Scope.ALL or (kind is StreamKind.TRADE and self is not Scope.PRIVATE):
            return True
        return self is (Scope.PUBLIC if kind in BOOKS else Scope.MARKET)

    @property
    def carries_accounts(self) -> bool:
        """Whether account events are sent here."""
        return self in (Scope.ALL, Scope.PRIVATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What a client asked for by connecting. `events` limits account events (empty: all of them)."""

    scope: Scope
    combined: bool
    names: tuple[str, ...]
    listen_keys: tuple[str, ...]
    events: frozenset[str]


def parse_address(path: str, query: str) -> Address | None:
    """Read a stream URL; None when it is none."""
    found = _ADDRESS.fullmatch(path)
    if found is None:
        return None
    asked = parse_qs(query, keep_blank_values=False)
    segments = unquote(found["rest"] or "").split("/")
    streams = [name for value in asked.get("streams", []) for name in value.split("/")]
    events = [event for value in asked.get("events", []) for event in value.split("/")]
    return Address(
        scope=Scope(found["scope"] or ""),
        combined=found["kind"] == "stream",
        names=tuple(name for name in (*segments, *streams) if name),
        listen_keys=tuple(asked.get("listenKey", [])),
        events=frozenset(event.upper() if event != "listenKeyExpired" else event for event in events if event),
    )
