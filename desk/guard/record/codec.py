"""Frozen dataclasses to canonical JSON and back, bit-equal: the journal, the state hash and the wire agree on bytes.

Keys sorted, no spaces, `Decimal` as a plain string, enums by value. A value of a type that has no exact form here is
refused rather than approximated, floats first of all.
"""

from __future__ import annotations

import hashlib
import json
import re
import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from desk.domain.errors import DataError
from desk.domain.money import plain

Json = dict[str, Any]
_T = TypeVar("_T")
_PLAIN = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(item.name for item in fields(kind))


def encode(value: object) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """A JSON-able form of a frozen value. Raises DataError for a type that has no exact form."""
    if value is None or isinstance(value, bool | int) or type(value) is str:
        return value
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [encode(item) for item in cast("tuple[object, ...]", value)]
    if is_dataclass(value) and not isinstance(value, type):
        return {name: encode(getattr(value, name)) for name in _field_names(type(value))}
    raise DataError(f"no exact JSON form for {type(value).__name__}")


def canonical(data: object) -> str:
    """The one JSON text of a JSON-able value: sorted keys, no spaces, ASCII."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def digest(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def decode(kind: type[_T], data: object) -> _T:
    """Build `kind` from its JSON form. Raises DataError for a missing, unknown or mistyped field."""
    return _decoder(kind)(data)


@cache
def _decoder(kind: Any) -> Callable[[object], Any]:  # noqa: ANN401 - any annotation of a dataclass field
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        inner = _decoder(next(part for part in get_args(kind) if part is not type(None)))
        return lambda data: None if data is None else inner(data)
    if origin is tuple:
        return _tuple_decoder(get_args(kind))
    if kind is Decimal:
        return lambda data: signed_decimal(_typed(str, data))
    if kind in (int, str, bool):
        return lambda data: _typed(kind, data)
    if issubclass(kind, Enum):
        return lambda data: _member(kind, data)
    if is_dataclass(kind):
        return _dataclass_decoder(kind)
    raise DataError(f"no exact JSON form for {kind!r}")


def signed_decimal(text: str) -> Decimal:
    """A decimal as `plain` writes it. Raises DataError for anything else, NaN and exponents included."""
    if not _PLAIN.fullmatch(text):
        raise DataError(f"not a plain decimal: {text!r:.40}")
    return Decimal(text)


def _typed(kind: type[_T], data: object) -> _T:
    if type(data) is not kind:
        raise DataError(f"expected {kind.__name__}, got {data!r:.40}")
    return data


def _list(data: object) -> list[object]:
    return cast("list[object]", _typed(list, data))


def _member(kind: type[Enum], data: object) -> Enum:
    try:
        return kind(data)
    except ValueError as error:
        raise DataError(f"{data!r:.40} is no {kind.__name__}") from error


def _tuple_decoder(parts: tuple[Any, ...]) -> Callable[[object], Any]:
    if len(parts) == 2 and parts[1] is Ellipsis:
        inner = _decoder(parts[0])
        return lambda data: tuple(inner(item) for item in _list(data))
    each = tuple(_decoder(part) for part in parts)

    def fixed(data: object) -> tuple[Any, ...]:
        items = _list(data)
        if len(items) != len(each):
            raise DataError(f"expected {len(each)} items, got {len(items)}")
        return tuple(one(item) for one, item in zip(each, items, strict=True))

    return fixed


def _dataclass_decoder(kind: Any) -> Callable[[object], Any]:  # noqa: ANN401 - a dataclass type
    hints = get_type_hints(kind)
    each = {name: _decoder(hints[name]) for name in _field_names(kind)}

    def build(data: object) -> Any:  # noqa: ANN401 - an instance of `kind`
        if not isinstance(data, dict) or cast("Json", data).keys() != each.keys():
            raise DataError(f"not the fields of {kind.__name__}: {data!r:.80}")
        return kind(**{name: one(cast("Json", data)[name]) for name, one in each.items()})

    return build
