"""One way through for every request: count it, prove it, answer it, and write the state down before the answer leaves.

Requests are judged one at a time on one loop, so the engine never sees two at once; those of one turn of the loop share
one write. An order that was answered is on
disk; an order that failed in an unexpected way is answered -1000 with status 500, which tells the client that nobody
knows, and is on disk too if it had any effect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

import structlog

from desk.domain.errors import DataError, VenueError
from desk.venues.paper.engine.values import Refusal
from desk.venues.paper.keys import Access
from desk.venues.paper.markets import is_upstream
from desk.venues.paper.wire import errors
from desk.venues.paper.wire.calls import Desk, span
from desk.venues.paper.wire.market import rest_klines, rest_statistics
from desk.venues.paper.wire.requests.gate import Gate, Security
from desk.venues.paper.wire.requests.params import Params
from desk.venues.paper.wire.routes import ROUTES, Route
from desk.venues.paper.wire.streams.feed import MarketFeed
from desk.venues.paper.wire.turns import Turns

_log: Final = structlog.get_logger(__name__)
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request, however it travelled. `read` gives its parameters, `prove` whose key signed it; both may refuse.

    `host` is the name under which the caller reached the venue: links in answers point there.
    """

    method: str
    path: str
    ip: str
    host: str
    read: Callable[[], Params]
    prove: Callable[[Route, Params], Access | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An HTTP status, a JSON body, and the headers that tell of the limits; `counted_for` is whose orders counted."""

    status: int
    body: object
    headers: dict[str, str] = field(default_factory=dict[str, str])
    counted_for: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """Answers requests to Binance's paths, however they travelled."""

    desk: Desk
    gate: Gate
    feed: MarketFeed
    turns: Turns = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "turns", Turns(self.write))

    async def answer(self, asked: Question) -> Reply:
        """Answer one request."""
        limits = self.desk.limits
        banned = limits.banned_until(asked.ip)
        if banned is not None:
            refusal = errors.banned(banned)
            body, wait = errors.body_of(refusal.code, refusal.message), str(limits.seconds_banned(banned))
            return Reply(status=418, body=body, headers={"Retry-After": wait})
        route = ROUTES.get((asked.method, asked.path))
        counted_for = None
        try:
            if route is None:
                raise errors.unknown_path(asked.path, asked.method)
            params = asked.read()
            cost = route.cost(params)
            limits.charge(asked.ip, cost)
            desk = self.desk.asked_by(asked.prove(route, params), asked.host)
            if route.changes and route.security is Security.SIGNED and not desk.may_trade:
                raise Refusal(-2015, message="Invalid API-key, IP, or permissions for action.")
            if cost.orders:
                counted_for = desk.account
                limits.charge_orders(counted_for, cost)
            status, told = 200, await self._serve(route, params, desk)
        except Refusal as refusal:
            status, told = errors.status_of(refusal.code), errors.body_of(refusal.code, refusal.message)
        except Exception as error:
            sure = isinstance(error, DataError | VenueError) and route is not None and not route.changes
            refusal = failed(error, path=asked.path, method=asked.method, accepted_nothing=sure)
            status, told = errors.status_of(refusal.code), errors.body_of(refusal.code, refusal.message)
        headers = limits.headers(asked.ip, counted_for)
        return Reply(status=status, body=told, headers=headers, counted_for=counted_for)

    async def _serve(self, route: Route, params: Params, desk: Desk) -> object:
        await self._fetch(route.fetches, params)
        if not route.changes:
            await self.turns.settled()
            return route.handler(desk, params)
        trouble = desk.venue.source.trouble(desk.venue.now_ms())
        if trouble is not None and route.trades:
            raise errors.no_market(trouble)
        if route.orders:
            self.gate.check_still_fresh(params)
        try:
            answer = self._made(lambda: route.handler(desk, params))
        except Refusal:
            # It changed nothing, but may speak of what another request changed in this very turn.
            await self.turns.settled()
            raise
        await self.turns.written()
        return answer

    def settled(self, change: Callable[[], _Answer]) -> _Answer:
        """Make a change, write it down, announce it, all at once. A refusal changed nothing."""
        answer = self._made(change)
        self.write()
        return answer

    def write(self) -> None:
        """Write the state down, then announce what happened."""
        self.desk.venue.commit()
        self.feed.flush()

    def _made(self, change: Callable[[], _Answer]) -> _Answer:
        try:
            return change()
        except Refusal:
            raise
        except Exception:
            # Nobody knows how much of it was done: what was is kept.
            self.desk.venue.commit()
            raise

    async def _fetch(self, what: str, params: Params) -> None:
        source = self.desk.venue.source
        if not what or not is_upstream(source):
            return
        desk, tape = self.desk, self.desk.tape
        if what == "klines":
            symbol = rest_klines.symbol_of(desk, params)
            interval, start, end, limit = rest_klines.request_of(params)
            tape.check_interval(interval)
            await source.fetch_klines(symbol, interval, start, end, limit)
        elif what == "statistics":
            symbol = rest_klines.symbol_of(desk, params)
            await source.fetch_klines(*rest_statistics.bar_request(desk, params, symbol))
        else:
            for symbol in desk.symbols(params):
                if what == "day":
                    await source.fetch_klines(*tape.day_request(symbol))
                else:
                    await source.fetch_funding(symbol, *span(params), params.bounded("limit", 100, 1, 1_000))


def failed(error: Exception, *, path: str, method: str, accepted_nothing: bool) -> Refusal:
    """What a client is told of a failure of ours: -1008 when certainly nothing happened, else -1000."""
    if accepted_nothing:
        _log.warning("no market", path=path, reason=str(error))
        return errors.no_market(str(error))
    _log.error("request failed", path=path, method=method, exc_info=error)
    return errors.unexpected()
