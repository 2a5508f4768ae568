"""Frozen values that change by being made anew: `replace`, at the speed that every event of a guard pays for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")


def replace(value: T, **changes: Any) -> T:  # noqa: ANN401 - fields of the value's own class
    """What `dataclasses.replace` gives, for a dataclass of two fields or more whose constructor takes keywords.

    Raises:
        TypeError: for a change that is no field of it.
    """
    names, values = _fields_of(type(value))
    told = dict(zip(names, values(value), strict=True))
    told.update(changes)
    return type(value)(**told)


@cache
def _fields_of(kind: Any) -> tuple[tuple[str, ...], Callable[[object], tuple[Any, ...]]]:  # noqa: ANN401 - a dataclass
    names = tuple(one.name for one in fields(kind) if one.init)
    return names, attrgetter(*names)
