"""Parameters are read strictly, without regard to the case of their names, and refused by name."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.venues.paper.engine.values import Refusal
from desk.venues.paper.wire.requests.params import Params


def code_of(call: object) -> int:
    with pytest.raises(Refusal) as refused:
        call()  # type: ignore[operator]
    return refused.value.code


def test_names_match_in_any_case() -> None:
    params = Params.parse("orderid=7&SYMBOL=BTCUSDT", b"origclientorderidlist=x")
    assert params.need_integer("orderId") == 7
    assert params.need("symbol") == "BTCUSDT"
    assert params.text("origClientOrderIdList") == "x"


def test_the_query_string_wins_over_the_body() -> None:
    assert Params.parse("price=1", b"price=2&quantity=3").decimal("price") == Decimal(1)


@pytest.mark.parametrize(("query", "body"), [("side=BUY&SIDE=SELL", b""), ("", b"side=BUY&side=BUY")])
def test_the_same_name_twice_in_one_place_is_refused(query: str, body: bytes) -> None:
    assert code_of(lambda: Params.parse(query, body)) == -1101


def test_fields_without_a_value_and_empty_fields_do_no_harm() -> None:
    params = Params.parse("symbol=BTCUSDT&&limit&", b"")
    assert params.need("symbol") == "BTCUSDT"
    assert code_of(lambda: params.integer("limit")) == -1105


def test_text_that_is_not_utf_8_is_refused() -> None:
    assert code_of(lambda: Params.parse("symbol=%ff", b"")) == -1100
    assert code_of(lambda: Params.parse("", b"symbol=\xff")) == -1100


@pytest.mark.parametrize("value", [{}, [1]])
def test_a_json_value_inside_a_value_is_refused(value: object) -> None:
    assert code_of(lambda: Params.of({"price": value})) == -1130


def test_what_is_missing_empty_or_malformed_is_named() -> None:
    params = Params.parse("empty=&word=abc", b"")
    assert code_of(lambda: params.need("symbol")) == -1102
    assert code_of(lambda: params.need("empty")) == -1102
    assert code_of(lambda: params.text("empty")) == -1105
    assert code_of(lambda: params.need_integer("word")) == -1102
    assert code_of(lambda: params.integer("word")) == -1100
    assert params.text("absent") is None


@pytest.mark.parametrize("text", ["1e-5", "NaN", "Infinity", "-1", "+1", " 1", "1_000", "٣", "1.", ".5", "0x1", "1,5"])
def test_numbers_that_python_would_forgive_are_refused(text: str) -> None:
    assert code_of(lambda: Params.of({"quantity": text}).decimal("quantity")) == -1100


@given(st.decimals(min_value=0, max_value=10**9, places=8, allow_nan=False, allow_infinity=False))
def test_every_plain_number_keeps_its_value(value: Decimal) -> None:
    assert Params.of({"price": f"{value:f}"}).decimal("price") == value


def test_python_booleans_pass_and_other_words_do_not() -> None:
    assert Params.of({"reduceOnly": "TRUE"}).flag("reduceOnly") is True
    assert Params.of({"reduceOnly": False}).flag("reduceOnly", default=True) is False
    assert code_of(lambda: Params.of({"reduceOnly": "yes"}).flag("reduceOnly")) == -1130


def test_a_limit_outside_its_range_is_refused() -> None:
    assert code_of(lambda: Params.of({"limit": "1501"}).bounded("limit", 500, 1, 1_500)) == -1130
    assert Params.of({}).bounded("limit", 500, 1, 1_500) == 500


@pytest.mark.parametrize(("text", "code"), [("a" * 37, -4015), ("with space", -1100), ("ümlaut", -1100)])
def test_client_ids_follow_the_venues_grammar(text: str, code: int) -> None:
    assert code_of(lambda: Params.of({"newClientOrderId": text}).client_id("newClientOrderId")) == code
    assert Params.of({"newClientOrderId": "desk:a/b_1.2-Z"}).client_id("newClientOrderId") == "desk:a/b_1.2-Z"


def test_a_body_that_is_not_text_is_refused() -> None:
    assert code_of(lambda: Params.parse("", b"\xff\xfe=1")) == -1100


@given(st.text(max_size=60))
def test_no_query_string_breaks_the_parser(text: str) -> None:
    with suppress(Refusal):
        Params.parse(text, text.encode("utf-8", "surrogatepass"))
