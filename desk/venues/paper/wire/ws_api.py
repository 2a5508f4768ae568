"""Requests over a WebSocket (`/ws-fapi/v1`): the same handlers, limits and refusals as over REST, in another envelope.

`{"id","method","params"}` is answered `{"id","status","result","rateLimits"}`, or with `error` in place of `result`.
The signature covers all other parameters sorted by name; the key travels among them as `apiKey`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast

import orjson
from aiohttp import WSMsgType, web

from desk.venues.paper.wire.figures import Json
from desk.venues.paper.wire.params import Params
from desk.venues.paper.wire.pipeline import Pipeline
from desk.venues.paper.wire.signing import SignedBytes

if TYPE_CHECKING:
    from desk.venues.paper.faults.answers import FaultyDoor

PATH: Final = "/ws-fapi/v1"
_PING_SECONDS: Final = 180.0
_MAX_MESSAGE_BYTES: Final = 65_536

_METHODS: Final = MappingProxyType(
    {
        "depth": ("GET", "/fapi/v1/depth"),
        "ticker.price": ("GET", "/fapi/v1/ticker/price"),
        "ticker.book": ("GET", "/fapi/v1/ticker/bookTicker"),
        "order.place": ("POST", "/fapi/v1/order"),
        "order.modify": ("PUT", "/fapi/v1/order"),
        "order.cancel": ("DELETE", "/fapi/v1/order"),
        "order.status": ("GET", "/fapi/v1/order"),
        "algoOrder.place": ("POST", "/fapi/v1/algoOrder"),
        "algoOrder.cancel": ("DELETE", "/fapi/v1/algoOrder"),
        "account.position": ("GET", "/fapi/v2/positionRisk"),
        "v2/account.position": ("GET", "/fapi/v3/positionRisk"),
        "account.balance": ("GET", "/fapi/v2/balance"),
        "v2/account.balance": ("GET", "/fapi/v3/balance"),
        "account.status": ("GET", "/fapi/v2/account"),
        "v2/account.status": ("GET", "/fapi/v3/account"),
        "userDataStream.start": ("POST", "/fapi/v1/listenKey"),
        "userDataStream.ping": ("PUT", "/fapi/v1/listenKey"),
        "userDataStream.stop": ("DELETE", "/fapi/v1/listenKey"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WsApi:
    """Serves one request after the other on each connection."""

    pipeline: Pipeline
    door: FaultyDoor | None = None

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Run one connection until the client ends it."""
        socket = web.WebSocketResponse(heartbeat=_PING_SECONDS, max_msg_size=_MAX_MESSAGE_BYTES, compress=False)
        await socket.prepare(request)
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            text = cast("str", message.data)
            if self.door is not None:
                await self.door.socket(socket, request, text, partial(self.answer, text))
            else:
                await socket.send_frame(orjson.dumps(await self.answer(text)), WSMsgType.TEXT)
        return socket

    async def answer(self, text: str) -> Json:
        """Answer one request."""
        try:
            asked = _mapping(orjson.loads(text))
        except orjson.JSONDecodeError:
            asked = _mapping(None)
        number = asked.get("id")
        method, path = _METHODS.get(str(asked.get("method", "")), ("WS", str(asked.get("method", ""))[:40]))
        values = _mapping(asked.get("params"))
        reply = await self.pipeline.answer(
            method,
            path,
            lambda: Params.of(values),
            lambda route, params: self.pipeline.gate.admit(
                route.security, params.peek("apiKey"), params, signed_params(values)
            ),
        )
        outcome = {"result": reply.body} if reply.status == 200 else {"error": reply.body}
        # Binance answers an unknown method as a bad request, not as a missing page.
        status = 400 if reply.status == 404 else reply.status
        return {"id": number, "status": status, **outcome, "rateLimits": self.pipeline.desk.limits.counted()}


def signed_params(values: Mapping[str, object]) -> SignedBytes:
    """What a WebSocket request signs: `name=value` of all but the signature, sorted by name."""
    written = Params.written(values)
    payload = "&".join(f"{name}={written[name]}" for name in sorted(written) if name != "signature")
    return SignedBytes(payload.encode(), written.get("signature", ""))


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}
