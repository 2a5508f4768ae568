"""Canonical text is one text: written the fast way it is what the standard library writes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain import frozen
from desk.domain.errors import DataError
from desk.guard.record.codec import canonical, decode, encode, plainly

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=12,
)


class Tint(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    name: str
    amount: Decimal | None
    tint: Tint
    parts: tuple[Alone, ...] = ()
    sure: bool = True


@given(JSON)
def test_whatever_the_value_both_writers_agree_to_the_byte(value: object) -> None:
    assert canonical(value) == plainly(value)
    assert canonical({"a": value}) == plainly({"a": value})


@given(st.text(), st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=8), st.lists(st.integers()))
def test_what_is_written_is_read_back_the_same(name: str, amount: Decimal | None, numbers: list[int]) -> None:
    whole = Whole(name=name, amount=amount, tint=Tint.RED, parts=tuple(Alone(value=one) for one in numbers))
    assert decode(Whole, encode(whole)) == whole


@pytest.mark.parametrize("value", [1.5, b"bytes", {"a": 1}, [1], object(), float("nan")])
def test_a_value_without_an_exact_form_is_refused(value: object) -> None:
    with pytest.raises(DataError, match="no exact JSON form"):
        encode((value,))


@given(st.text(), st.integers())
def test_replacing_is_what_the_standard_library_does(name: str, value: int) -> None:
    before = Whole(name="before", amount=Decimal(1), tint=Tint.RED)
    changes = {"name": name, "parts": (Alone(value=value),)}
    assert frozen.replace(before, **changes) == replace(before, **changes)


def test_replacing_a_field_that_is_none_is_an_error() -> None:
    with pytest.raises(TypeError):
        frozen.replace(Whole(name="", amount=None, tint=Tint.RED), colour="red")
