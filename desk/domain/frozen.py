"""Frozen values that change by being made anew: `replace`, at the speed that every event of a guard pays for.

`dataclasses.replace` asks each field what it is, each time, and then calls an `__init__` that writes past the freeze
field by field; here both are known beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")
Write = Callable[[Any, Any], None]


def replace(value: T, /, **changes: Any) -> T:  # noqa: ANN401 - fields of the value's class
    """`value` with these fields changed. For frozen dataclasses with slots and nothing to do after `__init__`.

    Raises:
        TypeError: for a field that the class does not have, or a class that is no such dataclass.
    """
    kind = type(value)
    read, writes, by_name = _fields(kind)
    new = kind.__new__(kind)
    for write, old in zip(writes, read(value), strict=True):
        write(new, old)
    for name, changed in changes.items():
        if name not in by_name:
            raise TypeError(f"{kind.__name__} has no field {name!r}")
        by_name[name](new, changed)
    return new


@cache
def _fields(kind: type[Any]) -> tuple[Callable[[Any], tuple[Any, ...]], tuple[Write, ...], Mapping[str, Write]]:
    """How to read all fields at once, and how to write each."""
    if "__slots__" not in vars(kind) or hasattr(kind, "__post_init__"):
        raise TypeError(f"{kind.__name__} is no dataclass with slots alone")
    names = tuple(one.name for one in fields(kind))
    writes = tuple(getattr(kind, name).__set__ for name in names)
    one = attrgetter(*names)
    return (one if len(names) > 1 else lambda value: (one(value),)), writes, dict(zip(names, writes, strict=True))
