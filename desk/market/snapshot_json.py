"""Frozen values to canonical JSON and back, strictly: what cannot be read exactly is refused.

Decimals and enums travel as strings, times as whole microseconds since the epoch, bars as rows of numbers. Floats are
written by `repr`, the shortest text that reads back as the same bits. A field marked LATER is not written where it is
None, so that snapshots from before it keep their bytes and their names.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import Field, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Any, NoReturn, TypeVar, cast, get_args, get_origin, get_type_hints

from desk.domain.errors import DataError
from desk.domain.market import Bar

_T = TypeVar("_T")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BAR_WIDTH = 6
LATER: Mapping[str, bool] = MappingProxyType({"later": True})


def encode(value: object) -> bytes:
    """Canonical bytes of a frozen dataclass. Raises DataError for NaN, infinity or a naive time."""
    try:
        text = json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    except ValueError as error:
        raise DataError(f"a snapshot cannot hold this value: {error}") from error
    return text.encode("ascii")


def decode(kind: type[_T], data: bytes) -> _T:
    """Read back what `encode` wrote for a value of `kind`. Raises DataError for anything else."""
    try:
        tree = json.loads(data, parse_constant=_refuse_constant, object_pairs_hook=_unique_keys)
        return cast(_T, _reader(kind)(tree))
    except (ValueError, TypeError, KeyError, InvalidOperation, OverflowError, RecursionError) as error:
        raise DataError(f"not a snapshot: {type(error).__name__}: {error!s:.80}") from error


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key occurs twice")
    return result


def _plain(value: object) -> object:
    match value:
        case Bar():
            return _row(value)
        case Decimal():
            if not value.is_finite():
                raise ValueError("a decimal that is not finite")
            return str(value)
        case datetime():
            if value.tzinfo is None:
                raise ValueError("a time without a zone")
            return (value - _EPOCH) // _MICROSECOND
        case tuple():
            return [_plain(item) for item in cast(tuple[object, ...], value)]
        case None | bool() | int() | float() | str():
            return value
        case _:
            if not is_dataclass(value):
                raise ValueError(f"a {type(value).__name__}")
            told = {f: getattr(value, f.name) for f in fields(value)}
            return {f.name: _plain(v) for f, v in told.items() if v is not None or not _is_later(f)}


def _is_later(kept: Field[Any]) -> bool:
    return bool(kept.metadata.get("later"))


def _row(bar: Bar) -> list[float]:
    return [
        bar.open_time,
        float(bar.open),
        float(bar.high),
        float(bar.low),
        float(bar.close),
        float(bar.volume),
    ]


def _bar(tree: object) -> Bar:
    if not isinstance(tree, list):
        raise TypeError("a bar is a row of numbers")
    row = cast(list[object], tree)
    if len(row) != _BAR_WIDTH or type(row[0]) is not int or any(type(v) is not float for v in row[1:]):
        raise TypeError("a bar is a whole time and five floats")
    return Bar(*cast(list[Any], row))


def _decimal(tree: object) -> Decimal:
    value = Decimal(_exactly(str)(tree))
    if not value.is_finite():
        raise ValueError("a decimal that is not finite")
    return value


def _time(tree: object) -> datetime:
    return _EPOCH + _exactly(int)(tree) * _MICROSECOND


def _float(tree: object) -> float:
    value = _exactly(float)(tree)
    if not math.isfinite(value):
        raise ValueError("a float that is not finite")
    return value


def _exactly(kind: type[_T]) -> Callable[[object], _T]:
    def read(tree: object) -> _T:
        if type(tree) is not kind:
            raise TypeError(f"expected {kind.__name__}, not {type(tree).__name__}")
        return cast(_T, tree)

    return read


@cache
def _reader(kind: Any) -> Callable[[object], object]:  # noqa: ANN401 - a type expression, as get_type_hints gives it
    """How to read one declared type; built once per type."""
    simple: dict[Any, Callable[[object], object]] = {
        Bar: _bar,
        Decimal: _decimal,
        datetime: _time,
        float: _float,
        int: _exactly(int),
        bool: _exactly(bool),
        str: _exactly(str),
    }
    if kind in simple:
        return simple[kind]
    if get_origin(kind) is tuple:
        return _tuple_reader(get_args(kind)[0])
    if get_origin(kind) is UnionType:
        return _optional_reader(next(a for a in get_args(kind) if a is not NoneType))
    return _record_reader(kind)


def _tuple_reader(item: Any) -> Callable[[object], object]:  # noqa: ANN401 - a type expression
    read = _reader(item)

    def read_all(tree: object) -> object:
        return tuple(read(element) for element in cast(list[object], _exactly(list)(tree)))

    return read_all


def _optional_reader(item: Any) -> Callable[[object], object]:  # noqa: ANN401 - a type expression
    read = _reader(item)
    return lambda tree: None if tree is None else read(tree)


def _record_reader(kind: Any) -> Callable[[object], object]:  # noqa: ANN401 - a type expression
    readers = {name: _reader(hint) for name, hint in get_type_hints(kind).items()}
    later = {f.name for f in fields(kind) if _is_later(f)}

    def read(tree: object) -> object:
        record = cast(dict[str, object], _exactly(dict)(tree))
        if not readers.keys() - later <= record.keys() <= readers.keys():
            raise KeyError(f"fields of {kind.__name__}: {sorted(record.keys() ^ readers.keys())}")
        if any(record.get(name, record) is None for name in later):
            raise ValueError(f"a field of {kind.__name__} that is left out where it is None")
        return kind(**{name: readers[name](element) for name, element in record.items()})

    return read
