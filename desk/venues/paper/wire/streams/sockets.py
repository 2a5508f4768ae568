"""The WebSocket side: connections, subscriptions, and one writer per client that only ever holds up itself.

A path segment that is neither a stream nor a living listen key (some clients append a shard number) subscribes to
nothing, and SUBSCRIBE messages may follow. One connection carries at most 1,024 streams and may send ten messages a
second; more of either ends it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

import orjson
from aiohttp import WSCloseCode, WSMsgType, web

from desk.venues.paper.wire.figures import Json
from desk.venues.paper.wire.requests.limits import RateLimits
from desk.venues.paper.wire.streams.addresses import Address
from desk.venues.paper.wire.streams.control import Control, Unheard, Verb, read_control
from desk.venues.paper.wire.streams.feed import MarketFeed
from desk.venues.paper.wire.streams.hub import MAX_STREAMS, Listener, StreamHub, wrap
from desk.venues.paper.wire.streams.listen_keys import ListenKeys
from desk.venues.paper.wire.streams.liveness import Connection, Lifetime, connected
from desk.venues.paper.wire.streams.names import parse_stream
from desk.venues.paper.wire.streams.outbox import Outbox

_MAX_MESSAGES_PER_SECOND: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Sockets:
    """Serves stream connections. `strict_private_events`: private streams need `events=` and no key in the path."""

    hub: StreamHub
    feed: MarketFeed
    limits: RateLimits
    listen_keys: ListenKeys
    seconds: Callable[[], float]
    lifetime: Lifetime
    strict_private_events: bool = False
    outbox: Callable[[web.Request], Outbox] = lambda _: Outbox()

    async def serve(self, request: web.Request, address: Address) -> web.WebSocketResponse:
        """Run one connection until either side ends it. Raises Refusal -1003 for too many connections of one IP."""
        self.limits.connect(request.remote or "")
        async with connected(request, self.lifetime) as connection:
            listener = Listener(
                combined=address.combined, scope=address.scope, events=address.events, outbox=self.outbox(request)
            )
            self.hub.connect(listener)
            writer = asyncio.create_task(_write(connection.socket, listener))
            try:
                self._open(listener, address)
                await self._read(connection, listener)
            finally:
                self.hub.disconnect(listener)
                writer.cancel()
                await asyncio.gather(writer, return_exceptions=True)
        return connection.socket

    def _open(self, listener: Listener, address: Address) -> None:
        strict = self.strict_private_events
        for key in address.listen_keys:
            if address.events or not strict:
                self._follow(listener, key)
        for name in address.names:
            self._subscribe(listener, name, private=not strict)

    def _subscribe(self, listener: Listener, name: str, *, private: bool = True) -> None:
        stream = parse_stream(name)
        if stream is None:
            if private:
                self._follow(listener, name)
            return
        if len(listener.streams) >= MAX_STREAMS and name not in listener.streams:
            listener.outbox.end("Too many streams")
            return
        heard = listener.scope.carries(stream.kind)
        self.hub.subscribe(listener, name, heard=heard)
        if heard:
            self._greet(listener, name)

    def _follow(self, listener: Listener, key: str) -> None:
        if listener.scope.carries_accounts and self.listen_keys.account_of(key) is not None:
            self.hub.follow_account(listener, key)

    def _greet(self, listener: Listener, stream: str) -> None:
        for payload in self.feed.first(stream):
            raw = orjson.dumps(payload)
            listener.outbox.put_market(stream, wrap(stream, raw) if listener.combined else raw)

    async def _read(self, connection: Connection, listener: Listener) -> None:
        second, count = -1, 0
        async for message in connection.messages():
            now = int(self.seconds())
            count = count + 1 if now == second else 1
            second = now
            if count > _MAX_MESSAGES_PER_SECOND:
                await connection.socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"Too many requests")
                return
            if message.type is WSMsgType.TEXT:
                self._answer(listener, cast("str", message.data))

    def _answer(self, listener: Listener, text: str) -> None:
        try:
            control = read_control(text)
        except Unheard as unheard:
            listener.outbox.put_private(orjson.dumps(unheard.answer))
            return
        # The confirmation goes out before the first message of the new streams, as on Binance.
        listener.outbox.put_private(orjson.dumps(self._obey(listener, control)))
        if control.verb is Verb.SUBSCRIBE:
            for name in control.names:
                self._subscribe(listener, name)

    def _obey(self, listener: Listener, control: Control) -> Json:
        result: object = None
        if control.verb is Verb.UNSUBSCRIBE:
            for name in control.names:
                self.hub.unsubscribe(listener, name)
                self.hub.unfollow_account(listener, name)
        elif control.verb is Verb.LIST_SUBSCRIPTIONS:
            result = [*listener.streams, *listener.keys]
        elif control.verb is Verb.SET_PROPERTY:
            listener.combined = control.combined
        elif control.verb is Verb.GET_PROPERTY:
            result = listener.combined
        return {"result": result, "id": control.number}


async def _write(socket: web.WebSocketResponse, listener: Listener) -> None:
    outbox = listener.outbox
    try:
        while (message := await outbox.take()) is not None:
            await socket.send_frame(message, WSMsgType.TEXT)
    except ConnectionError:
        return
    # A reader that broke a rule is told which; a venue that closes says so.
    code = WSCloseCode.POLICY_VIOLATION if outbox.reason else WSCloseCode.GOING_AWAY
    await socket.close(code=code, message=outbox.reason.encode(), drain=False)
