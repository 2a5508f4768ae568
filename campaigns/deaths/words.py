"""How guard and exchange speak across a socket: a line of JSON for each question, a line for each answer.

No wire protocol is tried here, which other campaigns do; the point is that one side can die while the other lives on.
Values are read and written by the types that the exchange's own methods declare.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from desk.domain.errors import (
    DataError,
    OutcomeUnknownError,
    VenueError,
    VenueRejectedError,
    VenueUnavailableError,
)
from desk.venues.paper.direct import DirectVenue

ASKED = (
    *("rules", "server_time", "marks", "book", "account", "open_orders", "open_stops", "fills", "income"),
    *("submit", "cancel", "find", "countdown", "prepare", "submit_stop", "cancel_stop", "find_stop"),
)
"""What a guard asks of a venue."""

_ERRORS: Mapping[str, Callable[[str, int], Exception]] = {
    "rejected": lambda message, code: VenueRejectedError(message, code=code),
    "unavailable": lambda message, code: VenueUnavailableError(message),
    "unknown": lambda message, code: OutcomeUnknownError(message),
    "data": lambda message, code: DataError(message),
}


def told(name: str, values: tuple[Any, ...]) -> list[Any]:
    """A question's values as JSON holds them."""
    return [one.dump_python(value, mode="json") for one, value in zip(_asked(name), values, strict=True)]


def understood(name: str, values: list[Any]) -> list[Any]:
    """A question's values as the exchange takes them."""
    return [one.validate_python(value) for one, value in zip(_asked(name), values, strict=True)]


def answered(name: str, value: Any) -> Any:  # noqa: ANN401 - what the method returns
    """An answer as JSON holds it."""
    return _answer(name).dump_python(value, mode="json")


def believed(name: str, value: Any) -> Any:  # noqa: ANN401 - what the method returns
    """An answer as the guard takes it."""
    return _answer(name).validate_json(json.dumps(value))


def failed(error: VenueError | DataError) -> dict[str, Any]:
    """An error as JSON holds it."""
    kinds = {VenueRejectedError: "rejected", VenueUnavailableError: "unavailable", DataError: "data"}
    code = error.code if isinstance(error, VenueRejectedError) else 0
    return {"error": kinds.get(type(error), "unknown"), "message": error.message, "code": code}


def raised(said: Mapping[str, Any]) -> Exception:
    """The error that an answer speaks of."""
    return _ERRORS[said["error"]](said["message"], said["code"])


@cache
def _hints(name: str) -> Mapping[str, Any]:
    return get_type_hints(getattr(DirectVenue, name))


@cache
def _asked(name: str) -> tuple[TypeAdapter[Any], ...]:
    return tuple(TypeAdapter(kind) for part, kind in _hints(name).items() if part != "return")


@cache
def _answer(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(_hints(name)["return"])
