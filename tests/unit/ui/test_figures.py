"""Numbers for the eye: right to the last digit shown, with their unit, under names that traders use."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.figures import decimal_of, guard_numbers, moment, percent, price, safe, signed, usdt


def told(rule: str, **numbers: str) -> dict[str, str]:
    return dict(guard_numbers(rule, numbers))


def test_a_fraction_reads_as_a_percentage() -> None:
    assert percent(Decimal("0.0184")) == "1.84 %"


def test_the_guards_caps_are_amounts_and_its_marks_are_prices() -> None:
    shown = told("size.risk", **{"cap.gap_budget": "620.801101307189542", "mark": "184.6", "equity": "9997.98399866"})
    assert shown == {"equity": "9,997.98 USDT", "mark price": "184.6", "cap: gap budget": "620.80 USDT"}
    assert list(shown) == ["equity", "mark price", "cap: gap budget"]


def test_one_word_means_what_its_rule_means_by_it() -> None:
    assert told("price.collar", limit="0.005")["limit"] == "0.50 %"
    assert told("loss.day", limit="500")["limit"] == "500.00 USDT"
    assert told("rate.entries_minute", limit="4")["limit"] == "4"
    assert told("crash.BTCUSDT", fall="0.1512", seconds="3600") == {"fall": "15.12 %", "within": "3600 s"}


def test_times_and_ages_carry_their_unit() -> None:
    shown = told("intent.expired", expires_at="1767571260000", age_ms="1500")
    assert shown == {"valid until": "2026-01-05 00:01:00 UTC", "age": "1500 ms"}


def test_what_is_no_number_and_what_is_not_known_is_shown_as_it_is() -> None:
    assert told("manual", why="the weekend", something_new="7") == {"reason": "the weekend", "something new": "7"}


@pytest.mark.parametrize("text", ["NaN", "Infinity", "", "1e30", "no"])
def test_what_no_screen_can_hold_is_no_number(text: str) -> None:
    assert decimal_of(text) is None


@given(st.decimals(min_value="0.00000001", max_value=10**9, places=8))
def test_a_price_keeps_seven_digits(value: Decimal) -> None:
    assert abs(Decimal(price(value)) - value) <= value * Decimal("0.0000005") or value >= 10**6


@given(st.text())
def test_a_strangers_text_stays_on_one_line_and_moves_no_cursor(text: str) -> None:
    shown = safe(text, 40)
    assert len(shown) <= 40
    assert shown.isprintable()


def test_profit_and_loss_read_without_colour() -> None:
    assert [signed(Decimal(text)).plain for text in ("1.5", "-1234.5", "0")] == ["▲ 1.50", "▼ 1,234.50", "0.00"]
    assert usdt(Decimal("1234567.891")) == "1,234,567.89"
    assert moment(0) == "1970-01-01 00:00:00 UTC"
