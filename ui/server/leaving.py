"""A server that ends lets everybody go who listens without end: no stream is broken off, and no page holds it up.

Gradio's page keeps a stream open for as long as it is shown. When the server ends, each such stream is told what it is
told when its listener leaves, so that it closes as it always does.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class LetsGo:
    """ASGI middleware: once `over` is set, whoever waits to hear from a client hears that it has left."""

    def __init__(self, app: App, *, over: asyncio.Event) -> None:
        self._app, self._over = app, over

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Let a request pass; a socket is the server's own to close."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        open_ended = False

        async def noting(message: Message) -> None:
            nonlocal open_ended
            open_ended = message["type"] == "http.response.start" or message.get("more_body", False)
            await send(message)

        await self._app(scope, self._hearing(receive), noting)
        if open_ended and self._over.is_set():
            # Its listener is still there, and may as well read an end.
            await send({"type": "http.response.body", "body": b""})

    def _hearing(self, receive: Receive) -> Receive:
        whole = False

        async def hear() -> Message:
            nonlocal whole
            if not whole:
                # What was asked is heard to its end, and done.
                message = await receive()
                whole = not message.get("more_body", False)
                return message
            return await self._first(receive)

        return hear

    async def _first(self, receive: Receive) -> Message:
        hears, ends = asyncio.ensure_future(receive()), asyncio.ensure_future(self._over.wait())
        try:
            await asyncio.wait((hears, ends), return_when=asyncio.FIRST_COMPLETED)
            return hears.result() if hears.done() else {"type": "http.disconnect"}
        finally:
            hears.cancel()
            ends.cancel()


class Server(uvicorn.Server):
    """Says so when it listens, and lets everybody go when it ends."""

    def __init__(self, settings: uvicorn.Config, *, over: asyncio.Event, ready: Callable[[], None]) -> None:
        super().__init__(settings)
        self._over, self._ready = over, ready

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]  # uvicorn's own type is narrower
        """Listen, then tell."""
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started:
            threading.Thread(target=self._ready, name="ready", daemon=True).start()

    async def shutdown(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]  # uvicorn's own type is narrower
        """Tell every stream, then end."""
        self._over.set()
        await super().shutdown(sockets)  # type: ignore[arg-type]
