"""One WebSocket as the desk needs it: a text or nothing within a time, and one error for every way in which it ends.

The `websockets` library answers the venue's pings and sends its own: a line whose other end is gone without a word is
found within half a minute. Its buffer is bounded by frames and pushes back on TCP; it never ends by overflowing, as
python-binance's does at 100 messages.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

from desk.domain.errors import VenueUnavailableError

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

OPEN_TIMEOUT_S = 10.0
PING_EVERY_S = 15.0
PONG_WITHIN_S = 15.0
_MOST_BYTES = 8 * 1024 * 1024
_MOST_FRAMES = 1024


class LineBrokenError(VenueUnavailableError):
    """A stream's socket did not open, or is gone. Nothing is lost that a look at the venue would not tell."""


class Socket(Protocol):
    """An open stream."""

    def receive(self, timeout: float) -> str | None:
        """The next text, or None when none came within `timeout` seconds. Raises LineBrokenError when it is over."""
        ...


Dial = Callable[[str], AbstractContextManager[Socket]]


class _Socket:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    def receive(self, timeout: float) -> str | None:
        from websockets.exceptions import ConnectionClosed

        try:
            text = self._connection.recv(timeout=timeout)
        except TimeoutError:
            return None
        except ConnectionClosed as closed:
            said = closed.rcvd.code if closed.rcvd else "no farewell"
            raise LineBrokenError(f"the stream ended ({said})") from None
        return text if isinstance(text, str) else text.decode("utf-8", "replace")


def dialler(*, ping_every: float = PING_EVERY_S, pong_within: float = PONG_WITHIN_S) -> Dial:
    """A way to open streams whose other end is asked for a sign of life every `ping_every` seconds."""

    @contextmanager
    def dial(url: str) -> Generator[Socket]:
        # Loaded on the stream's own thread: neither the guard's start nor a desk without streams pays for it.
        from websockets.exceptions import WebSocketException
        from websockets.sync.client import connect

        try:
            connection = connect(
                url,
                # Proxies of the environment have no say in a loopback venue.
                proxy=True if url.startswith("wss://") else None,
                compression=None,
                open_timeout=OPEN_TIMEOUT_S,
                close_timeout=1.0,
                ping_interval=ping_every,
                ping_timeout=pong_within,
                max_size=_MOST_BYTES,
                max_queue=_MOST_FRAMES,
                legacy=True,
            )
        except (OSError, WebSocketException) as problem:
            # The library's own words quote the address, and with it the listen key.
            raise LineBrokenError(f"the stream did not open ({type(problem).__name__})") from None
        try:
            yield _Socket(connection)
        finally:
            connection.close()

    return dial
