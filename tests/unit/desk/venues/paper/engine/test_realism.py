"""A venue that does not fill for nothing: places in line, crowds too small, dents in the book, and time on the way."""

from __future__ import annotations

import pytest

from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.trading.latency import delay_ms
from desk.venues.paper.engine.values import (
    Execution,
    Expiry,
    OrderEvent,
    OrderStatus,
    Realism,
    Refusal,
    Side,
    StopStatus,
    TimeInForce,
)
from tests.unit.desk.venues.paper.engine.pit import MINUTE, D, Pit

BUY, SELL = Side.BUY, Side.SELL


# ---- a place in line ----


@pytest.fixture
def line() -> Pit:
    """A pit at 50,000.05: 2 BTC stand at 50,000.0 before anybody here; a little lower, sellers trade there."""
    pit = Pit()
    pit.quote("50000.05")
    return pit


def test_what_stood_at_a_price_trades_before_who_joined_it(line: Pit) -> None:
    line.limit(BUY, 1, 50_000)
    line.quote("50000.04", volume=D("1.5"))
    assert line.held() == 0
    line.quote("50000.03", volume=D("0.9"))
    assert line.held() == D("0.4")
    line.quote("50000.02", volume=D(9))
    assert line.held() == 1
    assert {trade.price for trade in line.exchange.trades("ann")} == {D(50_000)}
    assert all(trade.maker for trade in line.exchange.trades("ann"))


def test_takers_of_the_other_side_move_nobody_up(line: Pit) -> None:
    line.limit(BUY, 1, 50_000)
    line.quote("50000.06", volume=D(100))
    assert line.held() == 0


def test_volume_traded_away_from_a_price_moves_nobody_up(line: Pit) -> None:
    line.limit(BUY, 1, 49_900)
    line.quote("50000.04", volume=D(100))
    assert line.held() == 0


def test_who_improves_the_price_waits_for_nobody(new_pit: type[Pit]) -> None:
    pit = new_pit()
    pit.spread = D("0.001")
    pit.quote(50_000)
    pit.limit(BUY, 1, 49_990)
    pit.quote("49999.99", volume=D("0.6"))
    assert pit.held() == D("0.6")


def test_accounts_at_one_price_are_served_in_the_order_they_came(line: Pit) -> None:
    line.exchange.open_account("bob", D(100_000))
    line.limit(BUY, "0.5", 50_000, "ann")
    line.limit(BUY, "0.5", 50_000, "bob")
    line.quote("50000.04", volume=D("2.7"))
    assert (line.held("ann"), line.held("bob")) == (D("0.5"), D("0.2"))


def test_what_the_outside_adds_later_stands_behind(line: Pit) -> None:
    line.exchange.open_account("bob", D(1_000_000))
    line.limit(BUY, 1, 50_000)
    line.market(SELL, 2, "bob")
    line.quote("50000.05")
    line.market(SELL, 1, "bob")
    assert line.held() == 1


def test_the_tape_shows_every_unit_of_volume_once(line: Pit) -> None:
    line.limit(BUY, 1, 50_000)
    before = len(line.exchange.public_trades("BTCUSDT", 1_000))
    line.quote("50000.04", volume=D("2.5"))
    shown = line.exchange.public_trades("BTCUSDT", 1_000)[before:]
    assert sum(trade.quantity for trade in shown) == D("2.5")


def test_without_the_queue_a_touch_never_fills(new_pit: type[Pit]) -> None:
    pit = new_pit(realism={"queue": False})
    pit.quote("50000.05")
    pit.limit(BUY, 1, 50_000)
    pit.quote("50000.04", volume=D(1_000))
    assert pit.held() == 0


def test_the_place_in_line_outlives_a_restart(line: Pit) -> None:
    line.limit(BUY, 1, 50_000)
    line.quote("50000.04", volume=D("1.5"))
    again = Exchange(line.specs, now_ms=lambda: line.now)
    again.restore(line.exchange.dump())
    line.exchange = again
    line.quote("50000.03", volume=D("0.9"))
    assert line.held() == D("0.4")


