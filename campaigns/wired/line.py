"""The account's stream, cranked by hand: the production listener on a real WebSocket, without its thread.

`desk.venues.binance.streams.line.Line` dials and hears on a thread of its own; here the same party is called in the
same order at each step of virtual time. Frames are those of the exchange's own server.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from campaigns.wired.pipe import Pipe
from campaigns.wired.world import URL, WiredWorld
from desk.domain.errors import DataError, VenueError
from desk.venues.binance.streams.account_events import AccountEvent
from desk.venues.binance.streams.listen_keys import ListenKeys
from desk.venues.binance.streams.socket import PING_EVERY_S, PONG_WITHIN_S, LineBrokenError
from desk.venues.binance.streams.user_stream import UserStream

_DIAL_AGAIN_S = 5.0


@dataclass
class HandLine:
    """One line of one party. `lines` counts the lines that opened, `woken` how often it asked for a look."""

    world: WiredWorld
    lines: int = 0
    woken: int = 0
    events: list[AccountEvent] = field(default_factory=list[AccountEvent])
    _pipe: Pipe | None = None
    _dial_at: float = 0.0
    _ping_at: float = 0.0
    _pong_by: float | None = None

    def __post_init__(self) -> None:
        world = self.world
        self.party = UserStream(
            URL,
            ListenKeys(world.connection),
            wake=self._wake,
            on_event=self.events.append,
            venue_ms=world.connection.clock.estimate_ms,
            monotonic=world.clock.monotonic,
        )

    def crank(self) -> None:
        """What the line's thread would have done by now."""
        try:
            if self._pipe is None:
                self._dial()
            else:
                self._listen()
        except (VenueError, DataError):
            self._part()

    def spoil(self, text: str) -> None:
        """A message that the venue never sent."""
        if self._pipe is not None:
            try:
                self.party.heard(text)
            except (VenueError, DataError):
                self._part()

    def _wake(self, *, lists: bool) -> None:
        self.woken += 1
        if lists:
            self.world.guard.lookout.want_lists()

    def _dial(self) -> None:
        now = self.world.clock.monotonic()
        if now < self._dial_at:
            return
        self._dial_at = now + _DIAL_AGAIN_S
        address = self.party.address()
        self._pipe = self.world.carrier.connect()
        self._frames = ClientProtocol(parse_uri(address.replace("http", "ws", 1)))
        self._frames.send_request(self._frames.connect())
        self._send()
        self._turn()
        if self._pipe is None:
            return
        self.lines += 1
        self._ping_at, self._pong_by = now + PING_EVERY_S, None
        self.party.opened()

    def _listen(self) -> None:
        self._turn()
        now = self.world.clock.monotonic()
        if self._pong_by is not None and now > self._pong_by:
            raise LineBrokenError("the other end is gone without a word")
        if self._pong_by is None and now >= self._ping_at:
            self._frames.send_ping(b"alive")
            self._send()
            self._pong_by, self._ping_at = now + PONG_WITHIN_S, now + PING_EVERY_S
            self._turn()
        self.party.tend()

    def _turn(self) -> None:
        """Let the server speak, and hear it."""
        pipe = self._pipe
        assert pipe is not None
        self.world.turn()
        if heard := pipe.take():
            self._frames.receive_data(heard)
            self._send()
        for event in self._frames.events_received():
            if not isinstance(event, Frame):
                continue
            if event.opcode is Opcode.PONG:
                self._pong_by = None
            elif event.opcode in (Opcode.TEXT, Opcode.BINARY):
                self.party.heard(bytes(event.data).decode("utf-8", "replace"))
        if pipe.over or self._frames.close_rcvd is not None or self._frames.handshake_exc is not None:
            raise LineBrokenError("the stream ended")

    def _send(self) -> None:
        assert self._pipe is not None
        for raw in self._frames.data_to_send():
            if raw:
                self._pipe.say(raw)

    def _part(self) -> None:
        if self._pipe is not None:
            self._pipe.hang_up()
            self._pipe = None
            self.party.parted()
