"""Frozen values to JSON text and back without losing a digit: decimals as their exact strings, enums by value.

Only flat values are written this way: fields of `Decimal`, `int`, `str`, `bool`, an enum, or one of these or None.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import TypeVar, get_args, get_origin, get_type_hints

from desk.domain.errors import JournalError

Value = TypeVar("Value")
Plain = str | int | bool | None


def to_text(value: object) -> str:
    """A flat dataclass as one line of JSON, fields in their order."""
    names = _names(type(value))
    return json.dumps({name: _plain(getattr(value, name)) for name in names}, separators=(",", ":"))


def from_text(kind: type[Value], text: str) -> Value:
    """The value of `kind` that `to_text` wrote.

    Raises:
        JournalError: when the text is not such a value.
    """
    try:
        found: dict[str, Plain] = json.loads(text)
        readers = _readers(kind)
        if found.keys() != readers.keys():
            raise ValueError(f"its fields are {sorted(found)}")
        return kind(**{name: readers[name](found[name]) for name in readers})
    except (ValueError, ArithmeticError, TypeError, AttributeError) as error:
        raise JournalError(f"a stored {kind.__name__} cannot be read: {error}") from error


def _plain(value: object) -> Plain:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Decimal):
        return str(value)
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"{type(value).__name__} is not a flat value")


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@cache
def _readers(kind: type) -> dict[str, Callable[[Plain], object]]:
    hints = get_type_hints(kind)
    return {name: _reader(hints[name]) for name in _names(kind)}


def _reader(hint: object) -> Callable[[Plain], object]:
    if get_origin(hint) is not None and type(None) in get_args(hint):
        inner = _reader(next(arg for arg in get_args(hint) if arg is not type(None)))
        return lambda value: None if value is None else inner(value)
    if hint is Decimal:
        return lambda value: Decimal(str(_typed(value, str)))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    if hint in (int, str, bool):
        return lambda value: _typed(value, hint)
    raise TypeError(f"{hint} is not the type of a flat value")


def _typed(value: Plain, kind: type) -> Plain:
    if type(value) is not kind:
        raise ValueError(f"{value!r:.40} is not a {kind.__name__}")
    return value
