"""Margin arithmetic, against figures worked by hand and against Binance's published brackets."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.venues.paper.engine import margin
from desk.venues.paper.engine.values import Refusal, Side
from desk.venues.paper.symbols import spec_for
from tests.unit.desk.venues.paper.engine.pit import D, Pit, spec_of

BUY, SELL = Side.BUY, Side.SELL
SPEC = spec_of("BTCUSDT")


@pytest.mark.parametrize(
    ("notional", "expected"),
    [
        ("50000", "200"),  # 0.40 %
        ("300000", "1200"),  # 0.40 % at its cap
        ("300001", "1200.005"),  # 0.50 % - 300: no step at the border
        ("800000", "3700"),
        ("1000000", "5000"),  # 0.65 % - 1500
        ("3000000", "18000"),
        ("10000000", "88000"),  # 1 % - 12000
    ],
)
def test_maintenance_follows_the_published_brackets(notional: str, expected: str) -> None:
    assert margin.maintenance(SPEC, D(notional)) == D(expected)


@pytest.mark.parametrize(("leverage", "cap"), [(150, 300_000), (101, 300_000), (100, 800_000), (20, 12_000_000)])
def test_leverage_decides_how_much_may_be_held(leverage: int, cap: int) -> None:
    assert margin.max_notional(SPEC, leverage) == cap


@pytest.mark.parametrize("leverage", [0, -5, 151])
def test_a_leverage_outside_the_brackets_is_refused(leverage: int) -> None:
    with pytest.raises(Refusal) as refused:
        margin.max_notional(SPEC, leverage)
    assert (refused.value.code, refused.value.message) == (-4028, f"Leverage {leverage} is not valid")


def test_the_isolated_liquidation_price_is_the_formula_s() -> None:
    # 1 BTC long from 50,000 on 2,500 of its own: (2500 - 50000) / (0.004 - 1) = 47690.7630...
    price = margin.liquidation_price(SPEC, D(1), D(50_000), D(50_000), D(2_500))
    assert price is not None
    assert price.quantize(D("0.0001")) == D("47690.7631")
    # short: (2500 + 50000) / (0.004 + 1) = 52290.8366...
    price = margin.liquidation_price(SPEC, D(-1), D(-50_000), D(50_000), D(2_500))
    assert price is not None
    assert price.quantize(D("0.0001")) == D("52290.8367")


def test_the_bracket_is_picked_again_at_the_liquidation_price() -> None:
    # 6.2 BTC from 50,000 is 310,000 (second bracket) but falls into the first on its way down to liquidation.
    price = margin.liquidation_price(SPEC, D("6.2"), D(310_000), D(50_000), D(31_000))
    assert price is not None
    assert D("6.2") * price < 300_000
    assert price == (D(31_000) - D(310_000)) / (D("6.2") * D("0.004") - D("6.2"))


def test_a_long_that_was_paid_for_in_full_has_no_liquidation_price() -> None:
    assert margin.liquidation_price(SPEC, D(1), D(50_000), D(50_000), D(60_000)) is None


@given(
    quantity=st.integers(1, 50_000),
    long=st.booleans(),
    entry=st.integers(10_000, 90_000),
    leverage=st.integers(1, 150),
    symbol=st.sampled_from(("BTCUSDT", "LTCUSDT")),
)
def test_at_the_liquidation_price_margin_balance_equals_maintenance(
    quantity: int, long: bool, entry: int, leverage: int, symbol: str
) -> None:
    spec = spec_for(symbol, D(50_000))
    size = D(quantity) / 1000 * (1 if long else -1)
    cost = size * entry
    wallet = abs(cost) / leverage
    price = margin.liquidation_price(spec, size, cost, D(entry), wallet)
    if price is None:
        return
    balance = wallet + size * price - cost
    assert abs(balance - margin.maintenance(spec, abs(size) * price)) < D("0.000001")


def test_the_cost_of_an_order_is_its_margin_and_its_open_loss(pit: Pit) -> None:
    # BUY 1 at 50,100 with the mark at 50,000, 20x: 2505 margin + 100 loss
    assert margin.open_loss(BUY, D(1), D(50_000), D(50_100)) == 100
    assert margin.open_loss(BUY, D(1), D(50_000), D(49_900)) == 0
    assert margin.open_loss(SELL, D(1), D(50_000), D(49_900)) == 100
    pit.exchange.open_account("bob", D("2604.99"))
    with pytest.raises(Refusal):
        pit.limit(BUY, 1, 50_100, "bob")
    pit.exchange.open_account("cat", D("2605"))
    pit.limit(BUY, 1, 50_100, "cat")


def test_working_orders_on_both_sides_only_need_the_larger_side(pit: Pit) -> None:
    pit.limit(BUY, 1, 49_000)
    pit.limit(SELL, 1, 51_000)
    row = pit.position()
    assert row is not None
    assert row.initial_margin == D(51_000) / 20
    assert pit.exchange.summary("ann").available == D(100_000) - D(51_000) / 20


def test_a_cross_position_uses_its_profit_and_an_isolated_one_keeps_it(pit: Pit) -> None:
    pit.market(BUY, 1)
    pit.quote(51_000)
    cross = pit.exchange.summary("ann")
    fee = D("50000.1") * D("0.0005")
    assert cross.available == D(100_000) - fee + D("999.9") - D(51_000) / 20
    pit.market(SELL, 1)
    pit.exchange.set_margin_type("ann", "BTCUSDT", isolated=True)
    pit.market(BUY, 1)
    before = pit.exchange.summary("ann").available
    pit.quote(52_000)
    assert pit.exchange.summary("ann").available == before


def test_the_break_even_price_pays_the_fees_back(pit: Pit) -> None:
    pit.market(BUY, 1)
    row = pit.position()
    assert row is not None
    assert row.break_even_price == D("50000.1") + D("25.00005")
    pit.market(SELL, 1)
    pit.quote(50_000)
    pit.market(SELL, 1)
    row = pit.position()
    assert row is not None
    assert row.break_even_price == D(50_000) - D(25)


def test_profit_and_fee_of_a_round_trip(pit: Pit) -> None:
    pit.market(BUY, 1)
    pit.quote(51_000)
    pit.market(SELL, "0.4")
    trade = pit.exchange.trades("ann")[-1]
    assert trade.realized == D("0.4") * (D(51_000) - D("50000.1"))
    assert trade.fee == D("0.4") * D(51_000) * D("0.0005")
    spent = D("25.00005") + D("10.2")
    assert pit.wallet() == D(100_000) + D("399.96") - spent
    kinds = {row.kind: row.amount for row in pit.exchange.income("ann")}
    assert kinds == {"TRANSFER": D(100_000), "COMMISSION": D("-10.2"), "REALIZED_PNL": D("399.96")}


def test_crossing_through_flat_closes_one_position_and_opens_the_other(pit: Pit) -> None:
    pit.market(BUY, 1)
    pit.market(SELL, 3)
    row = pit.position()
    assert row is not None
    assert row.quantity == -2
    # bids: 50000 x 2, then 49950 x 1; the first of them closes
    assert row.entry_price == (D(50_000) + D(49_950)) / 2
    assert sum(t.realized for t in pit.exchange.trades("ann")) == D("-0.1")


def test_money_is_rounded_to_eight_decimals() -> None:
    assert margin.money(Decimal("1.123456785")) == D("1.12345678")


@pytest.mark.parametrize(
    ("symbol", "notional", "expected"),
    [
        ("BTCUSDT", "12000000", "108000"),  # 1 % - 12000
        ("BTCUSDT", "20000000", "268000"),  # 2 % - 132000
        ("LTCUSDT", "10000", "50"),  # 0.5 %
        ("LTCUSDT", "50000", "450"),  # 1 % - 50
        ("LTCUSDT", "160000", "2100"),  # 1.5 % - 300
    ],
)
def test_the_listed_contracts_carry_binances_maintenance(symbol: str, notional: str, expected: str) -> None:
    assert margin.maintenance(spec_for(symbol, D(100)), D(notional)) == D(expected)
