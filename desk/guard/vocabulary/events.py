"""The closed set of what can happen to the guard. Nothing changes its state but these, in the order of the journal."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache, partial
from typing import Any, cast

from desk.domain.errors import DataError
from desk.guard.record.codec import decode, encode
from desk.guard.record.memo import Newest
from desk.guard.vocabulary.facts import Facts, OrderFact, StopFact


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    """`at_ms` is the venue's clock, `mono` the guard's monotonic clock, both in milliseconds."""

    at_ms: int
    mono: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Booted(_Event):
    """The process started: what was in flight is unknown from here, and a pending reset is void."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentReceived(_Event):
    """A crew asks. `text` is its raw bytes as text, `facts` all that the gate decides on."""

    text: str
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed(_Event):
    """The guard looked at the venue."""

    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(_Event):
    """The venue's answer to something sent. `result`: accepted, rejected, unknown, or unreached (nothing was sent)."""

    symbol: str
    client_id: str
    result: str
    code: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSeen(_Event):
    """The venue was asked for an order; None: it says there is no such order."""

    symbol: str
    client_id: str
    order: OrderFact | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSeen(_Event):
    """The venue was asked for a conditional order; None: it says there is no such order."""

    symbol: str
    client_id: str
    stop: StopFact | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadManSet(_Event):
    """The venue confirmed a countdown of this length; 0: it counts no more."""

    symbol: str
    milliseconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltRequested(_Event):
    """Somebody wants everything stopped, flat and latched."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlattenRequested(_Event):
    """Somebody wants every position closed."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetRequested(_Event):
    """The operator's first step. The code itself never enters the journal, only its hash."""

    reason: str
    code_hash: str
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetConfirmed(_Event):
    """The operator's second step, with the hash of the code that was typed."""

    code_hash: str
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsTightened(_Event):
    """Somebody wants limits stricter than they are: names and values as text."""

    changes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFailed(_Event):
    """The guard itself raised: it tightens."""

    message: str


Event = (
    Booted
    | IntentReceived
    | Observed
    | Answer
    | OrderSeen
    | StopSeen
    | DeadManSet
    | HaltRequested
    | FlattenRequested
    | ResetRequested
    | ResetConfirmed
    | LimitsTightened
    | StepFailed
)

_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        Booted,
        IntentReceived,
        Observed,
        Answer,
        OrderSeen,
        StopSeen,
        DeadManSet,
        HaltRequested,
        FlattenRequested,
        ResetRequested,
        ResetConfirmed,
        LimitsTightened,
        StepFailed,
    )
}


def event_to_data(event: Event) -> dict[str, Any]:
    """An event as a JSON-able object; `event` names its kind."""
    data = {"event": type(event).__name__}
    for name in _field_names(type(event)):
        value = getattr(event, name)
        data[name] = _FACTS.get((value,), partial(encode, value)) if isinstance(value, Facts) else encode(value)
    return data


# Intents that were decided on one look tell the same facts; their rows need not work them out again.
_FACTS: Newest[Any] = Newest(most=2)


@cache
def _field_names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


def event_from_data(data: Any) -> Event:  # noqa: ANN401 - parsed JSON
    """Read an event. Raises DataError for anything that is not one."""
    if not isinstance(data, dict):
        raise DataError("an event is an object")
    fields = dict(cast("dict[str, Any]", data))
    kind = _KINDS.get(str(fields.pop("event", "")))
    if kind is None:
        raise DataError("an event of no known kind")
    if isinstance(facts := fields.get("facts"), dict):
        # Written before books were looked at.
        fields["facts"] = {"books": [], **cast("dict[str, Any]", facts)}
    return decode(kind, fields)
