"""What becomes of a request that bad luck met: whether it is processed, when, how often, and what the client sees.

The same faults strike REST and the WebSocket API; how an answer is then spoilt depends on what it travels in.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar, cast
from urllib.parse import parse_qsl

import orjson
from aiohttp import WSMsgType, web

from desk.venues.paper.faults import admin, pages
from desk.venues.paper.faults.faults import Asked, Faults
from desk.venues.paper.faults.kinds import (
    AnswerFault,
    Code,
    Delay,
    Drip,
    Duplicate,
    Html,
    Late,
    Limit,
    Overload,
    Reset,
    Stale,
    Timeout,
    Truncated,
    WrongType,
)
from desk.venues.paper.wire.figures import Json
from desk.venues.paper.wire.pipeline import Reply

T = TypeVar("T")
Serve = Callable[[], Awaitable[T]]
_JSON: Final = "application/json"
_TRADES: Final = frozenset({"POST", "PUT"})
# RST instead of FIN: linger on, for zero seconds.
_LINGER_OFF: Final = struct.pack("ii", 1, 0)


class FaultyDoor:
    """Stands where requests come in. `account_of` names the account that an API key opens, empty for none."""

    def __init__(self, faults: Faults, account_of: Callable[[str | None], str]) -> None:
        self.faults = faults
        self._account_of = account_of
        # Requests that are held back: how many more may pass, and what lets each go on.
        self._held: list[tuple[int, asyncio.Event]] = []
        self._under_way: set[asyncio.Task[None]] = set()

    async def rest(self, request: web.Request, body: bytes, serve: Serve[Reply]) -> web.StreamResponse:
        """Answer one REST request, or leave the client with what bad luck leaves."""
        path, _, query = request.raw_path.partition("?")
        account = self._account_of(request.headers.get("X-MBX-APIKEY"))
        asked = Asked(request.method, path, account, lambda: _params(query, body))

        async def served() -> Reply:
            return await self._truth(asked, serve)

        fault = self._meet(asked)
        reply = await self._carry(asked, fault, served, lambda told: told)
        return await self._deliver(request, fault, reply)

    async def socket(self, socket: web.WebSocketResponse, request: web.Request, text: str, serve: Serve[Json]) -> None:
        """Answer one request of the WebSocket API; `serve` gives the whole envelope."""
        told = _object(text)
        params = _lowered(_mapping(told.get("params")))
        account = self._account_of(params.get("apikey"))
        asked = Asked("WS", str(told.get("method", ""))[:60], account, lambda: params)

        def envelope(reply: Reply) -> Json:
            return {"id": told.get("id"), "status": reply.status, "error": reply.body}

        fault = self._meet(asked)
        answer = await self._carry(asked, fault, serve, envelope)
        if isinstance(fault, Reset):
            _reset(request)
        elif answer is not None and not isinstance(fault, Timeout | Late):
            raw = orjson.dumps(answer)
            kept = int(len(raw) * fault.keep) if isinstance(fault, Truncated) else len(raw)
            await socket.send_frame(raw[:kept], WSMsgType.TEXT)

    def operate(self, method: str, body: bytes, token: str | None, expected: str) -> Json:
        """Answer the operator at /paper/v1/faults; see `admin`."""
        return admin.answer(self.faults, method, body, token, expected)

    def _meet(self, asked: Asked) -> AnswerFault | None:
        held, self._held = self._held, []
        for left, passed in held:
            if left > 1:
                self._held.append((left - 1, passed))
            else:
                passed.set()
        return self.faults.meet(asked)

    async def _truth(self, asked: Asked, serve: Serve[Reply]) -> Reply:
        """What the venue answers to this, in the world as it is."""
        world = self.faults.world
        if asked.method in _TRADES and (halted := world.halted_now()):
            symbol = asked.params().get("symbol", "").upper()
            if symbol in halted:
                return pages.refusal(Code(code=-1122), self.faults.now_ms())
        reply = await serve()
        reply = _retold(self.faults, asked.path, reply)
        self.faults.remember(asked, reply)
        return reply

    async def _carry(
        self, asked: Asked, fault: AnswerFault | None, serve: Serve[T], refuse: Callable[[Reply], T]
    ) -> T | None:
        """Process the request as often as bad luck lets it be; the answer, or None where there is none to give."""
        match fault:
            case None:
                return await serve()
            case Timeout() | Reset() | Html():
                return await serve() if fault.processed else None
            case Late():
                await self._held_back(fault.behind, serve)
                return None
            case Duplicate():
                first, second = await serve(), await serve()
                return first if fault.answer == "first" else second
            case Delay():
                answer = await serve()
                await asyncio.sleep(fault.seconds)
                return answer
            case Code() | Overload() | Limit():
                if not isinstance(fault, Limit) and fault.processed:
                    await serve()
                return refuse(pages.refusal(fault, self.faults.now_ms()))
            case Stale():
                past = self.faults.past(asked, fault)
                truth = await serve()
                return truth if past is None else refuse(past)
            case Drip() | Truncated() | WrongType():
                return await serve()

    async def _held_back(self, behind: int, serve: Serve[T]) -> None:
        passed = asyncio.Event()
        self._held.append((behind, passed))
        self.faults.when_over(passed.set)

        async def go_on() -> None:
            await passed.wait()
            await serve()

        # A client that hangs up takes back nothing that is under way.
        task = asyncio.create_task(go_on())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        await asyncio.shield(task)

    async def _deliver(
        self, request: web.Request, fault: AnswerFault | None, reply: Reply | None
    ) -> web.StreamResponse:
        if isinstance(fault, Html):
            return web.Response(status=fault.status, text=pages.page(fault), content_type="text/html")
        if reply is None or isinstance(fault, Timeout | Reset | Late):
            if isinstance(fault, Timeout):
                await self._silence(request, fault.hold_s)
            _reset(request)
            return web.Response(status=500)
        raw = orjson.dumps(reply.body)
        if isinstance(fault, Drip | Truncated):
            return await _piecemeal(request, fault, reply, raw)
        kind = fault.content_type if isinstance(fault, WrongType) else _JSON
        return web.Response(status=reply.status, body=raw, content_type=kind, headers=reply.headers)

    async def _silence(self, request: web.Request, seconds: float) -> None:
        """Say nothing until the client has gone, the script ends, or `seconds` passed."""
        over = asyncio.Event()
        self.faults.when_over(over.set)
        deadline = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < deadline and not over.is_set():
            transport = request.transport
            if transport is None or transport.is_closing():
                return
            try:
                await asyncio.wait_for(over.wait(), 0.05)
            except TimeoutError:
                continue


async def _piecemeal(request: web.Request, fault: Drip | Truncated, reply: Reply, raw: bytes) -> web.StreamResponse:
    response = web.StreamResponse(status=reply.status, headers={**reply.headers, "Content-Type": _JSON})
    response.content_length = len(raw)
    await response.prepare(request)
    if isinstance(fault, Truncated):
        await response.write(raw[: int(len(raw) * fault.keep)])
        if request.transport is not None:
            request.transport.close()
        return response
    step = -(-len(raw) // fault.pieces)
    for start in range(0, len(raw), step):
        await response.write(raw[start : start + step])
        await asyncio.sleep(fault.seconds / fault.pieces)
    return response


def _retold(faults: Faults, path: str, reply: Reply) -> Reply:
    """The answer as the wire's clock and the halted symbols colour it."""
    answer = reply.body
    if reply.status != 200 or not isinstance(answer, dict):
        return reply
    body = cast("dict[str, object]", answer)
    now, world = faults.now_ms(), faults.world
    if path.endswith("/time") and (off := world.shift_ms(now) + world.skew_ms(now)):
        return Reply(status=200, body={**body, "serverTime": now + off}, headers=reply.headers)
    if path.endswith("/exchangeInfo") and (halted := world.halted_now()):
        rows = cast("list[Json]", body["symbols"])
        rows = [{**row, "status": "BREAK"} if row["symbol"] in halted else row for row in rows]
        return Reply(status=200, body={**body, "symbols": rows}, headers=reply.headers)
    return reply


def _reset(request: web.Request) -> None:
    """Cut the connection so that the client's kernel says "connection reset by peer"."""
    transport = request.transport
    if transport is None:
        return
    plug = transport.get_extra_info("socket")
    if plug is not None:
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_OFF)
    transport.abort()


def _params(query: str, body: bytes) -> Mapping[str, str]:
    pairs = parse_qsl(body.decode("utf-8", "replace")) + parse_qsl(query)
    return {name.lower(): value for name, value in pairs}


def _object(text: str) -> Mapping[str, object]:
    try:
        return _mapping(orjson.loads(text))
    except orjson.JSONDecodeError:
        return {}


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def _lowered(params: Mapping[str, object]) -> Mapping[str, str]:
    return {name.lower(): str(value) for name, value in params.items()}
