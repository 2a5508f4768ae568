"""Frozen values of the desk as small JSON: enums by value, numbers to six significant digits, nothing invented.

A model reads every character it is shown. Six digits are more than any of these readings can be trusted for.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

DIGITS = 6


def short(value: float | Decimal) -> float:
    """The number to six significant digits."""
    return float(f"{float(value):.{DIGITS}g}")


def compact(value: object) -> Any:  # noqa: ANN401  (a JSON tree)
    """A frozen dataclass, or anything inside one, as plain JSON values with short numbers."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bool) or value is None or isinstance(value, int | str):
        return value
    if isinstance(value, float | Decimal):
        return short(value)
    if isinstance(value, tuple | list):
        return [compact(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: compact(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"a tool result cannot hold a {type(value).__name__}")
