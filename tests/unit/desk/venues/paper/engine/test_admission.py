"""What the venue refuses, with which code, and in which order: before anything has changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desk.venues.paper.engine.values import NewOrder, OrderKind, PositionSide, Refusal, Side, TimeInForce
from tests.unit.desk.venues.paper.engine.pit import D, Pit

BUY, SELL = Side.BUY, Side.SELL
LIMIT = NewOrder(
    symbol="BTCUSDT",
    side=BUY,
    type=OrderKind.LIMIT,
    quantity=D("0.1"),
    price=D(49_000),
    time_in_force=TimeInForce.GTC,
)
MARKET = NewOrder(symbol="BTCUSDT", side=BUY, type=OrderKind.MARKET, quantity=D("0.1"))


@pytest.mark.parametrize(
    ("base", "changes", "code"),
    [
        (LIMIT, {"symbol": "DOGEUSDT"}, -1121),
        (LIMIT, {"symbol": "ETHUSDT"}, -1122),
        (LIMIT, {"type": OrderKind.STOP_MARKET}, -4120),
        (LIMIT, {"type": OrderKind.TRAILING_STOP_MARKET}, -4120),
        (LIMIT, {"time_in_force": None}, -1102),
        (LIMIT, {"price": None}, -1102),
        (LIMIT, {"quantity": None}, -1102),
        (MARKET, {"price": D(50_000)}, -1106),
        (MARKET, {"time_in_force": TimeInForce.GTC}, -1106),
        (LIMIT, {"client_id": "x" * 37}, -4015),
        (LIMIT, {"client_id": "münze"}, -4015),
        (LIMIT, {"time_in_force": TimeInForce.GTD, "good_till_ms": 1}, -5040),
        (LIMIT, {"price": D(0)}, -4001),
        (LIMIT, {"price": D("0.01")}, -4013),
        (LIMIT, {"price": D(1_000_001)}, -4002),
        (LIMIT, {"price": D("49000.05")}, -4014),
        (LIMIT, {"price": D("49000.005")}, -1111),
        (LIMIT, {"price": D("NaN")}, -1102),
        (LIMIT, {"quantity": D(0)}, -4003),
        (LIMIT, {"quantity": D(-1)}, -4003),
        (LIMIT, {"quantity": D("0.0005")}, -4004),
        (LIMIT, {"quantity": D(1001)}, -4005),
        (LIMIT, {"quantity": D("0.0015")}, -1111),
        (MARKET, {"quantity": D(121)}, -4005),
        (LIMIT, {"price": D("52500.1")}, -4016),
        (LIMIT, {"side": SELL, "price": D("47499.9")}, -4024),
        (LIMIT, {"quantity": D("0.001"), "price": D(49_000)}, -4164),
        (MARKET, {"quantity": D("0.001")}, None),
        (LIMIT, {"position_side": PositionSide.LONG}, -4061),
        (LIMIT, {"reduce_only": True}, -2022),
        (LIMIT, {"quantity": D(60), "side": BUY}, -2019),
        (LIMIT, {"quantity": D(900)}, -2027),
    ],
)
def test_each_rule_has_its_own_code(pit: Pit, base: NewOrder, changes: dict[str, object], code: int | None) -> None:
    if code is None:
        assert pit.exchange.place_order("ann", replace(base, **changes)).filled == changes["quantity"]
        return
    before = pit.exchange.dump()
    with pytest.raises(Refusal) as refused:
        pit.exchange.place_order("ann", replace(base, **changes))
    assert refused.value.code == code
    assert pit.exchange.dump() == before


def test_percent_price_is_one_sided(pit: Pit) -> None:
    assert pit.limit(BUY, "0.1", 30_000).order_id
    assert pit.limit(SELL, "0.1", 80_000).order_id


def test_a_far_below_the_minimum_order_may_still_reduce(pit: Pit) -> None:
    pit.market(BUY, "0.1")
    assert pit.market(SELL, "0.001", reduce_only=True).filled == D("0.001")


def test_the_minimum_notional_of_a_market_order_is_reckoned_on_the_mark(new_pit: type[Pit]) -> None:
    pit = new_pit()
    pit.quote(49_999)
    with pytest.raises(Refusal) as refused:
        pit.market(BUY, "0.001")
    assert refused.value.message == "Order's notional must be no smaller than 50 (unless you choose reduce only)."


def test_the_margin_message_is_binances(pit: Pit) -> None:
    with pytest.raises(Refusal, match="Margin is insufficient"):
        pit.market(BUY, 60)


def test_a_market_order_is_refused_when_nobody_stands_inside_the_percent_band(new_pit: type[Pit]) -> None:
    pit = new_pit()
    pit.spread = D("0.2")
    pit.quote(50_000)
    with pytest.raises(Refusal) as refused:
        pit.market(BUY, "0.1")
    assert refused.value.code == -4131


def test_two_hundred_open_orders_and_not_one_more(pit: Pit) -> None:
    for n in range(200):
        pit.limit(BUY, "0.01", 40_000 + n)
    with pytest.raises(Refusal) as refused:
        pit.limit(BUY, "0.01", 39_000)
    assert refused.value.code == -2025


def test_a_client_id_is_free_again_once_its_order_is_final(pit: Pit) -> None:
    order = pit.limit(BUY, "0.1", 49_000, client_id="entry-1")
    with pytest.raises(Refusal) as refused:
        pit.limit(BUY, "0.1", 48_000, client_id="entry-1")
    assert refused.value.code == -4116
    pit.exchange.cancel_order("ann", "BTCUSDT", client_id="entry-1")
    newer = pit.limit(BUY, "0.1", 48_000, client_id="entry-1")
    assert newer.order_id > order.order_id
    assert pit.exchange.order("ann", "BTCUSDT", client_id="entry-1") == newer


def test_a_position_can_be_reduced_when_the_wallet_could_not_open_it(pit: Pit) -> None:
    pit.market(BUY, 38)
    pit.quote(49_000)
    assert pit.exchange.summary("ann").available < D(50_000)
    assert pit.market(SELL, 38, account="ann").filled == D(38)


def test_checking_an_order_places_nothing(pit: Pit) -> None:
    pit.exchange.check_order("ann", LIMIT)
    assert not pit.exchange.open_orders("ann")
    with pytest.raises(Refusal):
        pit.exchange.check_order("ann", replace(LIMIT, price=D("49000.05")))
