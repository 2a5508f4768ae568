"""What one stream client still has to be sent: bounded, so that a slow reader costs itself and nobody else.

Market data is perishable. A newer message of a conflated stream takes the place of an unsent older one, and when the
box is full the oldest market message goes. A private message is never dropped: a reader that lets too many of them
pile up is hopeless, and is disconnected so that it asks again over REST.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict

MARKET_LIMIT = 2_000
PRIVATE_LIMIT = 2_000


class Outbox:
    """Messages in sending order for one client. Not thread-safe: it lives on the server's loop."""

    def __init__(self, market_limit: int = MARKET_LIMIT, private_limit: int = PRIVATE_LIMIT) -> None:
        self._messages: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._sequence = 0
        self._market_limit = market_limit
        self._private_limit = private_limit
        self._private = 0
        self._ready = asyncio.Event()
        self.dropped = 0
        self.hopeless = False
        self.closed = False

    def __len__(self) -> int:
        return len(self._messages)

    def put_market(self, stream: str, message: bytes, *, conflate: bool) -> None:
        """Queue market data of `stream`; with `conflate` it replaces what of that stream is still unsent."""
        if conflate:
            key = (stream, 0)
        else:
            self._sequence += 1
            key = (stream, self._sequence)
            # Newer than an unsent provisional message of the same stream, which must not arrive after it.
            self._messages.pop((stream, 0), None)
        if key not in self._messages and len(self._messages) - self._private >= self._market_limit:
            self._drop_oldest_market()
        self._messages[key] = message
        self._ready.set()

    def put_private(self, message: bytes) -> None:
        """Queue an account event or an answer to this client; too many of them mark the client hopeless."""
        if self._private >= self._private_limit:
            self.hopeless = True
        else:
            self._sequence += 1
            self._messages["", self._sequence] = message
            self._private += 1
        self._ready.set()

    def close(self) -> None:
        """End the stream of messages: `take` returns None once everything queued is out."""
        self.closed = True
        self._ready.set()

    async def take(self) -> bytes | None:
        """The next message, or None when the client is to be disconnected."""
        while not self._messages:
            if self.closed or self.hopeless:
                return None
            self._ready.clear()
            await self._ready.wait()
        if self.hopeless:
            return None
        (stream, _), message = self._messages.popitem(last=False)
        if not stream:
            self._private -= 1
        return message

    def _drop_oldest_market(self) -> None:
        oldest = next(key for key in self._messages if key[0])
        del self._messages[oldest]
        self.dropped += 1
