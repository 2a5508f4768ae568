"""What an order may ask for beside side, price and size: matched prices, RPI, self-trade prevention, its end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desk.venues.paper.engine.values import (
    Execution,
    Expiry,
    NewAlgo,
    OrderEvent,
    OrderKind,
    OrderStatus,
    PriceMatch,
    Readings,
    Refusal,
    SelfTrade,
    Side,
    StopStatus,
    TimeInForce,
)
from tests.unit.desk.venues.paper.engine.pit import D, Pit

BUY, SELL = Side.BUY, Side.SELL
DAY = 86_400_000


def expiries(pit: Pit) -> list[Expiry]:
    """Why orders ended, in order, since last asked."""
    ended = (Execution.EXPIRED, Execution.CANCELED)
    events = pit.exchange.drain_events()
    return [event.expiry for event in events if isinstance(event, OrderEvent) and event.execution in ended]


# Rungs stand 0.1 % apart from 50,000.0 and 50,000.1: the n-th is n - 1 thousandths away, on the tick away from the mid.
@pytest.mark.parametrize(
    ("side", "match", "price"),
    [
        (BUY, PriceMatch.OPPONENT, "50000.1"),
        (BUY, PriceMatch.OPPONENT_5, "50200.2"),
        (BUY, PriceMatch.OPPONENT_10, "50450.2"),
        (BUY, PriceMatch.OPPONENT_20, "50950.2"),
        (BUY, PriceMatch.QUEUE, "50000"),
        (BUY, PriceMatch.QUEUE_5, "49800"),
        (BUY, PriceMatch.QUEUE_10, "49550"),
        (BUY, PriceMatch.QUEUE_20, "49050"),
        (SELL, PriceMatch.OPPONENT, "50000"),
        (SELL, PriceMatch.QUEUE, "50000.1"),
    ],
)
def test_a_matched_price_is_read_off_the_book(new_pit: type[Pit], side: Side, match: PriceMatch, price: str) -> None:
    pit = new_pit()
    pit.quote(50_000)
    order = pit.limit(side, "0.01", None, price_match=match)
    assert (order.price, order.price_match) == (D(price), match)


def test_a_book_not_deep_enough_matches_no_price(new_pit: type[Pit]) -> None:
    pit = new_pit()
    pit.ladder = pit.ladder[:4]
    pit.quote(50_000)
    with pytest.raises(Refusal, match="No depth matches this BBO order"):
        pit.limit(BUY, "0.01", None, price_match=PriceMatch.OPPONENT_5)
    assert not pit.exchange.all_orders("ann")


def test_a_conditional_limit_reads_its_price_when_it_triggers(pit: Pit) -> None:
    pit.market(BUY, 1)
    new = NewAlgo(
        symbol="BTCUSDT",
        side=SELL,
        type=OrderKind.STOP,
        trigger=D(49_000),
        quantity=D(1),
        price_match=PriceMatch.OPPONENT,
        reduce_only=True,
    )
    algo = pit.exchange.place_algo("ann", new)
    assert algo.price == 0
    pit.quote(48_900)
    order = pit.exchange.order("ann", "BTCUSDT", pit.exchange.algo("ann", algo.algo_id).order_id)
    assert (order.price, order.status) == (D("48999.9"), OrderStatus.FILLED)


def test_a_conditional_limit_whose_book_has_no_such_level_is_rejected_when_it_triggers(new_pit: type[Pit]) -> None:
    pit = new_pit()
    pit.ladder = pit.ladder[:4]
    pit.quote(50_000)
    new = NewAlgo(
        symbol="BTCUSDT",
        side=BUY,
        type=OrderKind.STOP,
        trigger=D(51_000),
        quantity=D(1),
        price_match=PriceMatch.QUEUE_5,
    )
    algo = pit.exchange.place_algo("ann", new)
    pit.quote(51_100)
    ended = pit.exchange.algo("ann", algo.algo_id)
    assert (ended.status, ended.reject_reason) == (StopStatus.REJECTED, "No depth matches this BBO order.")


def test_a_post_only_conditional_limit_that_would_take_is_rejected_when_it_triggers(pit: Pit) -> None:
    new = NewAlgo(
        symbol="BTCUSDT",
        side=BUY,
        type=OrderKind.STOP,
        trigger=D(51_000),
        quantity=D(1),
        price=D(51_100),
        time_in_force=TimeInForce.GTX,
    )
    algo = pit.exchange.place_algo("ann", new)
    pit.quote(51_050)
    assert pit.exchange.algo("ann", algo.algo_id).status is StopStatus.REJECTED


def test_an_rpi_order_is_met_by_the_outside_market_and_by_no_account(pit: Pit) -> None:
    pit.exchange.open_account("bob", D(100_000))
    pit.spread = D("0.001")
    pit.quote(50_000)
    order = pit.limit(BUY, "0.1", 50_000, time_in_force=TimeInForce.RPI)
    assert pit.exchange.depth("BTCUSDT", 1).bids[0].price < D(50_000)
    assert pit.exchange.mark("BTCUSDT").bid < D(50_000)
    pit.market(SELL, 1, "bob")
    assert pit.held() == 0
    pit.quote(49_900)
    assert pit.exchange.order("ann", "BTCUSDT", order.order_id).status is OrderStatus.FILLED


@pytest.mark.parametrize(
    ("mode", "tif", "reasons"),
    [
        (SelfTrade.EXPIRE_MAKER, TimeInForce.GTC, [Expiry.SELF_TRADE]),
        (SelfTrade.EXPIRE_TAKER, TimeInForce.GTC, [Expiry.SELF_TRADE]),
        (SelfTrade.EXPIRE_TAKER, TimeInForce.IOC, [Expiry.IOC_SELF_TRADE]),
        (SelfTrade.EXPIRE_BOTH, TimeInForce.IOC, [Expiry.SELF_TRADE, Expiry.IOC_SELF_TRADE]),
        (SelfTrade.NONE, TimeInForce.GTC, []),
    ],
)
def test_prevention_says_why_each_order_ended(
    pit: Pit, mode: SelfTrade, tif: TimeInForce, reasons: list[Expiry]
) -> None:
    pit.spread = D("0.001")
    pit.quote(50_000)
    pit.limit(BUY, "0.1", 50_000)
    pit.exchange.drain_events()
    pit.limit(SELL, "0.1", 50_000, self_trade=mode, time_in_force=tif)
    assert [reason for reason in expiries(pit) if reason is not Expiry.IOC] == reasons


def test_fill_or_kill_does_not_count_on_orders_it_would_expire(pit: Pit) -> None:
    pit.spread = D("0.001")
    pit.quote(50_000)
    pit.limit(SELL, 1, 50_000)
    with pytest.raises(Refusal) as refused:
        pit.limit(BUY, 1, 50_000, time_in_force=TimeInForce.FOK)
    assert refused.value.code == -5021
    order = pit.limit(BUY, 1, 50_000, time_in_force=TimeInForce.FOK, self_trade=SelfTrade.NONE)
    assert order.status is OrderStatus.FILLED


@pytest.mark.parametrize(
    ("more", "reason"),
    [({"time_in_force": TimeInForce.IOC}, Expiry.IOC), ({"type": OrderKind.MARKET}, Expiry.MARKET)],
)
def test_what_could_not_be_filled_says_so(new_pit: type[Pit], more: dict[str, object], reason: Expiry) -> None:
    pit = new_pit(market_take_bound=D("0.0005"))
    pit.quote(50_000)
    pit.exchange.drain_events()
    if "type" in more:
        pit.market(BUY, 3)
    else:
        pit.limit(BUY, 3, "50000.1", **more)
    assert expiries(pit) == [reason]


def test_good_till_cancelled_means_a_year(pit: Pit) -> None:
    order = pit.limit(BUY, "0.1", 30_000)
    pit.exchange.settle(order.created_ms + 365 * DAY - 1)
    assert pit.exchange.open_orders("ann")
    pit.exchange.settle(order.created_ms + 365 * DAY)
    assert pit.exchange.order("ann", "BTCUSDT", order.order_id).status is OrderStatus.CANCELED


def test_a_countdown_cancels_what_nobody_renewed(pit: Pit) -> None:
    pit.limit(BUY, "0.1", 49_000)
    stop = pit.stop(SELL, 48_000, close_position=False, quantity=D(1))
    pit.exchange.set_countdown("ann", "BTCUSDT", 1_000)
    pit.exchange.settle(pit.now + 999)
    pit.exchange.set_countdown("ann", "BTCUSDT", 2_000)
    pit.exchange.settle(pit.now + 1_999)
    assert pit.exchange.open_orders("ann")
    pit.exchange.settle(pit.now + 2_000)
    assert not pit.exchange.open_orders("ann")
    assert pit.exchange.algo("ann", stop.algo_id).status is StopStatus.NEW


def test_a_countdown_of_nothing_stops_it(pit: Pit) -> None:
    pit.limit(BUY, "0.1", 49_000)
    pit.exchange.set_countdown("ann", "BTCUSDT", 1_000)
    pit.exchange.set_countdown("ann", "BTCUSDT", 0)
    pit.exchange.settle(pit.now + 5_000)
    assert pit.exchange.open_orders("ann")


def test_in_the_other_reading_a_countdown_takes_conditional_orders_along(new_pit: type[Pit]) -> None:
    pit = new_pit(readings=Readings(countdown_cancels_algos=True))
    pit.quote(50_000)
    stop = pit.stop(SELL, 48_000, close_position=False, quantity=D(1))
    pit.exchange.set_countdown("ann", "BTCUSDT", 1_000)
    pit.exchange.settle(pit.now + 1_000)
    assert pit.exchange.algo("ann", stop.algo_id).status is StopStatus.CANCELED


def test_a_cancelled_order_without_a_fill_is_forgotten_after_three_days_and_a_filled_one_after_ninety(pit: Pit) -> None:
    empty = pit.limit(BUY, "0.1", 49_000)
    pit.exchange.cancel_order("ann", "BTCUSDT", empty.order_id)
    full = pit.market(BUY, "0.1")
    stop = pit.stop(SELL, 48_000)
    pit.exchange.cancel_algo("ann", stop.algo_id)
    resting = pit.limit(BUY, "0.1", 40_000)
    begun = pit.now
    pit.now = begun + 3 * DAY
    assert len(pit.exchange.all_orders("ann")) == 3
    pit.now += 1
    assert pit.exchange.all_orders("ann") == [full, resting]
    assert not pit.exchange.all_algos("ann")
    for ask in (
        lambda: pit.exchange.order("ann", "BTCUSDT", empty.order_id),
        lambda: pit.exchange.algo("ann", stop.algo_id),
    ):
        with pytest.raises(Refusal, match="Order does not exist"):
            ask()
    pit.now = begun + 90 * DAY + 1
    assert pit.exchange.all_orders("ann") == [resting]


def test_a_venue_may_be_told_to_forget_nothing(new_pit: type[Pit]) -> None:
    pit = new_pit(readings=Readings(forgets=False))
    pit.quote(50_000)
    order = pit.limit(BUY, "0.1", 49_000)
    pit.exchange.cancel_order("ann", "BTCUSDT", order.order_id)
    pit.now += 365 * DAY
    assert replace(order, status=OrderStatus.CANCELED, updated_ms=order.updated_ms) in pit.exchange.all_orders("ann")


# ---- reduce-only orders share one position ----


def test_a_reduce_only_order_behind_enough_others_is_refused(pit: Pit) -> None:
    pit.market(BUY, 1)
    pit.limit(SELL, 1, 51_000, reduce_only=True)
    with pytest.raises(Refusal) as refused:
        pit.limit(SELL, 1, 51_000, reduce_only=True)
    assert refused.value.code == -2022


def test_a_better_reduce_only_order_knocks_out_the_one_left_with_nothing(pit: Pit) -> None:
    pit.market(BUY, 1)
    far = pit.limit(SELL, 1, 51_000, reduce_only=True)
    pit.exchange.drain_events()
    near = pit.limit(SELL, 1, 50_500, reduce_only=True)
    assert expiries(pit) == [Expiry.KNOCKED_OUT]
    assert [order.order_id for order in pit.exchange.open_orders("ann")] == [near.order_id]
    assert pit.exchange.order("ann", "BTCUSDT", far.order_id).status is OrderStatus.EXPIRED


def test_a_shrinking_position_knocks_out_the_farthest_first_and_keeps_the_one_it_cuts(pit: Pit) -> None:
    pit.market(BUY, 1)
    kept = [pit.limit(SELL, "0.4", price, reduce_only=True) for price in (50_500, 50_600)]
    pit.limit(SELL, "0.2", 50_700, reduce_only=True)
    pit.market(SELL, "0.3")
    assert [order.order_id for order in pit.exchange.open_orders("ann")] == [order.order_id for order in kept]
    pit.quote(50_800)
    assert pit.held() == 0
    assert [trade.quantity for trade in pit.exchange.trades("ann")[-2:]] == [D("0.4"), D("0.3")]


def test_a_reduce_only_market_order_larger_than_the_position_is_cut(pit: Pit) -> None:
    pit.market(BUY, 1)
    pit.exchange.drain_events()
    order = pit.market(SELL, 2, reduce_only=True)
    assert (order.filled, order.status) == (D(1), OrderStatus.EXPIRED)
    assert expiries(pit) == [Expiry.KNOCKED_OUT]


def test_when_one_closing_stop_fills_the_other_ends(pit: Pit) -> None:
    pit.market(BUY, 1)
    stop = pit.stop(SELL, 49_000)
    profit = pit.stop(SELL, 51_000, type=OrderKind.TAKE_PROFIT_MARKET)
    pit.quote(51_500)
    assert pit.exchange.algo("ann", profit.algo_id).status is StopStatus.FINISHED
    assert pit.exchange.algo("ann", stop.algo_id).status is StopStatus.EXPIRED