# ---- a crowd: who goes through a price fills no more than came ----


def test_a_large_order_is_filled_no_further_than_what_came_through(pit: Pit) -> None:
    # 0.1 below 49,900 the outside touch is 2 BTC; nothing else of it comes within reach.
    order = pit.limit(BUY, 10, 49_900)
    pit.quote("49899.9")
    assert pit.exchange.order("ann", "BTCUSDT", order.order_id).filled == D(2)
    assert pit.exchange.order("ann", "BTCUSDT", order.order_id).status is OrderStatus.PARTIALLY_FILLED


def test_what_traded_on_the_way_comes_through_too(pit: Pit) -> None:
    order = pit.limit(BUY, 10, 49_900)
    pit.quote("49899.9", volume=D(5))
    assert pit.exchange.order("ann", "BTCUSDT", order.order_id).filled == D(7)


def test_the_farther_the_market_goes_through_the_more_of_it_comes(pit: Pit) -> None:
    order = pit.limit(BUY, 10, 49_900)
    pit.quote(49_600)
    assert pit.exchange.order("ann", "BTCUSDT", order.order_id).filled == D(10)


def test_one_crowd_serves_two_orders_once(pit: Pit) -> None:
    near, far = pit.limit(BUY, 3, 49_900), pit.limit(BUY, 3, "49899.9")
    pit.quote("49899.8", volume=D(2))
    filled = [pit.exchange.order("ann", "BTCUSDT", order.order_id).filled for order in (near, far)]
    assert filled == [D(3), D(1)]


def test_a_partly_filled_order_leaves_no_crossed_book_and_goes_on_with_the_next_quote(pit: Pit) -> None:
    order = pit.limit(BUY, 10, 49_900)
    pit.quote("49899.9")
    depth = pit.exchange.depth("BTCUSDT", 1)
    assert depth.bids[0].price < depth.asks[0].price
    pit.quote("49899.8")
    assert pit.exchange.order("ann", "BTCUSDT", order.order_id).filled == D(4)


def test_an_unbounded_crowd_fills_everything_it_goes_through(new_pit: type[Pit]) -> None:
    pit = new_pit(realism={"depth_bound": False})
    pit.quote(50_000)
    pit.limit(BUY, 10, 49_900)
    pit.quote("49899.9")
    assert pit.held() == D(10)


# ---- a dent ----


def test_a_book_that_heals_slowly_remembers_what_was_taken(new_pit: type[Pit]) -> None:
    pit = new_pit(realism={"recovery": D("0.25")})
    pit.quote(50_000)
    pit.market(BUY, 2)
    pit.quote(50_000)
    order = pit.market(BUY, 1)
    prices = [(trade.price, trade.quantity) for trade in pit.exchange.trades("ann")[-2:]]
    assert order.filled == 1
    assert prices == [(D("50000.1"), D("0.5")), (D("50050.2"), D("0.5"))]


# ---- time on the way ----


@pytest.fixture
def slow() -> Pit:
    """A pit whose orders take half a minute, quoted at 50,000 once a minute."""
    pit = Pit(realism={"latency_ms": 30_000})
    pit.quote(50_000)
    pit.exchange.drain_events()
    return pit


def test_an_order_meets_the_price_of_the_moment_it_arrives(slow: Pit) -> None:
    order = slow.market(BUY, 1)
    assert (order.status, order.filled) == (OrderStatus.NEW, 0)
    slow.quote(50_100)
    trade = slow.exchange.trades("ann")[0]
    assert trade.price == D("50050.1")
    assert trade.at_ms == order.created_ms + 30_000


def test_a_gap_has_no_way_on_which_to_arrive(slow: Pit) -> None:
    slow.market(BUY, 1)
    slow.quote(50_100, gap=True)
    assert slow.exchange.trades("ann")[0].price == D("50000.1")


def test_an_order_on_its_way_can_be_cancelled_and_changed(slow: Pit) -> None:
    gone, changed = slow.limit(BUY, 1, 50_200), slow.limit(BUY, 1, 50_200)
    slow.exchange.cancel_order("ann", "BTCUSDT", gone.order_id)
    slow.amend(changed, 2, 50_200)
    slow.quote(50_000)
    assert slow.held() == D(2)


