"""What becomes of the messages of one stream connection. Takes the place of its outbox, and of nothing else.

Answers to the client's own requests (SUBSCRIBE and the like) always arrive: what is spoilt is what the venue tells of
its own accord. Order within a channel is kept unless a fault says otherwise.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import cast

import orjson
from aiohttp import web

from desk.venues.paper.faults.faults import Faults
from desk.venues.paper.faults.kinds import (
    Corrupt,
    Disconnect,
    Freeze,
    Gap,
    HalfOpen,
    Reorder,
    Repeat,
    StreamFault,
    Tardy,
)
from desk.venues.paper.wire.streams.outbox import Outbox

_USER, _MARKET = "user", "market"
Put = Callable[[bytes], None]


class FaultyOutbox(Outbox):
    """An outbox whose messages pass the rules of `faults` first."""

    def __init__(self, faults: Faults, request: web.Request) -> None:
        super().__init__()
        self._faults, self._request = faults, request
        self._deaf = False
        self._losing: Counter[tuple[str, str]] = Counter()
        self._frozen: dict[tuple[str, str], int] = {}
        # Messages that wait for later ones of their channel: how many more, and how each is put.
        self._overtaken: dict[str, list[tuple[int, Callable[[], None]]]] = {_USER: [], _MARKET: []}
        self._behind: dict[str, float] = {}

    def put_market(self, stream: str, message: bytes) -> None:
        """Queue market data of `stream`, unless bad luck has it otherwise."""
        self._pass(_MARKET, stream, message, self.put)

    def put_private(self, message: bytes) -> None:
        """Queue an account event, unless bad luck has it otherwise; answers to this client always go through."""
        event = _event_of(message)
        if event is None:
            if not self._deaf:
                self.put(message)
            return
        self._pass(_USER, event, message, self.put)

    def _pass(self, channel: str, stream: str, message: bytes, put: Put) -> None:
        fault = None if self._deaf else self._faults.meet_message(channel, stream)
        if self._deaf or self._lost((channel, stream), fault):
            return
        overtaken, self._overtaken[channel] = self._overtaken[channel], []
        self._send(channel, fault, message, put)
        for left, late in overtaken:
            if left > 1:
                self._overtaken[channel].append((left - 1, late))
            else:
                late()

    def _lost(self, what: tuple[str, str], fault: StreamFault | None) -> bool:
        now = self._faults.now_ms()
        if isinstance(fault, Gap):
            self._losing[what] = fault.count
        elif isinstance(fault, Freeze):
            self._frozen[what] = now + round(fault.for_s * 1_000)
        elif isinstance(fault, HalfOpen):
            self._go_deaf()
        if self._losing[what] > 0:
            self._losing[what] -= 1
            return True
        return self._deaf or now < self._frozen.get(what, 0)

    def _send(self, channel: str, fault: StreamFault | None, message: bytes, put: Put) -> None:
        match fault:
            case Repeat():
                put(message)
                put(message)
            case Reorder():
                self._overtaken[channel].append((fault.behind, lambda: put(message)))
            case Corrupt():
                put(message[: len(message) // 2])
            case Disconnect():
                self._hang_up(abrupt=fault.abrupt)
            case _:
                self._in_time(channel, fault, lambda: put(message))

    def _in_time(self, channel: str, fault: StreamFault | None, put: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        due = max(self._behind.get(channel, 0.0), loop.time() + (fault.seconds if isinstance(fault, Tardy) else 0.0))
        if due <= loop.time():
            put()
            return
        self._behind[channel] = due
        loop.call_at(due, put)

    def _go_deaf(self) -> None:
        self._deaf = True
        transport = self._request.transport
        if isinstance(transport, asyncio.ReadTransport):
            # Pings stay unread, so no pong goes out.
            transport.pause_reading()

    def _hang_up(self, *, abrupt: bool) -> None:
        self._deaf = True
        transport = self._request.transport
        if abrupt and transport is not None:
            transport.abort()
        else:
            self.close()


def _event_of(message: bytes) -> str | None:
    told: object = orjson.loads(message)
    if not isinstance(told, dict):
        return None
    row = cast("Mapping[str, object]", told)
    inner = row.get("data", row)
    event = cast("Mapping[str, object]", inner).get("e") if isinstance(inner, dict) else None
    return event if isinstance(event, str) else None
