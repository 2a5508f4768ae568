"""Who listens to what. Publishing is a dictionary look-up and an append: it never waits for a reader.

A message is encoded once, and wrapped in `{"stream","data"}` once for all clients that asked for combined streams.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from desk.venues.paper.wire.streams.addresses import Scope
from desk.venues.paper.wire.streams.outbox import Outbox

MAX_STREAMS = 1_024


@dataclass(eq=False, slots=True)
class Listener:
    """One connected client. `combined` wraps payloads; `events` limits private events (empty: all of them).

    `streams` are all it subscribed to, also those that its `scope` does not carry.
    """

    combined: bool
    scope: Scope = Scope.ALL
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
        self.version = 0
        """Grows whenever a stream gains its first listener or loses its last."""

    def listeners(self) -> tuple[Listener, ...]:
        """Every connected client."""
        return tuple(self._listeners)

    def streams(self) -> tuple[str, ...]:
        """Every market stream that somebody listens to."""
        return tuple(self._streams)

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

    def hears(self, stream: str) -> bool:
        """Whether anybody listens to `stream`."""
        return stream in self._streams

    def subscribe(self, listener: Listener, stream: str, *, heard: bool = True) -> None:
        """Send `stream` to the client from now on; unless `heard`, only remember that it asked."""
        listener.streams[stream] = None
        if heard:
            self.version += stream not in self._streams
            self._streams[stream][listener] = None

    def unsubscribe(self, listener: Listener, stream: str) -> None:
        """Stop sending `stream`; unknown names are not an error."""
        listener.streams.pop(stream, None)
        listeners = self._streams.get(stream)
        if listeners is not None:
            listeners.pop(listener, None)
            if not listeners:
                del self._streams[stream]
                self.version += 1

    def follow_account(self, listener: Listener, key: str) -> None:
        """Send the private events of a listen key to the client."""
        listener.keys[key] = None
        self._keys[key][listener] = None

    def unfollow_account(self, listener: Listener, key: str) -> None:
        """Stop sending the private events of a listen key; unknown keys are not an error."""
        listener.keys.pop(key, None)
        listeners = self._keys.get(key)
        if listeners is not None:
            listeners.pop(listener, None)

    def publish(self, stream: str, payload: Mapping[str, object] | Sequence[object]) -> None:
        """Send market data to everybody who listens to `stream`."""
        listeners = self._streams.get(stream)
        if not listeners:
            return
        raw = orjson.dumps(payload)
        wrapped: bytes | None = None
        for listener in listeners:
            if listener.combined:
                wrapped = wrapped or wrap(stream, raw)
            listener.outbox.put_market(stream, wrapped if listener.combined and wrapped else raw)

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
