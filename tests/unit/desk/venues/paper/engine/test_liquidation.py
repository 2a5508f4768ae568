"""Liquidation: on the mark, at its level, in its sequence, and never leaving a debt or a half-dead position."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.values import (
    LiquidationEvent,
    MarginCall,
    NewOrder,
    OrderKind,
    OrderStatus,
    Refusal,
    Side,
    StopStatus,
)
from tests.unit.desk.venues.paper.engine.pit import D, Pit

BUY, SELL = Side.BUY, Side.SELL
FOUR_ETH = NewOrder(symbol="ETHUSDT", side=BUY, type=OrderKind.MARKET, quantity=D(4))


def isolated_long(pit: Pit, quantity: object = 1, leverage: int = 20) -> Decimal:
    pit.exchange.set_margin_type("ann", "BTCUSDT", isolated=True)
    pit.exchange.set_leverage("ann", "BTCUSDT", leverage)
    pit.market(BUY, quantity)
    row = pit.position()
    assert row is not None
    return row.liquidation_price


def test_an_isolated_position_lives_above_its_level_and_dies_at_it(pit: Pit) -> None:
    level = isolated_long(pit)
    pit.quote(level + D("0.01"))
    assert pit.held() == 1
    pit.quote(level - D("0.01"))
    assert pit.held() == 0


def test_the_sequence_is_call_cancel_close_fee(pit: Pit) -> None:
    isolated_long(pit)
    order = pit.limit(SELL, "0.1", 52_000)
    pit.story()
    pit.quote(45_000)
    assert pit.story() == [
        "MarginCall",
        "Order CANCELED CANCELED",
        "Liquidation NEW",
        "Order NEW NEW",
        "Trade",
        "Account ORDER",
        "Order CALCULATED FILLED",
        "Account INSURANCE_CLEAR",
    ]
    assert pit.exchange.order("ann", "BTCUSDT", order.order_id).status is OrderStatus.CANCELED
    forced = pit.exchange.all_orders("ann")[-1]
    assert forced.client_id.startswith("autoclose-")


def test_an_isolated_position_costs_no_more_than_what_was_put_behind_it(pit: Pit) -> None:
    isolated_long(pit)
    row = pit.position()
    assert row is not None
    before = pit.wallet()
    pit.quote(20_000, gap=True)
    assert pit.held() == 0
    assert pit.wallet() >= before - row.isolated_wallet


def test_a_gap_beyond_bankruptcy_is_paid_by_the_insurance_fund(pit: Pit) -> None:
    pit.market(BUY, 38)
    pit.quote(40_000, gap=True)
    summary = pit.exchange.summary("ann")
    assert (pit.held(), summary.wallet, summary.margin_balance) == (0, 0, 0)
    assert pit.exchange.insurance() < 0


def test_on_a_continuous_way_down_the_fund_gains_because_it_closes_before_bankruptcy(pit: Pit) -> None:
    isolated_long(pit)
    pit.quote(30_000)
    assert pit.exchange.insurance() > 0
    assert pit.exchange.trades("ann")[-1].price > 47_000


def test_a_closing_stop_above_the_level_is_met_before_the_liquidation(pit: Pit) -> None:
    level = isolated_long(pit)
    stop = pit.stop(SELL, (level + 200).quantize(D("0.1")))
    pit.quote(30_000)
    assert pit.exchange.algo("ann", stop.algo_id).status is StopStatus.FINISHED
    assert not any(o.liquidation for o in pit.exchange.all_orders("ann"))


def test_a_stop_below_the_level_comes_too_late(pit: Pit) -> None:
    level = isolated_long(pit)
    stop = pit.stop(SELL, (level - 200).quantize(D("0.1")))
    pit.quote(30_000)
    assert pit.exchange.algo("ann", stop.algo_id).status is StopStatus.EXPIRED
    assert pit.exchange.all_orders("ann")[-1].liquidation


def test_what_the_book_cannot_take_goes_to_the_fund_at_the_bankruptcy_price(new_pit: type[Pit]) -> None:
    pit = new_pit()
    pit.quote(50_000)
    level = isolated_long(pit, 10)
    pit.ladder = ((D(0), D(1)),)
    pit.quote(level - 10)
    assert pit.held() == 0
    first, *rest = [t for t in pit.exchange.trades("ann") if t.side is SELL]
    assert first.quantity == 1
    assert sum(t.quantity for t in rest) == 9
    assert pit.exchange.public_trades("BTCUSDT", 1)[0].trade_id == first.trade_id


def test_cross_positions_go_one_by_one_largest_first_until_the_rest_stands(pit: Pit) -> None:
    pit.quote(2_500, "ETHUSDT")
    pit.exchange.open_account("bob", D(10_000))
    pit.market(BUY, 3, "bob")
    pit.exchange.place_order("bob", FOUR_ETH)
    pit.quote(5_000, "ETHUSDT")
    pit.quote(43_000)
    assert pit.held("bob") == 0
    assert pit.held("bob", "ETHUSDT") == 4
    summary = pit.exchange.summary("bob")
    assert summary.margin_balance > summary.maint_margin


def test_profit_elsewhere_holds_a_cross_position_up(pit: Pit) -> None:
    pit.quote(2_500, "ETHUSDT")
    pit.exchange.open_account("bob", D(8_000))
    pit.market(BUY, 2, "bob")
    pit.exchange.place_order("bob", FOUR_ETH)
    alone = pit.exchange.positions("bob", "BTCUSDT")[0].liquidation_price
    pit.quote(3_000, "ETHUSDT")
    assert pit.exchange.positions("bob", "BTCUSDT")[0].liquidation_price < alone


def test_the_call_and_the_public_notice_carry_the_position(pit: Pit) -> None:
    isolated_long(pit)
    pit.exchange.drain_events()
    pit.quote(45_000)
    events = pit.exchange.drain_events()
    call = next(e for e in events if isinstance(e, MarginCall))
    notice = next(e for e in events if isinstance(e, LiquidationEvent))
    assert (call.positions[0].quantity, notice.order.side, notice.order.quantity) == (1, SELL, 1)


def test_margin_added_moves_the_level_away_and_margin_needed_cannot_be_taken(pit: Pit) -> None:
    level = isolated_long(pit)
    pit.exchange.adjust_margin("ann", "BTCUSDT", D(1_000), add=True)
    row = pit.position()
    assert row is not None
    assert row.liquidation_price < level - 900
    with pytest.raises(Refusal) as refused:
        pit.exchange.adjust_margin("ann", "BTCUSDT", D(1_001), add=False)
    assert refused.value.code == -4051
    pit.exchange.adjust_margin("ann", "BTCUSDT", D(900), add=False)


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda x: x.set_leverage("ann", "BTCUSDT", 151), -4028),
        (lambda x: x.set_leverage("ann", "BTCUSDT", 10), -4161),
        (lambda x: x.set_margin_type("ann", "BTCUSDT", isolated=True), -4046),
        (lambda x: x.set_margin_type("ann", "BTCUSDT", isolated=False), -4048),
        (lambda x: x.adjust_margin("ann", "BTCUSDT", D(0), add=True), -4055),
        (lambda x: x.adjust_margin("ann", "BTCUSDT", D(10**6), add=True), -4050),
        (lambda x: x.adjust_margin("ann", "BTCUSDT", D(10) ** 40, add=False), -4051),
        (lambda x: x.adjust_margin("ann", "BTCUSDT", D("NaN"), add=True), -4055),
        (lambda x: x.adjust_margin("ann", "ETHUSDT", D(1), add=True), -4054),
    ],
)
def test_terms_that_a_position_forbids(pit: Pit, ask: Callable[[Exchange], object], code: int) -> None:
    pit.quote(2_500, "ETHUSDT")
    isolated_long(pit)
    with pytest.raises(Refusal) as refused:
        ask(pit.exchange)
    assert refused.value.code == code


def test_leverage_too_high_for_what_is_held_is_refused(pit: Pit) -> None:
    pit.market(BUY, 8)
    with pytest.raises(Refusal) as refused:
        pit.exchange.set_leverage("ann", "BTCUSDT", 125)
    assert refused.value.code == -2027


def test_margin_type_cannot_change_under_a_working_order(pit: Pit) -> None:
    pit.limit(BUY, "0.1", 49_000)
    with pytest.raises(Refusal) as refused:
        pit.exchange.set_margin_type("ann", "BTCUSDT", isolated=True)
    assert refused.value.code == -4047
