"""How long a WebSocket connection lasts: pinged every three minutes, dropped ten minutes after the last right pong.

After a day every connection ends, answered or not. A pong that nobody asked for is allowed and proves nothing: only one
that repeats the payload of the last ping does. A client may ping, too, and is answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, cast

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

MAX_MESSAGE_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime:
    """Seconds between pings, without a pong, and of the whole connection."""

    ping: float = 180.0
    pong: float = 600.0
    life: float = 86_400.0


class Connection:
    """A WebSocket that is kept alive by its client's pongs. Made by `connected`."""

    def __init__(self, socket: web.WebSocketResponse, lifetime: Lifetime) -> None:
        self.socket = socket
        self._lifetime = lifetime
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._asked = b""

    async def messages(self) -> AsyncIterator[WSMessage]:
        """Text, binary, ping and pong frames of the client, until either side ends the connection."""
        ends = self._loop.time() + self._lifetime.life
        try:
            async with asyncio.timeout_at(ends):
                async for message in self.socket:
                    await self._attend(message)
                    yield message
        except TimeoutError:
            await self.socket.close(code=WSCloseCode.GOING_AWAY)

    async def keep_asking(self) -> None:
        """Ping until the client is silent for too long, then drop it."""
        while self._loop.time() - self._heard < self._lifetime.pong:
            await asyncio.sleep(self._lifetime.ping)
            self._asked = str(int(self._loop.time() * 1_000)).encode()
            try:
                await self.socket.ping(self._asked)
            except ConnectionError:
                return
        await self.socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"Pong timeout", drain=False)

    async def _attend(self, message: WSMessage) -> None:
        if message.type is WSMsgType.PING:
            await self.socket.pong(cast("bytes", message.data))
        elif message.type is WSMsgType.PONG and self._asked and bytes(cast("bytes", message.data)) == self._asked:
            self._heard = self._loop.time()


@asynccontextmanager
async def connected(request: web.Request, lifetime: Lifetime) -> AsyncGenerator[Connection]:
    """Accept the connection and ask its client for signs of life while the body runs."""
    socket = web.WebSocketResponse(autoping=False, max_msg_size=MAX_MESSAGE_BYTES, compress=False)
    await socket.prepare(request)
    connection = Connection(socket, lifetime)
    asking = asyncio.create_task(connection.keep_asking())
    try:
        yield connection
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
