"""The WebSocket side: addresses, subscriptions, and one writer per client that only ever holds up itself.

    /ws    /ws/<stream>[/<stream>]    /ws/<listenKey>    /ws?listenKey=K[&events=A/B]
    /stream    /stream?streams=a/b    each also under /public, /market and /private

`/stream` wraps payloads in {"stream","data"}. A path segment that is neither a stream nor a living listen key (some
clients append a shard number) subscribes to nothing, and SUBSCRIBE messages may follow.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import parse_qs, unquote

import orjson
from aiohttp import WSCloseCode, WSMsgType, web

from desk.venues.paper.wire.figures import Json
from desk.venues.paper.wire.streams.feed import MarketFeed
from desk.venues.paper.wire.streams.hub import MAX_STREAMS, Listener, StreamHub, wrap
from desk.venues.paper.wire.streams.listen_keys import ListenKeys
from desk.venues.paper.wire.streams.names import parse_stream
from desk.venues.paper.wire.streams.outbox import Outbox

_ADDRESS: Final = re.compile(r"(?:/(?:public|market|private))?/(?P<kind>ws|stream)(?:/(?P<rest>.*))?", re.DOTALL)
_PING_SECONDS: Final = 180.0
# Binance ends every connection after a day.
_LIFE_SECONDS: Final = 86_400.0
_MAX_MESSAGES_PER_SECOND: Final = 10
_MAX_MESSAGE_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What a client asked for by connecting."""

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
        combined=found["kind"] == "stream",
        names=tuple(name for name in (*segments, *streams) if name),
        listen_keys=tuple(asked.get("listenKey", [])),
        events=frozenset(event.upper() if event != "listenKeyExpired" else event for event in events if event),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sockets:
    """Serves stream connections. `strict_private_events`: private streams need `events=` and no key in the path."""

    hub: StreamHub
    feed: MarketFeed
    listen_keys: ListenKeys
    seconds: Callable[[], float]
    strict_private_events: bool = False
    outbox: Callable[[web.Request], Outbox] = lambda _: Outbox()

    async def serve(self, request: web.Request, address: Address) -> web.WebSocketResponse:
        """Run one connection until either side ends it."""
        socket = web.WebSocketResponse(heartbeat=_PING_SECONDS, max_msg_size=_MAX_MESSAGE_BYTES, compress=False)
        await socket.prepare(request)
        listener = Listener(combined=address.combined, events=address.events, outbox=self.outbox(request))
        self.hub.connect(listener)
        writer = asyncio.create_task(_write(socket, listener))
        try:
            self._open(listener, address)
            async with asyncio.timeout(_LIFE_SECONDS):
                await self._read(socket, listener)
        except TimeoutError:
            await socket.close(code=WSCloseCode.GOING_AWAY)
        finally:
            self.hub.disconnect(listener)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return socket

    def _open(self, listener: Listener, address: Address) -> None:
        strict = self.strict_private_events
        for key in address.listen_keys:
            if self.listen_keys.account_of(key) is not None and (address.events or not strict):
                self.hub.follow_account(listener, key)
        for name in address.names:
            self._subscribe(listener, name, private=not strict)

    def _subscribe(self, listener: Listener, name: str, *, private: bool = True) -> None:
        if parse_stream(name) is not None:
            if len(listener.streams) < MAX_STREAMS:
                self.hub.subscribe(listener, name)
                self._greet(listener, name)
        elif private and self.listen_keys.account_of(name) is not None:
            self.hub.follow_account(listener, name)

    def _greet(self, listener: Listener, stream: str) -> None:
        for payload in self.feed.first(stream):
            raw = orjson.dumps(payload)
            listener.outbox.put_market(stream, wrap(stream, raw) if listener.combined else raw, conflate=False)

    async def _read(self, socket: web.WebSocketResponse, listener: Listener) -> None:
        second, count = -1, 0
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            now = int(self.seconds())
            count = count + 1 if now == second else 1
            second = now
            if count > _MAX_MESSAGES_PER_SECOND:
                await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"Too many requests")
                return
            self._answer(listener, cast("str", message.data))

    def _answer(self, listener: Listener, text: str) -> None:
        names: list[str] = []
        answer = self._judge(listener, text, names)
        # The confirmation goes out before the first message of the new streams, as on Binance.
        listener.outbox.put_private(orjson.dumps(answer))
        for name in names:
            self._subscribe(listener, name)

    def _judge(self, listener: Listener, text: str, subscribe: list[str]) -> Json:
        try:
            request: object = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            return {"error": {"code": 3, "msg": f"Invalid JSON: {error}"}}
        if not isinstance(request, dict):
            return {"error": {"code": 2, "msg": "Invalid request: request must be an object"}}
        asked = cast("Mapping[str, object]", request)
        number = asked.get("id")
        params = asked.get("params", [])
        if not isinstance(params, list):
            return {"error": {"code": 1, "msg": "Invalid value type: expected Array"}, "id": number}
        method = str(asked.get("method", ""))
        if method == "SUBSCRIBE":
            subscribe.extend(name for name in cast("list[object]", params) if isinstance(name, str))
            return {"result": None, "id": number}
        return self._obey(listener, method, cast("list[object]", params), number)

    def _obey(self, listener: Listener, method: str, params: list[object], number: object) -> Json:
        result: object = None
        if method == "UNSUBSCRIBE":
            for name in params:
                self.hub.unsubscribe(listener, str(name))
        elif method == "LIST_SUBSCRIPTIONS":
            result = [*listener.streams, *listener.keys]
        elif method == "SET_PROPERTY" and params[:1] == ["combined"] and params[1:] in ([True], [False]):
            listener.combined = bool(params[1])
        elif method == "GET_PROPERTY" and params == ["combined"]:
            result = listener.combined
        else:
            return {"error": {"code": 2, "msg": f"Invalid request: unknown method {method[:40]}"}, "id": number}
        return {"result": result, "id": number}


async def _write(socket: web.WebSocketResponse, listener: Listener) -> None:
    try:
        while (message := await listener.outbox.take()) is not None:
            await socket.send_frame(message, WSMsgType.TEXT)
    except ConnectionError:
        return
    # A reader that fell too far behind is told to come back; a venue that closes says so.
    code = WSCloseCode.TRY_AGAIN_LATER if listener.outbox.hopeless else WSCloseCode.GOING_AWAY
    await socket.close(code=code)
