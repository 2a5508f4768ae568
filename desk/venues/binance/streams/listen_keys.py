"""The listen key of the private stream: asked for and kept alive. It opens the account's news; treat it so.

A key lives sixty minutes and each renewal buys sixty more; asking while one is alive returns the same. -1125 says that
it is dead. Source: Binance USD-M futures, "Start / Keepalive User Data Stream".
"""

from __future__ import annotations

from desk.domain.errors import DataError
from desk.venues.binance.connection import Connection

RENEW_EVERY_S = 25 * 60.0
RETRY_EVERY_S = 60.0


class ListenKeys:
    """One account's listen key at the venue. Raises VenueError or DataError."""

    def __init__(self, venue: Connection) -> None:
        self._venue = venue

    def ask(self) -> str:
        """A living key."""
        return self._venue.read("futures_stream_get_listen_key", _key)

    def renew(self, key: str) -> None:
        """Keep the key alive. Raises VenueRejectedError (-1125) when it is dead."""
        self._venue.read("futures_stream_keepalive", lambda body: body, {"listenKey": key})


def _key(body: object) -> str:
    if not isinstance(body, str) or not body:
        raise DataError("the venue gave no listen key")
    return body
