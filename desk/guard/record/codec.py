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
from operator import attrgetter
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import orjson

from desk.domain.errors import DataError
from desk.domain.money import plain

Json = dict[str, Any]
_T = TypeVar("_T")
_PLAIN = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)


def encode(value: object) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """A JSON-able form of a frozen value. Raises DataError for a type that has no exact form."""
    return _encoder(type(value))(value)


@cache
def _encoder(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401 - the type of any value
    """How values of exactly this type are written: worked out once for each type."""
    if kind in _AS_IT_IS:
        return lambda value: value
    if issubclass(kind, Decimal):
        return plain
    if issubclass(kind, Enum):
        return lambda value: value.value
    if issubclass(kind, tuple):
        return lambda value: [encode(item) for item in value]
    if is_dataclass(kind):
        return _dataclass_encoder(_field_names(kind))
    raise DataError(f"no exact JSON form for {kind.__name__}")


_AS_IT_IS = frozenset({str, int, bool, type(None)})


def _dataclass_encoder(names: tuple[str, ...]) -> Callable[[Any], Json]:
    if len(names) < 2:  # attrgetter of one name gives no tuple
        return lambda value: {name: encode(getattr(value, name)) for name in names}
    values: Callable[[object], tuple[object, ...]] = attrgetter(*names)

    def write(value: Any) -> Json:  # noqa: ANN401 - an instance of the dataclass
        return {
            name: item if type(item) in _AS_IT_IS else encode(item)
            for name, item in zip(names, values(value), strict=True)
        }

    return write


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(item.name for item in fields(kind))


def canonical(data: object) -> str:
    """The one JSON text of what `encode` gives: sorted keys, no spaces, ASCII; there are no floats in it."""
    try:
        text = orjson.dumps(data, option=orjson.OPT_SORT_KEYS | _EXACTLY).decode()
    except TypeError:
        return plainly(data)
    # Beyond printable ASCII the two libraries write differently; so do not let them.
    return text if text.isascii() and text.isprintable() else plainly(data)


# What is not plain JSON is not written in some form of orjson's own.
_EXACTLY = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS


def plainly(data: object) -> str:
    """The same text by the standard library: slower, and what `canonical` must equal.

    Raises:
        ValueError: for NaN and infinities, which are no JSON.
    """
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