def test_a_post_only_order_that_arrives_too_late_ends_and_says_why(slow: Pit) -> None:
    slow.limit(BUY, 1, 50_000, time_in_force=TimeInForce.GTX)
    slow.quote(49_000)
    ended = [e for e in slow.exchange.drain_events() if isinstance(e, OrderEvent) and e.execution is Execution.EXPIRED]
    assert [event.expiry for event in ended] == [Expiry.POST_ONLY]
    assert slow.held() == 0


def test_fill_or_kill_is_decided_on_arrival(slow: Pit) -> None:
    order = slow.limit(BUY, 1, 49_000, time_in_force=TimeInForce.FOK)
    slow.quote(48_000, gap=True)
    assert slow.exchange.order("ann", "BTCUSDT", order.order_id).status is OrderStatus.EXPIRED
    late = slow.limit(BUY, 1, 47_500, time_in_force=TimeInForce.FOK)
    slow.quote(46_000)
    assert slow.exchange.order("ann", "BTCUSDT", late.order_id).status is OrderStatus.FILLED


def test_margin_is_looked_at_again_on_arrival(slow: Pit) -> None:
    for _ in range(3):
        slow.market(BUY, 30)
    slow.quote(50_000)
    assert [order.status for order in slow.exchange.all_orders("ann")].count(OrderStatus.EXPIRED) >= 1
    assert slow.exchange.summary("ann").available >= 0
    assert slow.held() <= D(40)


def test_a_triggered_stop_takes_its_time_as_well(slow: Pit) -> None:
    slow.market(BUY, 1)
    slow.quote(50_000)
    stop = slow.stop(SELL, 49_500)
    slow.quote(49_400)
    assert slow.exchange.algo("ann", stop.algo_id).status is StopStatus.TRIGGERED
    slow.quote(48_000)
    assert slow.held() == 0
    assert slow.exchange.trades("ann")[-1].price < D(49_500)


def test_a_request_staler_than_its_window_on_arrival_is_refused(slow: Pit) -> None:
    with pytest.raises(Refusal) as refused:
        slow.market(BUY, 1, patience_ms=29_999)
    assert refused.value.code == -5028
    assert slow.market(BUY, 1, patience_ms=30_000).order_id


def test_an_order_on_its_way_outlives_a_restart(slow: Pit) -> None:
    slow.market(BUY, 1)
    again = Exchange(slow.specs, now_ms=lambda: slow.now, realism=slow.realism)
    again.restore(slow.exchange.dump())
    slow.exchange = again
    slow.quote(50_100)
    assert slow.exchange.trades("ann")[0].price == D("50050.1")


def test_latency_is_drawn_from_its_seed_order_by_order() -> None:
    one, other = Realism(latency_ms=5, latency_tail_ms=20, seed=1), Realism(latency_ms=5, latency_tail_ms=20, seed=2)
    drawn = [delay_ms(one, number) for number in range(1, 500)]
    assert drawn == [delay_ms(one, number) for number in range(1, 500)]
    assert drawn != [delay_ms(other, number) for number in range(1, 500)]
    assert min(drawn) >= 5
    assert 20 <= sum(drawn) / len(drawn) <= 30
    assert max(drawn) <= 5 + 20 * 20


def test_orders_arrive_in_the_order_of_their_arrival(new_pit: type[Pit]) -> None:
    pit = new_pit(realism={"latency_ms": 1, "latency_tail_ms": 5_000})
    pit.quote(50_000)
    sent = [pit.market(BUY, "0.01") for _ in range(20)]
    assert len({order.arrives_ms for order in sent}) > 10
    pit.quote(50_000, after_ms=10 * MINUTE)
    traded = [trade.order_id for trade in pit.exchange.trades("ann")]
    assert traded == [order.order_id for order in sorted(sent, key=lambda o: (o.arrives_ms, o.order_id))]
