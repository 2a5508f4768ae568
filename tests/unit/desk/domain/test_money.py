"""Numbers enter by one strict grammar and stay exact."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.errors import DataError
from desk.domain.money import amount, ceil_to, floor_to, on_grid, plain, round_to, signed_amount

AMOUNTS = st.decimals(min_value=0, max_value=999_999_999, places=8)
STEPS = st.sampled_from([Decimal(s) for s in ("0.00000001", "0.001", "0.05", "0.1", "1", "5", "100")])


FORGERIES = (
    *("", " 5 ", "+1", "-1", "1_000", "1,5", "1e3", "NaN", "Infinity", "٣", "１０", ".5", "5.", "01", "0x10"),
    *("1.123456789", "1234567890", "1\n", "true", "1 2"),
)


@pytest.mark.parametrize("text", FORGERIES)
def test_an_amount_written_any_other_way_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        amount(text)


@pytest.mark.parametrize("value", [1, 1.5, True, None, Decimal(1), b"1"])
def test_only_text_is_parsed_so_no_float_slips_in(value: object) -> None:
    with pytest.raises(DataError):
        amount(value)  # type: ignore[arg-type]


def test_the_venue_may_report_a_negative_number_and_an_intent_may_not() -> None:
    assert signed_amount("-0.5") == Decimal("-0.5")
    with pytest.raises(DataError):
        amount("-0.5")


@given(AMOUNTS)
def test_what_is_written_plainly_reads_back_the_same(value: Decimal) -> None:
    assert amount(plain(value)) == value


@given(AMOUNTS, STEPS)
def test_rounding_lands_on_the_grid_within_one_step(value: Decimal, step: Decimal) -> None:
    down, up, near = floor_to(value, step), ceil_to(value, step), round_to(value, step)
    assert down <= value <= up
    assert up - down in (Decimal(0), step)
    assert all(on_grid(result, step) for result in (down, up, near))
    assert abs(near - value) * 2 <= step


def test_zero_is_written_without_sign_or_exponent() -> None:
    written = [plain(Decimal(text)) for text in ("-0", "0.000", "1E+3", "0.10", "1E-8")]
    assert written == ["0", "0", "1000", "0.1", "0.00000001"]
