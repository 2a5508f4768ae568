"""One connection to the exchange's own server, made of memory: bytes in, bytes out, and an end that can be abrupt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

Protocol = asyncio.Protocol


class Pipe(asyncio.Transport):
    """What the server takes for a socket. `heard` is everything it sent and nobody took yet; `over` that it hung up."""

    def __init__(self, loop: asyncio.AbstractEventLoop, server: Callable[[], Protocol]) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self._loop = loop
        self._news = asyncio.Event()
        self.heard, self.over, self.abrupt = bytearray(), False, False
        self.deaf = False
        self._server = server()
        self._server.connection_made(self)

    # ---- the client's end ----

    def say(self, raw: bytes) -> None:
        """Send to the server, unless it stopped reading."""
        if not self.over and not self.deaf:
            self._server.data_received(raw)

    async def until(self, enough: Callable[[bytearray], bool]) -> None:
        """Wait until enough was heard, or the server hung up."""
        while not self.over and not enough(self.heard):
            self._news.clear()
            await self._news.wait()

    def hang_up(self) -> None:
        """The client goes away."""
        self._end(abrupt=False)

    def take(self) -> bytes:
        """What was heard since the last time."""
        taken = bytes(self.heard)
        self.heard.clear()
        return taken

    # ---- the server's end: asyncio.Transport ----

    def write(self, data: Any) -> None:  # noqa: ANN401 - bytes, bytearray or memoryview
        """Bytes for the client."""
        if not self.over:
            self.heard += data
            self._news.set()

    def writelines(self, list_of_data: Any) -> None:  # noqa: ANN401 - see above
        """Several of them."""
        for data in list_of_data:
            self.write(data)

    def is_closing(self) -> bool:
        """Whether either side has hung up."""
        return self.over

    def close(self) -> None:
        """The server hangs up."""
        self._end(abrupt=False)

    def abort(self) -> None:
        """The server resets the connection."""
        self._end(abrupt=True)

    def pause_reading(self) -> None:
        """Nothing is read any more."""
        self.deaf = True

    def resume_reading(self) -> None:
        """It is read again."""
        self.deaf = False

    def is_reading(self) -> bool:
        """Whether it is read."""
        return not self.deaf

    def get_write_buffer_size(self) -> int:
        """Memory is never full."""
        return 0

    def _end(self, *, abrupt: bool) -> None:
        if self.over:
            return
        self.over, self.abrupt = True, abrupt
        self._news.set()
        if not self._loop.is_closed():
            self._loop.call_soon(self._server.connection_lost, None)
