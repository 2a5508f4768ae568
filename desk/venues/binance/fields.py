"""One JSON object of the venue, read field by field with the type each field must have; anything else is a DataError.

Money arrives as decimal strings, ids and times as integers, switches as booleans. Nothing is guessed: the error for a
missing field, a number where a string belongs or a NaN names the object and the field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar, cast

from desk.domain.errors import DataError
from desk.domain.moments import from_ms
from desk.domain.money import signed_amount

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

# 2017-01-01 and 2100-01-01 in ms UTC: outside, a number is not a time of this venue (seconds or microseconds, perhaps).
_EARLIEST_MS = 1_483_228_800_000
_LATEST_MS = 4_102_444_800_000


class Fields:
    """Typed access to one JSON object; `what` names it in errors, such as `order`."""

    __slots__ = ("_values", "_what")

    def __init__(self, values: object, what: str) -> None:
        if not isinstance(values, dict):
            raise DataError(f"{what} is not an object")
        self._values = cast("dict[str, object]", values)
        self._what = what

    @property
    def values(self) -> Mapping[str, object]:
        """The object as it came."""
        return self._values

    def has(self, name: str) -> bool:
        """Whether the field is there and not null or empty."""
        return self._values.get(name) not in (None, "")

    def text(self, name: str) -> str:
        """A string that is not empty."""
        value = self._get(name)
        if not isinstance(value, str) or not value:
            raise self._wrong(name, "a text")
        return value

    def decimal(self, name: str) -> Decimal:
        """An amount, written as a string in the venue's grammar."""
        value = self._get(name)
        if not isinstance(value, str):
            raise self._wrong(name, "a decimal string")
        try:
            return signed_amount(value)
        except DataError:
            raise self._wrong(name, "a decimal string") from None

    def figure(self, name: str) -> Decimal:
        """A number that this venue writes as a JSON number or as a string; of zero or more."""
        value = self._get(name)
        text = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
        try:
            number = signed_amount(text) if isinstance(text, str) else None
        except DataError:
            number = None
        if number is None or number < 0:
            raise self._wrong(name, "a number of zero or more")
        return number

    def positive(self, name: str) -> Decimal:
        """An amount above zero."""
        value = self.decimal(name)
        if value <= 0:
            raise self._wrong(name, "above zero")
        return value

    def not_negative(self, name: str) -> Decimal:
        """An amount of zero or more."""
        value = self.decimal(name)
        if value < 0:
            raise self._wrong(name, "zero or more")
        return value

    def integer(self, name: str) -> int:
        """A whole number, as JSON number or as a string of ASCII digits (Binance writes some ids either way)."""
        value = self._get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19:
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._wrong(name, "a whole number")
        return value

    def flag(self, name: str) -> bool:
        """A JSON boolean."""
        value = self._get(name)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def moment(self, name: str) -> datetime:
        """A time in ms UTC."""
        value = self.integer(name)
        if not _EARLIEST_MS <= value <= _LATEST_MS:
            raise self._wrong(name, "a time in ms")
        return from_ms(value)

    def choice(self, name: str, kind: type[E]) -> E:
        """A member of a closed set of words."""
        try:
            return kind(self.text(name))
        except ValueError:
            raise self._wrong(name, f"one of {', '.join(kind)}") from None

    def inside(self, name: str) -> Fields:
        """An object inside this one."""
        return Fields(self._get(name), f"{self._what}.{name}")

    def rows(self, name: str) -> list[object]:
        """A list."""
        return as_list(self._get(name), f"{self._what}.{name}")

    def _get(self, name: str) -> object:
        if name not in self._values:
            raise DataError(f"{self._what} lacks {name}")
        return self._values[name]

    def _wrong(self, name: str, wanted: str) -> DataError:
        return DataError(f"{self._what}.{name} is not {wanted}: {self._values.get(name)!r:.40}")


def as_list(body: object, what: str) -> list[object]:
    """The body as a list, or a DataError."""
    if not isinstance(body, list):
        raise DataError(f"{what} is not a list")
    return cast("list[object]", body)


def each(body: object, what: str, parse: Callable[[Fields], T]) -> tuple[T, ...]:
    """Parse a list of objects."""
    return tuple(parse(Fields(row, what)) for row in as_list(body, what))
