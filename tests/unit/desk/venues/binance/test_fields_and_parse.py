"""JSON of the venue becomes values or a DataError; nothing half-read, nothing guessed, no other exception."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.errors import DataError
from desk.domain.moments import from_ms, to_ms
from desk.domain.orders import OrderStatus, StopType
from desk.venues.binance import listing, market, parse
from desk.venues.binance.fields import Fields
from tests.unit.desk.venues.binance.test_gateway_orders import order_json, stop_json
from tests.unit.desk.venues.binance.test_gateway_reads import account_json, risk_json, trade_json

AT = datetime(2026, 6, 1, tzinfo=UTC)
MS = 1_780_272_000_000

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
READERS = [
    (parse.order, order_json(avgPrice="1")),
    (parse.stop, stop_json()),
    (lambda body: parse.fills([body]), trade_json(1, MS)),
    (lambda body: parse.account(body, risk_json(), AT), account_json()),
    (lambda body: parse.account(account_json(), [body], AT), risk_json()[0]),
]


@pytest.mark.parametrize("value", ["1_000", " 5", "NaN", "1e3", "٥", "+1", "", "1.", ".5", 5, 5.0, None, True, ["1"]])
def test_only_the_venues_own_number_grammar_is_money(value: Any) -> None:
    with pytest.raises(DataError, match=r"row\.p"):
        Fields({"p": value}, "row").decimal("p")


@pytest.mark.parametrize("value", [-1.5, "-3", "12a", "٣", True, None, "1" * 20, []])
def test_only_whole_numbers_are_ids(value: Any) -> None:
    with pytest.raises(DataError):
        Fields({"id": value}, "row").integer("id")


@pytest.mark.parametrize("value", [0, 1_780_272_000, 1_780_272_000_000_000, -1])
def test_a_time_in_another_unit_is_not_a_time(value: int) -> None:
    with pytest.raises(DataError):
        Fields({"t": value}, "row").moment("t")


@given(st.integers(min_value=1_483_228_800_000, max_value=4_102_444_799_999))
def test_times_survive_the_way_there_and_back(value: int) -> None:
    assert to_ms(from_ms(value)) == value


@pytest.mark.parametrize(("reader", "body"), READERS)
@given(data=st.data())
def test_one_wrong_field_is_a_data_error_or_harmless(reader: Any, body: dict[str, Any], data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(sorted(body)))
    changed = {**body, field: data.draw(json_values)}
    with suppress(DataError):
        reader(changed)


@given(json_values)
def test_any_json_is_a_value_or_a_data_error(body: Any) -> None:
    readers = (parse.order, parse.stops, parse.fills, parse.income, listing.rules, listing.leverages)
    for reader in (*readers, lambda b: market.book(b, "X", 5), lambda b: market.finished_bars(b, "X", 1)):
        with suppress(DataError):
            reader(body)


def test_an_order_that_ended_against_itself_is_expired() -> None:
    assert parse.order(order_json(status="EXPIRED_IN_MATCH", avgPrice="0")).status is OrderStatus.EXPIRED


def test_an_unknown_status_is_not_guessed() -> None:
    with pytest.raises(DataError, match="status"):
        parse.order(order_json(status="PENDING_SOMETHING", avgPrice="0"))


def test_conditional_orders_of_other_hands_are_read_and_a_new_kind_is_not_guessed() -> None:
    """One stop placed by hand must not blind the desk to all the others."""
    foreign = parse.stop(stop_json(orderType="TRAILING_STOP_MARKET", triggerPrice="0", closePosition=False))
    assert foreign.type is StopType.TRAILING_STOP_MARKET
    with pytest.raises(DataError, match=f"{StopType.STOP_MARKET}"):
        parse.stop(stop_json(orderType="SOMETHING_NEW"))


def symbol_json(**changes: Any) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT",
        "contractType": "PERPETUAL",
        "status": "TRADING",
        "marginAsset": "USDT",
        "requiredMarginPercent": "5.0000",
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "556.80", "maxPrice": "4529764", "tickSize": "0.10"},
            {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"},
            {"filterType": "MARKET_LOT_SIZE", "minQty": "0.001", "maxQty": "120", "stepSize": "0.001"},
            {"filterType": "MIN_NOTIONAL", "notional": "50"},
            {"filterType": "PERCENT_PRICE", "multiplierUp": "1.0500", "multiplierDown": "0.9500"},
        ],
    } | changes


def test_rules_are_the_filters_and_the_accounts_own_leverage() -> None:
    rules = listing.rules({"symbols": [symbol_json()]}, {"BTCUSDT": 125})["BTCUSDT"]
    assert (rules.tick, rules.min_notional, rules.market_max_quantity) == (Decimal("0.1"), Decimal(50), Decimal(120))
    assert rules.max_leverage == 125


def test_without_a_key_leverage_is_what_the_published_margin_allows() -> None:
    assert listing.rules({"symbols": [symbol_json()]})["BTCUSDT"].max_leverage == 20


@pytest.mark.parametrize("change", [{"status": "SETTLING"}, {"contractType": ""}, {"marginAsset": "USDC"}])
def test_what_the_desk_cannot_trade_has_no_rules(change: dict[str, Any]) -> None:
    listed = listing.rules({"symbols": [symbol_json(), symbol_json(symbol="OTHER", **change)]})
    assert set(listed) == {"BTCUSDT"}


def test_a_symbol_without_leverage_brackets_has_no_rules() -> None:
    with pytest.raises(DataError):
        listing.rules({"symbols": [symbol_json()]}, {"ETHUSDT": 5})


@pytest.mark.parametrize("filters", [[], symbol_json()["filters"][:1], "none"])
def test_a_symbol_whose_filters_make_no_sense_does_not_hide_the_others(filters: Any) -> None:
    listed = listing.rules({"symbols": [symbol_json(symbol="ODDUSDT", filters=filters), symbol_json()]})
    assert set(listed) == {"BTCUSDT"}


def test_a_list_without_one_tradable_symbol_is_an_error() -> None:
    with pytest.raises(DataError, match="no perpetual"):
        listing.rules({"symbols": [symbol_json(filters=[])]})
