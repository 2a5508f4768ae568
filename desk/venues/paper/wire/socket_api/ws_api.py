"""Requests over a WebSocket (`/ws-fapi/v1`): the same handlers, limits and refusals as over REST, in another envelope.

`{"id","method","params"}` is answered `{"id","status","result","rateLimits"}`, or with `error` in place of `result`.
The signature covers all other parameters sorted by name, as the client wrote them: numbers keep their spelling.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, NoReturn, cast

import orjson
from aiohttp import WSMsgType, web

from desk.venues.paper.engine.values import Refusal
from desk.venues.paper.keys import Access
from desk.venues.paper.wire import errors
from desk.venues.paper.wire.figures import Json
from desk.venues.paper.wire.pipeline import Pipeline, Question, Reply
from desk.venues.paper.wire.requests.limits import Cost
from desk.venues.paper.wire.requests.params import Params
from desk.venues.paper.wire.routes import Route
from desk.venues.paper.wire.socket_api import ws_methods
from desk.venues.paper.wire.socket_api.ws_session import Session
from desk.venues.paper.wire.streams.liveness import Lifetime, connected

if TYPE_CHECKING:
    from desk.venues.paper.faults.answers import FaultyDoor

PATH: Final = "/ws-fapi/v1"
_SESSION_COST: Final = Cost(weight=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One message, read: numbers in `params` are the text that the client wrote."""

    number: object
    method: str
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class WsApi:
    """Serves one request after the other on each connection."""

    pipeline: Pipeline
    lifetime: Lifetime
    door: FaultyDoor | None = None

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Run one connection until either side ends it. Raises Refusal -1003 for too many connections of one IP."""
        ip, host = request.remote or "", request.host
        self.pipeline.desk.limits.connect(ip)
        wish = request.query.get("returnRateLimits", "true").lower()
        session = Session(self.pipeline.desk.venue.now_ms(), returns_limits=wish != "false")
        async with connected(request, self.lifetime) as connection:
            async for message in connection.messages():
                if message.type is not WSMsgType.TEXT:
                    continue
                text = cast("str", message.data)
                answer = partial(self.answer, session, ip, host, text)
                if self.door is not None:
                    await self.door.socket(connection.socket, request, text, answer)
                else:
                    await connection.socket.send_frame(orjson.dumps(await answer()), WSMsgType.TEXT)
        return connection.socket

    async def answer(self, session: Session, ip: str, host: str, text: str) -> Json:
        """Answer one request of `session`."""
        try:
            asked = read_message(text)
        except Refusal as refusal:
            return _envelope(None, 400, errors.body_of(refusal.code, refusal.message))
        if asked.method in ws_methods.SESSION_METHODS:
            reply = self._of_session(session, ip, asked)
        else:
            reply = await self.pipeline.answer(self._question(session, ip, host, asked))
        # Binance answers an unknown method as a bad request, not as a missing page.
        told = _envelope(asked.number, 400 if reply.status == 404 else reply.status, reply.body)
        if _wants_limits(session, asked):
            told["rateLimits"] = self.pipeline.desk.limits.counted(ip, reply.counted_for)
        return told

    def _question(self, session: Session, ip: str, host: str, asked: Asked) -> Question:
        method, path = ws_methods.METHODS.get(asked.method, ("WS", asked.method[:40]))

        def prove(route: Route, params: Params) -> Access | None:
            return session.admit(self.pipeline.gate, route.security, params, asked.params)

        return Question(method=method, path=path, ip=ip, host=host, read=lambda: Params.of(asked.params), prove=prove)

    def _of_session(self, session: Session, ip: str, asked: Asked) -> Reply:
        desk = self.pipeline.desk
        now = desk.venue.now_ms()

        def obey() -> Json:
            desk.limits.charge(ip, _SESSION_COST)
            if asked.method == ws_methods.LOGON:
                session.log_on(self.pipeline.gate, Params.of(asked.params), asked.params, now)
            elif asked.method == ws_methods.LOGOUT:
                session.log_out()
            return session.told(now)

        return _reply(obey)


def read_message(text: str) -> Asked:
    """Read one message.

    Raises:
        Refusal: -1135 for text that is no JSON object.
    """
    try:
        told: object = json.loads(text, parse_float=str, parse_int=str, parse_constant=_no_number)
        number: object = _mapping(orjson.loads(text)).get("id")
    except (ValueError, RecursionError):
        raise errors.invalid_json() from None
    if not isinstance(told, dict):
        raise errors.invalid_json()
    asked = _mapping(cast("object", told))
    number = number if isinstance(number, str | int) and not isinstance(number, bool) else None
    return Asked(number=number, method=str(asked.get("method", "")), params=_mapping(asked.get("params")))


def _reply(obey: Callable[[], Json]) -> Reply:
    try:
        return Reply(status=200, body=obey())
    except Refusal as refusal:
        return Reply(status=errors.status_of(refusal.code), body=errors.body_of(refusal.code, refusal.message))


def _wants_limits(session: Session, asked: Asked) -> bool:
    wish = asked.params.get("returnRateLimits")
    return session.returns_limits if wish is None else str(wish).lower() != "false"


def _envelope(number: object, status: int, body: object) -> Json:
    return {"id": number, "status": status, "result" if status == 200 else "error": body}


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}
