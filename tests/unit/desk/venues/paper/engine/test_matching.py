"""How orders meet the book: level by level, at real prices, with what was taken staying taken."""

from __future__ import annotations

import pytest

from desk.venues.paper.engine.values import OrderStatus, Refusal, SelfTrade, Side, TimeInForce
from tests.unit.desk.venues.paper.engine.pit import D, Pit

BUY, SELL = Side.BUY, Side.SELL


def test_a_market_order_walks_the_book_and_pays_for_every_level(pit: Pit) -> None:
    order = pit.market(BUY, 5)
    # asks: 50000.1 x 2, 50050.2 x 2 (50000.1 x 1.001 = 50050.1001), 50100.2 x 2 (x 1.002 = 50100.1002)
    trades = pit.exchange.trades("ann")
    assert [(t.price, t.quantity) for t in trades] == [
        (D("50000.1"), D(2)),
        (D("50050.2"), D(2)),
        (D("50100.2"), D(1)),
    ]
    assert order.status is OrderStatus.FILLED
    assert order.quote_filled == D("250200.8")
    assert sum(t.fee for t in trades) == D("250200.8") * D("0.0005")


def test_what_one_order_took_is_gone_for_the_next_until_a_new_quote(pit: Pit) -> None:
    pit.market(BUY, 2)
    assert pit.market(BUY, 1).average_price == D("50050.2")
    pit.quote(50_000)
    assert pit.market(BUY, 1).average_price == D("50000.1")


def test_a_market_order_goes_no_further_than_the_take_bound_and_the_rest_expires(new_pit: type[Pit]) -> None:
    pit = new_pit(market_take_bound=D("0.0015"))
    pit.quote(50_000)
    order = pit.market(BUY, 5)
    assert order.status is OrderStatus.EXPIRED
    assert order.filled == D(4)  # 50100.2 is above 50000 x 1.0015 = 50075
    assert pit.held() == D(4)


def test_a_limit_order_takes_what_it_may_and_rests_with_the_remainder(pit: Pit) -> None:
    order = pit.limit(BUY, 3, "50000.1")
    assert order.status is OrderStatus.PARTIALLY_FILLED
    assert order.filled == D(2)
    assert pit.exchange.depth("BTCUSDT", 1).bids[0].price == D("50000.1")
    assert pit.exchange.depth("BTCUSDT", 1).bids[0].quantity == D(1)


def test_an_immediate_or_cancel_order_never_rests(pit: Pit) -> None:
    order = pit.limit(BUY, 3, "50000.1", time_in_force=TimeInForce.IOC)
    assert (order.status, order.filled) == (OrderStatus.EXPIRED, D(2))
    assert not pit.exchange.open_orders("ann")


def test_fill_or_kill_is_refused_whole_and_leaves_no_trace(pit: Pit) -> None:
    with pytest.raises(Refusal) as refused:
        pit.limit(BUY, 3, "50000.1", time_in_force=TimeInForce.FOK)
    assert refused.value.code == -5021
    assert not pit.exchange.all_orders("ann")
    assert pit.limit(BUY, 2, "50000.1", time_in_force=TimeInForce.FOK).status is OrderStatus.FILLED


def test_a_post_only_order_that_would_take_is_refused(pit: Pit) -> None:
    with pytest.raises(Refusal) as refused:
        pit.limit(BUY, 1, "50000.1", time_in_force=TimeInForce.GTX)
    assert refused.value.code == -5022
    assert pit.limit(BUY, 1, "50000.0", time_in_force=TimeInForce.GTX).status is OrderStatus.NEW


def test_a_resting_order_is_filled_when_the_market_trades_through_it_not_when_it_touches(pit: Pit) -> None:
    pit.limit(BUY, 1, 49_900)
    pit.quote(49_900)
    assert pit.held() == 0
    pit.quote("49899.9")
    assert pit.held() == 1
    trade = pit.exchange.trades("ann")[-1]
    assert (trade.price, trade.maker, trade.fee) == (D(49_900), True, D("9.98"))


def test_a_price_that_comes_back_does_not_fill_what_it_left_untouched(pit: Pit) -> None:
    pit.limit(SELL, 1, 50_100)
    pit.quote("50099.9")
    pit.quote(49_000)
    assert pit.held() == 0


def test_a_bid_inside_the_spread_is_hit_by_the_next_move_down(new_pit: type[Pit]) -> None:
    pit = new_pit()
    pit.spread = D("0.001")
    pit.quote(50_000)
    pit.limit(BUY, 1, 50_010)
    pit.quote(50_005)
    assert pit.held() == 0 or pit.exchange.trades("ann")[-1].price == D(50_010)
    pit.quote(49_990)
    assert pit.held() == 1


def test_a_narrowing_spread_never_leaves_the_book_crossed(new_pit: type[Pit]) -> None:
    pit = new_pit()
    pit.spread = D("0.001")
    pit.quote(50_000)
    pit.limit(BUY, 1, 50_010)
    pit.spread = D(0)
    pit.quote(50_000)
    assert pit.held() == 1
    assert pit.exchange.trades("ann")[-1].price == D(50_010)


def test_at_one_price_the_outside_market_is_served_before_users_and_users_in_turn(pit: Pit) -> None:
    pit.exchange.open_account("bob", D(100_000))
    pit.exchange.open_account("cat", D(100_000))
    pit.limit(BUY, "0.1", 50_000, "ann")
    pit.limit(BUY, "0.1", 50_000, "bob")
    pit.market(SELL, 2, "cat")
    assert (pit.held("ann"), pit.held("bob")) == (0, 0)
    pit.market(SELL, "0.15", "cat")
    assert (pit.held("ann"), pit.held("bob")) == (D("0.1"), D("0.05"))


