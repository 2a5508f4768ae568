"""What one stream client still has to be sent: everything, in order, or the connection ends.

Nothing is dropped and nothing is merged, as on Binance: a reader that stalls for a moment finds all of it when it reads
on. What it leaves unread is bounded by 20,000 messages and 16 MiB; a reader beyond that is hopeless, is disconnected
with code 1008 and has to ask again over REST. It costs itself and nobody else.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

MOST_MESSAGES: Final = 20_000
MOST_BYTES: Final = 16 * 1_024 * 1_024


class Outbox:
    """Messages in sending order for one client. Not thread-safe: it lives on the server's loop."""

    def __init__(self, most_messages: int = MOST_MESSAGES, most_bytes: int = MOST_BYTES) -> None:
        self._messages: deque[bytes] = deque()
        self._bytes = 0
        self._most_messages = most_messages
        self._most_bytes = most_bytes
        self._ready = asyncio.Event()
        self._closed = False
        self.reason = ""

    def __len__(self) -> int:
        return len(self._messages)

    def put_market(self, stream: str, message: bytes) -> None:
        """Queue market data of `stream`."""
        del stream
        self.put(message)

    def put_private(self, message: bytes) -> None:
        """Queue an account event or an answer to this client."""
        self.put(message)

    def put(self, message: bytes) -> None:
        """Queue a message; one too many ends the connection, and what was unread is forgotten."""
        if self._closed:
            return
        if len(self._messages) >= self._most_messages or self._bytes + len(message) > self._most_bytes:
            self.end("Slow consumer")
            return
        self._messages.append(message)
        self._bytes += len(message)
        self._ready.set()

    def end(self, reason: str) -> None:
        """End the connection at once, for a `reason` that the client is told."""
        self.reason = reason
        self._messages.clear()
        self._bytes = 0
        self.close()

    def close(self) -> None:
        """End the stream of messages: `take` returns None once everything queued is out."""
        self._closed = True
        self._ready.set()

    async def take(self) -> bytes | None:
        """The next message, or None when the client is to be disconnected."""
        while not self._messages:
            if self._closed:
                return None
            self._ready.clear()
            await self._ready.wait()
        message = self._messages.popleft()
        self._bytes -= len(message)
        return message
