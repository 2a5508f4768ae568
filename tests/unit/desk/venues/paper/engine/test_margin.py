"""Margin arithmetic, against figures worked by hand and against Binance's published brackets."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.venues.paper.engine.money import margin
from desk.venues.paper.engine.values import Refusal, Side, SymbolSpec
from desk.venues.paper.symbols import spec_for
from tests.unit.desk.venues.paper.engine.pit import D, Pit, spec_of

BUY, SELL = Side.BUY, Side.SELL
SPEC = spec_of("BTCUSDT")
Legs = list[tuple[Decimal, Decimal]]


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


def died_at(spec: SymbolSpec, legs: Legs, balance: Decimal, start: Decimal, *, rising: bool) -> Decimal | None:
    """Where the engine's walk finds the liquidation price of positions (quantity, entry price) on one balance."""

    def surplus(mark: Decimal) -> Decimal:
        return balance + sum((q * (mark - entry) - margin.maintenance(spec, abs(q) * mark) for q, entry in legs), D(0))

    borders = [price for quantity, _ in legs for price in margin.bracket_borders(spec, quantity)]
    return margin.first_crossing(surplus, start, borders, rising=rising)


def test_the_isolated_liquidation_price_is_the_formula_s() -> None:
    # 1 BTC long from 50,000 on 2,500 of its own: (2500 - 50000) / (0.004 - 1) = 47690.7630...
    price = died_at(SPEC, [(D(1), D(50_000))], D(2_500), D(50_000), rising=False)
    assert price is not None
    assert price.quantize(D("0.0001")) == D("47690.7631")
    # short: (2500 + 50000) / (0.004 + 1) = 52290.8366...
    price = died_at(SPEC, [(D(-1), D(50_000))], D(2_500), D(50_000), rising=True)
    assert price is not None
    assert price.quantize(D("0.0001")) == D("52290.8367")


def test_the_bracket_is_picked_again_at_the_liquidation_price() -> None:
    # 6.2 BTC from 50,000 is 310,000 (second bracket) but falls into the first on its way down to liquidation.
    price = died_at(SPEC, [(D("6.2"), D(50_000))], D(31_000), D(50_000), rising=False)
    assert price is not None
    assert D("6.2") * price < 300_000
    by_formula = (D(31_000) - D(310_000)) / (D("6.2") * D("0.004") - D("6.2"))
    assert abs(price - by_formula) < D("1e-18")


def test_a_long_that_was_paid_for_in_full_has_no_liquidation_price() -> None:
    assert died_at(SPEC, [(D(1), D(50_000))], D(60_000), D(50_000), rising=False) is None


def by_the_faq(spec: SymbolSpec, legs: Legs, balance: Decimal, start: Decimal) -> Decimal | None:
    """Binance's liquidation price, hedge mode included, its brackets picked again at the price until they stand.

    LP = (WB + cumL + cumS - L x EPL + S x EPS) / (L x MMRL + S x MMRS - L + S), for L long and S short.
    """
    price = start
    for _ in range(50):
        tiers = [margin.bracket_of(spec, abs(q) * price) for q, _ in legs]
        above = balance + sum(t.cum for t in tiers) - sum(q * entry for q, entry in legs)
        below = sum(abs(q) * t.ratio for (q, _), t in zip(legs, tiers, strict=True)) - sum(q for q, _ in legs)
        if not below or above / below <= 0:
            return None
        if [margin.bracket_of(spec, abs(q) * above / below) for q, _ in legs] == tiers:
            return above / below
        price = above / below
    return None


@given(
    quantity=st.integers(1, 50_000),
    other=st.sampled_from((0, 0, 1, 300, 9_000)),
    long=st.booleans(),
    entry=st.integers(10_000, 90_000),
    leverage=st.integers(1, 150),
    symbol=st.sampled_from(("BTCUSDT", "LTCUSDT")),
)
def test_the_liquidation_price_is_the_faq_s_in_both_position_modes(
    quantity: int, other: int, long: bool, entry: int, leverage: int, symbol: str
) -> None:
    spec, sign = spec_for(symbol, D(50_000)), 1 if long else -1
    legs = [(D(quantity) / 1000 * sign, D(entry)), (D(-other) / 1000 * sign, D(entry))]
    balance = sum(abs(q) for q, _ in legs) * entry / leverage
    if balance <= sum(margin.maintenance(spec, abs(q) * entry) for q, _ in legs):
        return
    net_short = sum(q for q, _ in legs) <= 0
    price = died_at(spec, legs, balance, D(entry), rising=net_short)
    expected = by_the_faq(spec, legs, balance, D(entry))
    if price is None or expected is None or (expected > entry) != net_short:
        return
    assert abs(price - expected) < D("1e-15")


@given(
    legs=st.lists(st.tuples(st.integers(-40_000, 40_000), st.integers(20_000, 80_000)), min_size=1, max_size=2),
    balance=st.integers(1, 3_000_000),
    rising=st.booleans(),
)
def test_up_to_the_liquidation_price_the_position_lives_and_beyond_it_it_is_dead(
    legs: list[tuple[int, int]], balance: int, rising: bool
) -> None:
    held: Legs = [(D(quantity) / 1000, D(entry)) for quantity, entry in legs if quantity]

    def surplus(mark: Decimal) -> Decimal:
        maintained = sum((margin.maintenance(SPEC, abs(q) * mark) for q, _ in held), D(0))
        return D(balance) + sum((q * (mark - entry) for q, entry in held), D(0)) - maintained

    start = D(50_000)
    if surplus(start) <= 0:
        return
    price = died_at(SPEC, held, D(balance), start, rising=rising)
    end = price if price is not None else (start * 4 if rising else D(0))
    hair = D("1e-12") if rising else D("-1e-12")
    for step in range(200):
        assert surplus(start + (end - hair - start) * step / 200) > 0
    if price is not None:
        assert surplus(price + hair) <= 0


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
