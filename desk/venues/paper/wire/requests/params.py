"""The parameters of one request, read strictly and named in every refusal.

Clients send them in the query string, in a form body, or in both; the query string wins, and twice in one place is
refused. Names are matched without regard to case, because real clients write `orderidlist` and
`origclientorderidlist`; names that nobody asks for are ignored. Values are ASCII numbers in Binance's own grammar: what
`Decimal()` or `int()` would forgive is refused here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final
from urllib.parse import parse_qsl

from desk.venues.paper.engine.values import Refusal
from desk.venues.paper.wire import errors

_DECIMAL: Final = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)
_SIGNED_DECIMAL: Final = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)
_INTEGER: Final = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_DECIMAL_RANGE: Final = r"^([0-9]{1,20})(\.[0-9]{1,20})?$"
_CLIENT_ID: Final = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}", re.ASCII)
CLIENT_ID_RANGE: Final = r"^[\.A-Z\:/a-z0-9_-]{1,36}$"


class Params:
    """One request's parameters. Getters raise Refusal with Binance's code and the parameter's name."""

    __slots__ = ("_values",)

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        values: dict[str, str] = {}
        for name, value in pairs:
            values.setdefault(name.lower(), value)
        self._values = values

    @classmethod
    def parse(cls, query: str, body: bytes) -> Params:
        """Read a raw query string and a raw form body.

        Raises:
            Refusal: -1100 when the text is not UTF-8, -1101 for a name that stands twice in the query or in the body.
        """
        try:
            told = _fields(query), _fields(body.decode("utf-8"))
        except ValueError:
            raise Refusal(-1100, message="Illegal characters found in a parameter.") from None
        for pairs in told:
            _refuse_duplicates(pairs)
        return cls((*told[0], *told[1]))

    @classmethod
    def of(cls, values: Mapping[str, object]) -> Params:
        """Parameters that arrived as JSON (a batch element, a WebSocket request)."""
        return cls(cls.written(values).items())

    @staticmethod
    def written(values: Mapping[str, object]) -> dict[str, str]:
        """JSON values as text; nulls are left out.

        Raises:
            Refusal: -1130 for a value that is itself an object or a list.
        """
        return {name: _written(name, value) for name, value in values.items() if value is not None}

    def has(self, name: str) -> bool:
        """Whether the parameter was sent at all, even empty."""
        return name.lower() in self._values

    def peek(self, name: str) -> str:
        """The value as sent, empty when absent, without judging it."""
        return self._values.get(name.lower(), "")

    def text(self, name: str) -> str | None:
        """An optional value as sent; None when absent."""
        value = self._values.get(name.lower())
        if value == "":
            raise errors.empty(name)
        return value

    def need(self, name: str) -> str:
        """A value that must be there."""
        value = self._values.get(name.lower())
        if not value:
            raise errors.mandatory(name)
        return value

    def integer(self, name: str) -> int | None:
        """An optional whole number."""
        value = self.text(name)
        if value is None:
            return None
        if not _INTEGER.fullmatch(value):
            raise errors.illegal(name, "^-?[0-9]{1,19}$")
        return int(value)

    def need_integer(self, name: str) -> int:
        """A whole number that must be there; anything else is 'malformed'."""
        value = self.need(name)
        if not _INTEGER.fullmatch(value):
            raise errors.mandatory(name)
        return int(value)

    def bounded(self, name: str, default: int, low: int, high: int) -> int:
        """An optional whole number within `low..high`, such as `limit`."""
        value = self.integer(name)
        if value is None:
            return default
        if not low <= value <= high:
            raise errors.invalid(name)
        return value

    def decimal(self, name: str, *, signed: bool = False) -> Decimal | None:
        """An optional number in plain notation; `1e-5`, `NaN`, signs and non-ASCII digits are refused."""
        value = self.text(name)
        if value is None:
            return None
        if not (_SIGNED_DECIMAL if signed else _DECIMAL).fullmatch(value):
            raise errors.illegal(name, _DECIMAL_RANGE)
        return Decimal(value)

    def need_decimal(self, name: str) -> Decimal:
        """A number that must be there."""
        self.need(name)
        value = self.decimal(name)
        if value is None:
            raise errors.mandatory(name)
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """An optional "true" or "false" in letters of any case: Python clients write "True". -1130 for other words."""
        value = self.text(name)
        if value is None:
            return default
        lowered = value.lower()
        if lowered not in ("true", "false"):
            raise errors.invalid(name)
        return lowered == "true"

    def need_flag(self, name: str) -> bool:
        """A "true" or "false" that must be there."""
        self.need(name)
        return self.flag(name)

    def word(self, name: str) -> str | None:
        """An optional keyword, upper-cased: `type=market` is what some clients send."""
        value = self.text(name)
        return None if value is None else value.upper()

    def client_id(self, name: str) -> str | None:
        """An optional client order id of 1 to 36 characters."""
        value = self.text(name)
        if value is None:
            return None
        if len(value) > 36:
            raise Refusal(-4015, message="Client order id length should be less than 36 chars")
        if not _CLIENT_ID.fullmatch(value):
            raise errors.illegal(name, CLIENT_ID_RANGE)
        return value


def _fields(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True, errors="strict")


def _refuse_duplicates(pairs: list[tuple[str, str]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name.lower() in seen:
            raise errors.duplicated(name)
        seen.add(name.lower())


def _written(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        raise errors.invalid(name)
    return str(value)
