"""Numbers on the wire: plain, short, and never another value."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.money import plain
from desk.venues.paper.wire.figures import figure, fixed, money

FINE = st.decimals(min_value=-(10**12), max_value=10**12, places=8, allow_nan=False, allow_infinity=False)
ANY = st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, allow_infinity=False)


@given(FINE)
def test_up_to_eight_decimals_no_digit_is_lost_and_none_is_added(value: Decimal) -> None:
    assert figure(value) == plain(value)
    assert Decimal(money(value)) == value


@given(ANY)
def test_finer_numbers_are_rounded_to_the_nearest_eighth_decimal(value: Decimal) -> None:
    for text in (figure(value), money(value)):
        assert abs(Decimal(text) - value) <= Decimal("0.000000005")
        assert "E" not in text.upper()


@pytest.mark.parametrize(
    ("value", "text"), [("0E-9", "0"), ("-0", "0"), ("-0.00", "0"), ("1E+5", "100000"), ("1.50", "1.5"), ("100", "100")]
)
def test_odd_spellings_come_out_plain(value: str, text: str) -> None:
    assert figure(Decimal(value)) == text


def test_fixed_decimals_are_kept_and_zero_has_no_sign() -> None:
    assert fixed(Decimal("0.0001"), 8) == "0.00010000"
    assert fixed(Decimal("-0.0001"), 2) == "0.00"
    assert money(Decimal("-0.000000001")) == "0.00000000"
