"""Hedge mode: a symbol's long and short side live apart, and an order's side says what it may do to which."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.values import (
    AccountEvent,
    AccountReason,
    NewOrder,
    OrderKind,
    OrderStatus,
    PositionRow,
    PositionSide,
    Refusal,
    Side,
    StopStatus,
)
from tests.unit.desk.venues.paper.engine.pit import D, Pit

BUY, SELL = Side.BUY, Side.SELL
BOTH, LONG, SHORT = PositionSide.BOTH, PositionSide.LONG, PositionSide.SHORT


@pytest.fixture
def hedged(pit: Pit) -> Pit:
    """The pit with ann in hedge mode, 1 BTC long and 0.4 BTC short."""
    pit.exchange.set_position_mode("ann", hedge=True)
    pit.market(BUY, 1, position_side=LONG)
    pit.market(SELL, "0.4", position_side=SHORT)
    pit.exchange.drain_events()
    return pit


def side(pit: Pit, which: PositionSide) -> PositionRow:
    return next(row for row in pit.exchange.positions("ann", "BTCUSDT", every=True) if row.position_side is which)


def code_of(ask: Callable[[], object]) -> int:
    with pytest.raises(Refusal) as refused:
        ask()
    return refused.value.code


def test_both_sides_are_held_at_once_and_never_net_out(hedged: Pit) -> None:
    assert (side(hedged, LONG).quantity, side(hedged, SHORT).quantity) == (D(1), D("-0.4"))
    assert (side(hedged, LONG).entry_price, side(hedged, SHORT).entry_price) == (D("50000.1"), D(50_000))


def test_the_mode_changes_only_while_nothing_is_open(pit: Pit) -> None:
    mode = pit.exchange.set_position_mode
    assert code_of(lambda: mode("ann", hedge=False)) == -4059
    order = pit.limit(BUY, 1, 49_000)
    assert code_of(lambda: mode("ann", hedge=True)) == -4067
    pit.exchange.cancel_order("ann", "BTCUSDT", order.order_id)
    pit.market(BUY, 1)
    assert code_of(lambda: mode("ann", hedge=True)) == -4068
    stop = pit.stop(SELL, 49_000)
    assert code_of(lambda: mode("ann", hedge=True)) == -4067
    pit.exchange.cancel_algo("ann", stop.algo_id)
    pit.market(SELL, 1)
    mode("ann", hedge=True)
    assert pit.exchange.position_mode("ann")
    assert code_of(lambda: mode("ann", hedge=True)) == -4059


def test_an_order_names_a_side_of_the_account_s_mode_and_never_reduce_only_in_hedge_mode(hedged: Pit) -> None:
    assert code_of(lambda: hedged.market(BUY, 1)) == -4061
    assert code_of(lambda: hedged.stop(SELL, 49_000)) == -4061
    assert code_of(lambda: hedged.market(SELL, 1, position_side=LONG, reduce_only=True)) == -1106
    hedged.exchange.open_account("bob", D(100_000))
    assert code_of(lambda: hedged.market(BUY, 1, "bob", position_side=LONG)) == -4061


@pytest.mark.parametrize(("which", "closing", "held"), [(LONG, SELL, "1"), (SHORT, BUY, "0.4")])
def test_a_closing_order_needs_no_margin_and_closes_no_more_than_is_there(
    hedged: Pit, which: PositionSide, closing: Side, held: str
) -> None:
    assert code_of(lambda: hedged.market(closing, D(held) + D("0.001"), position_side=which)) == -2022
    order = hedged.market(closing, held, position_side=which)
    assert (order.status, order.reduce_only) == (OrderStatus.FILLED, True)
    assert side(hedged, which).quantity == 0
    assert side(hedged, LONG if which is SHORT else SHORT).quantity != 0
    assert code_of(lambda: hedged.market(closing, held, position_side=which)) == -2022


def test_a_resting_order_that_closes_ends_with_its_own_side_only(hedged: Pit) -> None:
    take_long = hedged.limit(SELL, 1, 51_000, position_side=LONG)
    take_short = hedged.limit(BUY, "0.4", 49_000, position_side=SHORT)
    hedged.market(SELL, 1, position_side=LONG)
    find = hedged.exchange.order
    assert find("ann", "BTCUSDT", take_long.order_id).status is OrderStatus.EXPIRED
    assert find("ann", "BTCUSDT", take_short.order_id).status is OrderStatus.NEW


def test_close_position_closes_one_side_and_cannot_stand_where_it_would_open(hedged: Pit) -> None:
    assert code_of(lambda: hedged.stop(BUY, 51_000, position_side=LONG)) == -4138
    assert code_of(lambda: hedged.stop(SELL, 49_000, position_side=SHORT)) == -4138
    stop = hedged.stop(SELL, 49_500, position_side=LONG)
    other = hedged.stop(BUY, 50_500, position_side=SHORT)
    hedged.quote(49_000)
    assert (side(hedged, LONG).quantity, side(hedged, SHORT).quantity) == (0, D("-0.4"))
    assert hedged.exchange.algo("ann", stop.algo_id).status is StopStatus.FINISHED
    assert hedged.exchange.algo("ann", other.algo_id).status is StopStatus.NEW


def test_each_side_asks_for_its_own_margin(hedged: Pit) -> None:
    summary = hedged.exchange.summary("ann")
    assert summary.position_initial_margin == D("1.4") * 50_000 / 20
    assert summary.maint_margin == D("1.4") * 50_000 * D("0.004")
    hedged.limit(BUY, 1, 49_000, position_side=LONG)
    hedged.limit(BUY, "0.4", 48_000, position_side=SHORT)
    assert side(hedged, LONG).open_order_initial_margin == D(49_000) / 20
    assert side(hedged, SHORT).open_order_initial_margin == 0


def test_cross_sides_share_one_liquidation_price_and_die_at_it_one_by_one(hedged: Pit) -> None:
    price = side(hedged, LONG).liquidation_price
    assert side(hedged, SHORT).liquidation_price == price == 0
    hedged.market(BUY, 5, position_side=LONG)
    price = side(hedged, LONG).liquidation_price
    assert side(hedged, SHORT).liquidation_price == price > 0
    hedged.quote(price + D("0.1"))
    assert side(hedged, LONG).quantity == 6
    hedged.quote(price - D("0.1"))
    assert side(hedged, LONG).quantity == 0
    assert hedged.exchange.imbalance() == 0


def test_isolated_sides_have_wallets_and_liquidation_prices_of_their_own(pit: Pit) -> None:
    pit.exchange.set_position_mode("ann", hedge=True)
    pit.exchange.set_margin_type("ann", "BTCUSDT", isolated=True)
    pit.market(BUY, 1, position_side=LONG)
    pit.market(SELL, 1, position_side=SHORT)
    long, short = side(pit, LONG), side(pit, SHORT)
    assert long.liquidation_price < 50_000 < short.liquidation_price
    pit.exchange.adjust_margin("ann", "BTCUSDT", D(1000), add=True, side=SHORT)
    assert side(pit, SHORT).isolated_wallet == short.isolated_wallet + 1000
    assert side(pit, LONG).isolated_wallet == long.isolated_wallet
    assert code_of(lambda: pit.exchange.adjust_margin("ann", "BTCUSDT", D(1), add=True)) == -4061
    pit.quote(long.liquidation_price - 10)
    assert (side(pit, LONG).quantity, side(pit, SHORT).quantity) == (0, -1)
    assert pit.exchange.all_orders("ann")[-1].position_side is LONG


def test_funding_is_paid_by_one_side_and_received_by_the_other(hedged: Pit) -> None:
    hedged.now += 7 * 3_600_000
    hedged.exchange.settle(hedged.now)
    rows = [row.amount for row in hedged.exchange.income("ann") if row.kind == "FUNDING_FEE"]
    assert rows == [D(-5), D(2)]


def test_a_fill_tells_both_sides_and_its_trade_names_its_own(hedged: Pit) -> None:
    hedged.market(SELL, "0.1", position_side=SHORT)
    told = [e for e in hedged.exchange.drain_events() if isinstance(e, AccountEvent)]
    assert [event.reason for event in told] == [AccountReason.ORDER]
    assert [row.position_side for row in told[0].positions] == [LONG, SHORT]
    assert hedged.exchange.trades("ann")[-1].position_side is SHORT


def test_rows_are_those_of_the_account_s_mode(hedged: Pit) -> None:
    assert [row.position_side for row in hedged.exchange.positions("ann", "BTCUSDT", every=True)] == [LONG, SHORT]
    hedged.exchange.open_account("bob", D(10))
    assert [row.position_side for row in hedged.exchange.positions("bob", "BTCUSDT", every=True)] == [BOTH]
    hedged.market(BUY, "0.4", position_side=SHORT)
    assert [row.position_side for row in hedged.exchange.positions("ann")] == [LONG]
    hedged.limit(SELL, "0.4", 51_000, position_side=SHORT)
    assert [row.position_side for row in hedged.exchange.positions("ann")] == [LONG, SHORT]


def test_leverage_and_margin_type_are_the_symbol_s_not_the_side_s(hedged: Pit) -> None:
    hedged.exchange.set_leverage("ann", "BTCUSDT", 10)
    assert (side(hedged, LONG).leverage, side(hedged, SHORT).leverage) == (10, 10)
    assert code_of(lambda: hedged.exchange.set_margin_type("ann", "BTCUSDT", isolated=True)) == -4048


def test_a_restarted_venue_knows_the_mode_and_both_sides(hedged: Pit) -> None:
    again = Exchange(hedged.specs, now_ms=lambda: hedged.now)
    again.restore(hedged.exchange.dump())
    assert again.dump() == hedged.exchange.dump()
    assert again.position_mode("ann")
    assert again.positions("ann") == hedged.exchange.positions("ann")
    closing = NewOrder(symbol="BTCUSDT", side=SELL, type=OrderKind.MARKET, quantity=D(1), position_side=LONG)
    assert again.place_order("ann", closing).status is OrderStatus.FILLED
