"""The messages by which a stream client changes what it gets, read and judged in Binance's words.

Source: Binance USD-M futures, "Live Subscribing/Unsubscribing to streams". The page wants the id to be an unsigned
integer; the venue also takes the short strings that the official SDK sends.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, cast

from desk.venues.paper.wire.figures import Json

_LONGEST_ID: Final = 36


class Verb(StrEnum):
    """What a client may ask of its connection."""

    SUBSCRIBE = "SUBSCRIBE"
    UNSUBSCRIBE = "UNSUBSCRIBE"
    LIST_SUBSCRIPTIONS = "LIST_SUBSCRIPTIONS"
    SET_PROPERTY = "SET_PROPERTY"
    GET_PROPERTY = "GET_PROPERTY"


_VARIANTS: Final = ", ".join(f"`{verb}`" for verb in Verb)


class Unheard(Exception):  # noqa: N818 - an answer to a client, not a fault of the venue
    """A message that is answered with an error: Binance's small `code` and its sentence."""

    def __init__(self, code: int, message: str, number: object = None) -> None:
        super().__init__(message)
        self.answer: Json = {"error": {"code": code, "msg": message}}
        if number is not None:
            self.answer["id"] = number


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One message, read. `names` with SUBSCRIBE and UNSUBSCRIBE, `combined` with SET_PROPERTY."""

    verb: Verb
    number: int | str
    names: tuple[str, ...] = ()
    combined: bool = False


def read_control(text: str) -> Control:
    """Read one message. Raises Unheard."""
    asked = _object(text)
    number = asked.get("id")
    if "method" not in asked:
        raise Unheard(2, f"Invalid request: missing field `method` at line 1 column {len(text)}", number)
    verb = _verb(text, asked["method"], number)
    if not _is_id(number):
        raise Unheard(2, "Invalid request: request ID must be an unsigned integer")
    number = cast("int | str", number)
    params = asked.get("params", [])
    if not isinstance(params, list):
        raise Unheard(2, "Invalid request: params must be an array", number)
    told = cast("list[object]", params)
    if verb in (Verb.SUBSCRIBE, Verb.UNSUBSCRIBE):
        return Control(verb=verb, number=number, names=_names(told, number))
    if verb is Verb.LIST_SUBSCRIPTIONS:
        _at_most(told, 0, number)
        return Control(verb=verb, number=number)
    return Control(verb=verb, number=number, combined=_property(verb, told, number))


def _object(text: str) -> Mapping[str, object]:
    try:
        told: object = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unheard(3, f"Invalid JSON: expected value at line {error.lineno} column {error.colno}") from None
    except (ValueError, RecursionError):
        raise Unheard(3, "Invalid JSON: expected value at line 1 column 1") from None
    if not isinstance(told, dict):
        raise Unheard(2, "Invalid request: request must be an object")
    return cast("Mapping[str, object]", told)


def _verb(text: str, method: object, number: object) -> Verb:
    try:
        return Verb(str(method))
    except ValueError:
        word = str(method)[:64]
        found = re.search(r'"method"\s*:\s*"(?:[^"\\]|\\.)*"', text)
        column = found.end() if found else len(text)
        message = f"Invalid request: unknown variant `{word}`, expected one of {_VARIANTS} at line 1 column {column}"
        raise Unheard(2, message, number if _is_id(number) else None) from None


def _is_id(number: object) -> bool:
    if isinstance(number, bool):
        return False
    if isinstance(number, int):
        return 0 <= number < 1 << 64
    return isinstance(number, str) and 0 < len(number) <= _LONGEST_ID


def _names(params: list[object], number: object) -> tuple[str, ...]:
    if not all(isinstance(name, str) for name in params):
        raise Unheard(2, "Invalid request: stream names must be strings", number)
    return tuple(cast("list[str]", params))


def _property(verb: Verb, params: list[object], number: object) -> bool:
    name = params[0] if params else None
    if not isinstance(name, str):
        raise Unheard(2, "Invalid request: property name must be a string", number)
    if name != "combined":
        raise Unheard(0, "Unknown property", number)
    if verb is Verb.GET_PROPERTY:
        _at_most(params, 1, number)
        return False
    _at_most(params, 2, number)
    value = params[1] if len(params) > 1 else None
    if not isinstance(value, bool):
        raise Unheard(1, "Invalid value type: expected Boolean", number)
    return value


def _at_most(params: list[object], most: int, number: object) -> None:
    if len(params) > most:
        raise Unheard(2, "Invalid request: too many parameters", number)
