"""The hub: what happens at the desk, told to every socket that listens, in order and without ever waiting for one.

Kickoffs tell from threads of their own; sockets live on the server's loop. A listener that does not keep up loses the
oldest of what it has not heard, and is told how many.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

_KEPT = 500
Event = Mapping[str, Any]


class Listener:
    """One socket's queue. `session` is whose page it is, or empty for a program."""

    def __init__(self, loop: asyncio.AbstractEventLoop, session: str) -> None:
        self.session = session
        self._loop, self._events = loop, deque[Event](maxlen=_KEPT)
        self._lost, self._there = 0, asyncio.Event()

    def tell(self, event: Event) -> None:
        """Queue an event, from any thread."""
        self._loop.call_soon_threadsafe(self._take, event)

    async def next(self, timeout: float) -> list[Event]:
        """What was told since the last call; nothing when `timeout` seconds brought nothing."""
        try:
            await asyncio.wait_for(self._there.wait(), timeout)
        except TimeoutError:
            return []
        events = list(self._events)
        if self._lost:
            events.insert(0, {"type": "lost", "count": self._lost})
        self._events.clear()
        self._there.clear()
        self._lost = 0
        return events

    def _take(self, event: Event) -> None:
        self._lost += len(self._events) == _KEPT
        self._events.append(event)
        self._there.set()


class Hub:
    """All listeners of this server. Thread-safe."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()

    @contextmanager
    def listening(self, session: str = "") -> Iterator[Listener]:
        """A queue of one's own while the block runs; to be opened on the server's loop."""
        listener = Listener(asyncio.get_running_loop(), session)
        self._listeners = {*self._listeners, listener}
        try:
            yield listener
        finally:
            self._listeners = self._listeners - {listener}

    def tell(self, event: Event, *, session: str = "") -> None:
        """Tell everybody, or only the pages of one session."""
        for listener in self._listeners:
            if not session or listener.session == session:
                listener.tell(event)
