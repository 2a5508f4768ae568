"""The front door: HTTP requests, stream connections, and the paper exchange's own endpoints, on one port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson
from aiohttp import web

from desk.venues.paper.engine.values import Refusal
from desk.venues.paper.keys import Access
from desk.venues.paper.wire import errors, rest_paper
from desk.venues.paper.wire.account import rest_downloads
from desk.venues.paper.wire.calls import Desk
from desk.venues.paper.wire.pipeline import Pipeline, Question, Reply, failed
from desk.venues.paper.wire.requests.params import Params
from desk.venues.paper.wire.requests.signing import split_signature
from desk.venues.paper.wire.routes import Route
from desk.venues.paper.wire.socket_api import ws_api
from desk.venues.paper.wire.socket_api.ws_api import WsApi
from desk.venues.paper.wire.streams.addresses import parse_address
from desk.venues.paper.wire.streams.announcer import Announcer
from desk.venues.paper.wire.streams.sockets import Sockets

if TYPE_CHECKING:
    from desk.venues.paper.faults.answers import FaultyDoor

_MAX_BODY: Final = 1_000_000
_JSON: Final = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class WireServer:
    """The protocol around one venue."""

    desk: Desk
    pipeline: Pipeline
    announcer: Announcer
    sockets: Sockets
    ws_api: WsApi
    admin_token: str
    door: FaultyDoor | None = None

    def app(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(client_max_size=_MAX_BODY)
        app.router.add_route("*", "/{path:.*}", self.serve)
        return app

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer any request; what is refused is refused in JSON, also where HTTP itself was misused."""
        try:
            return await self._serve(request)
        except Refusal as refusal:
            body = errors.body_of(refusal.code, refusal.message)
            return _response(Reply(status=errors.status_of(refusal.code), body=body))
        except web.HTTPException as misuse:
            refusal = errors.unsupported()
            return _response(Reply(status=misuse.status, body=errors.body_of(refusal.code, refusal.message)))

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        path, _, query = request.raw_path.partition("?")
        if request.headers.get("Upgrade", "").lower() == "websocket":
            stream = await self._stream(request, path, query)
            if stream is not None:
                return stream
        body = await request.read()
        if path.startswith(rest_paper.PREFIX + rest_downloads.PREFIX):
            name = path.removeprefix(rest_paper.PREFIX + rest_downloads.PREFIX)
            return web.Response(text=rest_downloads.file_named(self.desk, name), content_type="text/csv")
        if path.startswith(rest_paper.PREFIX):
            return _response(self._paper(request, path, query, body))
        if self.door is not None:
            return await self.door.rest(request, body, lambda: self._binance(request, path, query, body))
        return _response(await self._binance(request, path, query, body))

    async def _stream(self, request: web.Request, path: str, query: str) -> web.StreamResponse | None:
        if path == ws_api.PATH:
            return await self.ws_api.serve(request)
        address = parse_address(path, query)
        return None if address is None else await self.sockets.serve(request, address)

    def close(self) -> None:
        """End every stream."""
        if self.door is not None:
            self.door.faults.close()
        self.announcer.hub.close()

    async def _binance(self, request: web.Request, path: str, query: str, body: bytes) -> Reply:
        def prove(route: Route, params: Params) -> Access | None:
            # The raw bytes of the request line: surrogates stand for bytes that were not UTF-8.
            signed = split_signature(query.encode("utf-8", "surrogateescape"), body)
            return self.pipeline.gate.admit(route.security, request.headers.get("X-MBX-APIKEY"), params, signed)

        return await self.pipeline.answer(
            Question(
                method=request.method,
                path=path,
                ip=request.remote or "",
                host=request.host,
                read=lambda: Params.parse(query, body),
                prove=prove,
            )
        )

    def _paper(self, request: web.Request, path: str, query: str, body: bytes) -> Reply:
        try:
            return Reply(status=200, body=self._own(request, path.removeprefix(rest_paper.PREFIX), query, body))
        except Refusal as told:
            refusal = told
        except Exception as error:
            refusal = failed(error, path=path, method=request.method, accepted_nothing=request.method == "GET")
        return Reply(status=errors.status_of(refusal.code), body=errors.body_of(refusal.code, refusal.message))

    def _own(self, request: web.Request, name: str, query: str, body: bytes) -> object:
        if (request.method, name) == ("GET", "status"):
            return rest_paper.status(self.desk)
        if (request.method, name) == ("GET", "headlines"):
            return rest_paper.headlines(self.desk, Params.parse(query, b""))
        if (request.method, name) == ("POST", "clock/advance"):
            token = request.headers.get("X-Paper-Token")
            return self.pipeline.settled(lambda: rest_paper.advance(self.desk, body, token, self.admin_token))
        if name == "faults" and self.door is not None:
            return self.door.operate(request.method, body, request.headers.get("X-Paper-Token"), self.admin_token)
        raise errors.unknown_path(request.path, request.method)


def _response(reply: Reply) -> web.Response:
    return web.Response(status=reply.status, body=orjson.dumps(reply.body), content_type=_JSON, headers=reply.headers)
