"""Who listens to what. Publishing is a dictionary look-up and an append: it never waits for a reader.

A message is encoded once, and wrapped in `{"stream","data"}` once for all clients that asked for combined streams.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from desk.venues.paper.wire.streams.outbox import Outbox

MAX_STREAMS = 1_024


@dataclass(eq=False, slots=True)
class Listener:
    """One connected client. `combined` wraps payloads; `events` limits private events (empty: all of them)."""

    combined: bool
    events: frozenset[str] = frozenset()
    outbox: Outbox = field(default_factory=Outbox)
    streams: dict[str, None] = field(default_factory=dict[str, None])
    keys: dict[str, None] = field(default_factory=dict[str, None])


class StreamHub:
    """Subscriptions of all clients, by stream name and by listen key."""

    def __init__(self) -> None:
        self._streams: defaultdict[str, dict[Listener, None]] = defaultdict(dict)
        self._keys: defaultdict[str, dict[Listener, None]] = defaultdict(dict)
        self._listeners: dict[Listener, None] = {}

    @property
    def clients(self) -> int:
        """How many clients are connected."""
        return len(self._listeners)

    def streams(self) -> tuple[str, ...]:
        """Every market stream that somebody listens to."""
        return tuple(name for name, listeners in self._streams.items() if listeners)

    def connect(self, listener: Listener) -> None:
        """Let a client take part."""
        self._listeners[listener] = None

    def disconnect(self, listener: Listener) -> None:
        """Forget a client and all it listened to."""
        self._listeners.pop(listener, None)
        for name in tuple(listener.streams):
            self.unsubscribe(listener, name)
        for key in tuple(listener.keys):
            self._keys[key].pop(listener, None)

    def subscribe(self, listener: Listener, stream: str) -> None:
        """Send `stream` to the client from now on."""
        listener.streams[stream] = None
        self._streams[stream][listener] = None

    def unsubscribe(self, listener: Listener, stream: str) -> None:
        """Stop sending `stream`; unknown names are not an error."""
        listener.streams.pop(stream, None)
        listeners = self._streams.get(stream)
        if listeners is not None:
            listeners.pop(listener, None)
            if not listeners:
                del self._streams[stream]

    def follow_account(self, listener: Listener, key: str) -> None:
        """Send the private events of a listen key to the client."""
        listener.keys[key] = None
        self._keys[key][listener] = None

    def publish(self, stream: str, payload: Mapping[str, object] | Sequence[object], *, conflate: bool) -> None:
        """Send market data to everybody who listens to `stream`."""
        listeners = self._streams.get(stream)
        if not listeners:
            return
        raw = orjson.dumps(payload)
        wrapped: bytes | None = None
        for listener in listeners:
            if listener.combined:
                wrapped = wrapped or wrap(stream, raw)
            listener.outbox.put_market(stream, wrapped if listener.combined and wrapped else raw, conflate=conflate)

    def publish_private(self, keys: Iterable[str], payload: Mapping[str, object]) -> None:
        """Send an account event to everybody who follows one of `keys`."""
        raw = orjson.dumps(payload)
        event = str(payload["e"])
        for key in keys:
            for listener in self._keys.get(key, {}):
                if not listener.events or event in listener.events:
                    listener.outbox.put_private(wrap(key, raw) if listener.combined else raw)

    def end_key(self, key: str, farewell: Mapping[str, object]) -> None:
        """Tell the followers of a listen key that it died, and stop following it."""
        self.publish_private((key,), farewell)
        for listener in self._keys.pop(key, {}):
            listener.keys.pop(key, None)

    def close(self) -> None:
        """End every client's messages."""
        for listener in self._listeners:
            listener.outbox.close()


def wrap(stream: str, raw: bytes) -> bytes:
    """A payload as the combined endpoints send it."""
    return b'{"stream":' + orjson.dumps(stream) + b',"data":' + raw + b"}"