def test_a_better_price_goes_before_an_earlier_order(pit: Pit) -> None:
    pit.exchange.open_account("bob", D(100_000))
    pit.exchange.open_account("cat", D(100_000))
    pit.spread = D("0.001")
    pit.quote(50_000)
    pit.limit(BUY, "0.1", 50_000, "ann")
    pit.limit(BUY, "0.1", 50_001, "bob")
    pit.market(SELL, "0.1", "cat")
    assert (pit.held("ann"), pit.held("bob")) == (0, D("0.1"))


@pytest.mark.parametrize(
    ("mode", "maker", "taker"),
    [
        (SelfTrade.EXPIRE_MAKER, OrderStatus.EXPIRED_IN_MATCH, OrderStatus.FILLED),
        (SelfTrade.EXPIRE_TAKER, OrderStatus.NEW, OrderStatus.EXPIRED_IN_MATCH),
        (SelfTrade.EXPIRE_BOTH, OrderStatus.EXPIRED_IN_MATCH, OrderStatus.EXPIRED_IN_MATCH),
        (SelfTrade.NONE, OrderStatus.FILLED, OrderStatus.FILLED),
    ],
)
def test_an_account_does_not_trade_with_itself_unless_it_asks_to(
    pit: Pit, mode: SelfTrade, maker: OrderStatus, taker: OrderStatus
) -> None:
    pit.spread = D("0.001")
    pit.quote(50_000)
    resting = pit.limit(BUY, "0.1", 50_000)
    incoming = pit.limit(SELL, "0.1", 49_900, self_trade=mode)
    assert pit.exchange.order("ann", "BTCUSDT", resting.order_id).status is maker
    assert incoming.status is taker


def test_an_amended_order_keeps_its_id_and_goes_to_the_back_of_the_queue(pit: Pit) -> None:
    pit.exchange.open_account("bob", D(100_000))
    pit.exchange.open_account("cat", D(100_000))
    first = pit.limit(BUY, "0.1", 49_990, "ann")
    pit.limit(BUY, "0.1", 49_990, "bob")
    amended = pit.amend(first, "0.2", 49_990)
    assert (amended.order_id, amended.quantity) == (first.order_id, D("0.2"))
    pit.market(SELL, 2, "cat")
    pit.market(SELL, "0.1", "cat")
    assert (pit.held("ann"), pit.held("bob")) == (0, D("0.1"))


def test_an_amendment_into_the_market_trades_at_once(pit: Pit) -> None:
    order = pit.limit(BUY, "0.1", 49_000)
    amended = pit.amend(order, "0.1", 50_010)
    assert amended.status is OrderStatus.FILLED
    assert amended.average_price == D("50000.1")


def test_a_refused_amendment_leaves_the_order_as_it_was(pit: Pit) -> None:
    order = pit.limit(BUY, "0.1", 49_000)
    with pytest.raises(Refusal) as refused:
        pit.amend(order, 50, 49_000)
    assert refused.value.code == -2019
    assert pit.exchange.order("ann", "BTCUSDT", order.order_id).quantity == D("0.1")
    assert pit.position().bid_notional == D(4900)


def test_a_good_till_date_order_ends_when_its_time_has_come(pit: Pit) -> None:
    till = pit.now + 700_000
    order = pit.limit(BUY, "0.1", 49_000, time_in_force=TimeInForce.GTD, good_till_ms=till)
    pit.exchange.settle(till - 1)
    assert pit.exchange.open_orders("ann")
    pit.exchange.settle(till)
    assert pit.exchange.order("ann", "BTCUSDT", order.order_id).status is OrderStatus.EXPIRED


def test_a_trade_is_told_publicly_then_as_balance_then_as_order(pit: Pit) -> None:
    pit.market(BUY, 1)
    assert pit.story() == ["Order NEW NEW", "Trade", "Account ORDER", "Order TRADE FILLED"]


def test_cancelling_twice_is_refused(pit: Pit) -> None:
    order = pit.limit(BUY, "0.1", 49_000)
    assert pit.exchange.cancel_order("ann", "BTCUSDT", order.order_id).status is OrderStatus.CANCELED
    with pytest.raises(Refusal) as refused:
        pit.exchange.cancel_order("ann", "BTCUSDT", order.order_id)
    assert refused.value.code == -2011


def test_cancelling_all_leaves_stops_resting(pit: Pit) -> None:
    pit.market(BUY, 1)
    pit.limit(BUY, "0.1", 49_000)
    pit.stop(SELL, 48_000)
    assert len(pit.exchange.cancel_all("ann", "BTCUSDT")) == 1
    assert len(pit.exchange.open_algos("ann")) == 1


def test_a_reduce_only_order_is_clipped_to_the_position_and_never_flips_it(pit: Pit) -> None:
    pit.market(BUY, 1)
    order = pit.market(SELL, 3, reduce_only=True)
    assert (order.filled, order.status) == (D(1), OrderStatus.EXPIRED)
    assert pit.held() == 0


def test_resting_reduce_only_orders_end_with_the_position(pit: Pit) -> None:
    pit.market(BUY, 1)
    order = pit.limit(SELL, 1, 51_000, reduce_only=True)
    pit.market(SELL, 1)
    assert pit.exchange.order("ann", "BTCUSDT", order.order_id).status is OrderStatus.EXPIRED
