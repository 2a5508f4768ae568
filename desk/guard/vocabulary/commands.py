"""The closed set of what the guard can do to the world. Only `step` makes them, only the executor performs them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from desk.domain.orders import Side, StopType
from desk.guard.record.codec import encode


@dataclass(frozen=True, slots=True, kw_only=True)
class SendEntry:
    """Set leverage, then send a market order that opens a position. Once."""

    symbol: str
    side: Side
    quantity: Decimal
    client_id: str
    leverage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SendExit:
    """Send a reduce-only market order: it can close, never open or flip."""

    symbol: str
    side: Side
    quantity: Decimal
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestStop:
    """Rest a conditional order that closes the whole position on the mark price."""

    symbol: str
    side: Side
    kind: StopType
    trigger: Decimal
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DropOrder:
    """Cancel an ordinary order."""

    symbol: str
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DropStop:
    """Cancel a conditional order."""

    symbol: str
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskOrder:
    """Ask the venue for an order."""

    symbol: str
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskStop:
    """Ask the venue for a conditional order."""

    symbol: str
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmDeadMan:
    """Have the venue cancel a symbol's orders by itself after so many milliseconds; 0 takes that back."""

    symbol: str
    milliseconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Look at the whole account, both order lists included, now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Tell a person."""

    level: str
    message: str


Command = SendEntry | SendExit | RestStop | DropOrder | DropStop | AskOrder | AskStop | ArmDeadMan | Look | Tell
Commands = tuple[Command, ...]


def leaves_a_mark(command: Command) -> bool:
    """Whether the command changes the venue: then the event behind it is journalled before it leaves."""
    return isinstance(command, SendEntry | SendExit | RestStop | DropOrder | DropStop | ArmDeadMan)


def command_to_data(command: Command) -> dict[str, Any]:
    """A command as a JSON-able object; `command` names its kind."""
    return {"command": type(command).__name__, **encode(command)}
