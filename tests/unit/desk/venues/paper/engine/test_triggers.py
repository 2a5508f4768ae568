"""Conditional orders: refused when they would fire at once, released at their price, told step by step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desk.venues.paper.engine.trading.triggers import FIRST_ALGO_ID
from desk.venues.paper.engine.values import (
    NewAlgo,
    OrderKind,
    OrderStatus,
    Refusal,
    Side,
    StopStatus,
    TimeInForce,
    WorkingType,
)
from tests.unit.desk.venues.paper.engine.pit import D, Pit

BUY, SELL = Side.BUY, Side.SELL


def test_a_stop_becomes_a_market_order_at_its_trigger_and_every_step_is_told(pit: Pit) -> None:
    pit.market(BUY, 1)
    stop = pit.stop(SELL, 49_000)
    pit.story()
    pit.quote(48_500)
    assert pit.story() == [
        "Algo TRIGGERING",
        "Algo TRIGGERED",
        "Order NEW NEW",
        "Trade",
        "Account ORDER",
        "Order TRADE FILLED",
        "Algo FINISHED",
    ]
    done = pit.exchange.algo("ann", stop.algo_id)
    order = pit.exchange.order("ann", "BTCUSDT", done.order_id)
    assert (done.status, done.average_price) == (StopStatus.FINISHED, D("49000.0"))
    assert (order.original_type, order.algo_id, order.status) == (
        OrderKind.STOP_MARKET,
        stop.algo_id,
        OrderStatus.FILLED,
    )


def test_inside_a_continuous_leg_the_stop_fills_at_the_book_around_its_trigger(pit: Pit) -> None:
    pit.market(BUY, 3)
    pit.stop(SELL, 49_000)
    pit.quote(40_000)
    # two at the touch, one on the next rung: 49000 x 0.999 = 48951
    assert [t.price for t in pit.exchange.trades("ann")][-2:] == [D(49_000), D(48_951)]


def test_in_a_gap_the_stop_fills_at_the_new_book_far_from_its_trigger(pit: Pit) -> None:
    pit.market(BUY, 1)
    pit.stop(SELL, 49_000)
    pit.quote(47_000, gap=True)
    assert pit.exchange.trades("ann")[-1].price == D(47_000)
    assert pit.held() == 0


@pytest.mark.parametrize(
    ("kind", "side", "trigger", "fires_at", "stays_at"),
    [
        (OrderKind.STOP_MARKET, SELL, 49_000, 49_000, "49000.1"),
        (OrderKind.STOP_MARKET, BUY, 51_000, 51_000, "50999.9"),
        (OrderKind.TAKE_PROFIT_MARKET, SELL, 51_000, 51_000, "50999.9"),
        (OrderKind.TAKE_PROFIT_MARKET, BUY, 49_000, 49_000, "49000.1"),
    ],
)
def test_each_type_waits_for_its_own_direction_and_fires_on_the_touch(
    pit: Pit, kind: OrderKind, side: Side, trigger: int, fires_at: object, stays_at: object
) -> None:
    pit.market(side.opposite, 1)
    stop = pit.stop(side, trigger, type=kind)
    pit.quote(stays_at)
    assert pit.exchange.algo("ann", stop.algo_id).status is StopStatus.NEW
    pit.quote(fires_at)
    assert pit.exchange.algo("ann", stop.algo_id).status is StopStatus.FINISHED
    assert pit.held() == 0


@pytest.mark.parametrize(
    ("kind", "side", "trigger"),
    [
        (OrderKind.STOP_MARKET, SELL, 50_000),
        (OrderKind.STOP_MARKET, BUY, 49_000),
        (OrderKind.TAKE_PROFIT_MARKET, SELL, 49_999),
        (OrderKind.TAKE_PROFIT_MARKET, BUY, 50_000),
    ],
)
def test_an_order_that_would_fire_at_once_is_refused(pit: Pit, kind: OrderKind, side: Side, trigger: int) -> None:
    with pytest.raises(Refusal) as refused:
        pit.stop(side, trigger, type=kind)
    assert refused.value.code == -2021
    assert refused.value.message == "Order would immediately trigger."


def test_the_mark_releases_a_mark_stop_while_the_last_price_stands_elsewhere(pit: Pit) -> None:
    pit.market(BUY, 1)
    on_mark = pit.stop(SELL, 49_500)
    on_last = pit.stop(SELL, "49400.0", working_type=WorkingType.CONTRACT_PRICE, type=OrderKind.STOP_MARKET)
    for _ in range(10):
        pit.quote(50_000, index=D(50_000), after_ms=1000)
    # One second of 2,000 below the index weighs a tenth in the mark's average basis: the mark stays near 49,800.
    pit.quote(48_000, index=D(50_000), after_ms=1000)
    assert pit.exchange.mark("BTCUSDT").mark > D(49_500)
    assert pit.exchange.algo("ann", on_last.algo_id).status is StopStatus.FINISHED
    assert pit.exchange.algo("ann", on_mark.algo_id).status is StopStatus.EXPIRED


def test_when_the_position_is_gone_orders_that_would_close_it_expire(pit: Pit) -> None:
    pit.market(BUY, 1)
    stop, target = pit.stop(SELL, 49_000), pit.stop(SELL, 52_000, type=OrderKind.TAKE_PROFIT_MARKET)
    pit.market(SELL, 1)
    assert pit.exchange.algo("ann", stop.algo_id).status is StopStatus.EXPIRED
    assert pit.exchange.algo("ann", target.algo_id).status is StopStatus.EXPIRED
    assert not pit.exchange.open_algos("ann")


def test_the_stop_of_a_pair_ends_the_target_of_the_same_position(pit: Pit) -> None:
    pit.market(BUY, 1)
    pit.stop(SELL, 49_000)
    target = pit.stop(SELL, 52_000, type=OrderKind.TAKE_PROFIT_MARKET)
    pit.quote(48_000)
    assert pit.exchange.algo("ann", target.algo_id).status is StopStatus.EXPIRED


def test_a_position_that_only_shrinks_keeps_its_stop_and_the_stop_closes_what_is_left(pit: Pit) -> None:
    pit.market(BUY, 1)
    stop = pit.stop(SELL, 49_000)
    pit.market(SELL, "0.4")
    pit.quote(48_000)
    done = pit.exchange.algo("ann", stop.algo_id)
    assert (done.status, done.filled) == (StopStatus.FINISHED, D("0.6"))
    assert pit.held() == 0


def test_a_closing_stop_with_nothing_to_close_expires_when_it_fires(pit: Pit) -> None:
    stop = pit.stop(SELL, 49_000)
    pit.quote(48_000)
    assert pit.exchange.algo("ann", stop.algo_id).status is StopStatus.EXPIRED
    assert not pit.exchange.all_orders("ann")


def test_margin_is_asked_for_at_the_trigger_and_its_lack_is_the_reason_told(pit: Pit) -> None:
    stop = pit.stop(SELL, 49_000, close_position=False, quantity=D(100))
    pit.quote(48_000)
    done = pit.exchange.algo("ann", stop.algo_id)
    assert (done.status, done.reject_reason) == (StopStatus.REJECTED, "Margin is insufficient.")


def test_a_reduce_only_stop_without_a_position_is_rejected_at_the_trigger(pit: Pit) -> None:
    stop = pit.stop(SELL, 49_000, close_position=False, reduce_only=True, quantity=D(1))
    pit.quote(48_000)
    assert pit.exchange.algo("ann", stop.algo_id).reject_reason == "ReduceOnly Order is rejected."


def test_a_protected_stop_is_not_released_into_a_torn_price(new_pit: type[Pit]) -> None:
    pit = new_pit(trigger_protect=D("0.01"))
    pit.quote(50_000, index=D(50_000))
    pit.market(BUY, 1)
    stop = pit.stop(SELL, 49_000, price_protect=True, working_type=WorkingType.CONTRACT_PRICE)
    for _ in range(10):
        pit.quote(50_000, index=D(50_000), after_ms=1000)
    pit.quote(48_000, index=D(50_000), after_ms=1000, gap=True)
    assert pit.exchange.algo("ann", stop.algo_id).status is StopStatus.REJECTED
    assert pit.held() == 1


def test_a_stop_limit_rests_as_a_limit_and_finishes_with_it(pit: Pit) -> None:
    pit.market(BUY, 1)
    stop = pit.stop(
        SELL,
        49_000,
        type=OrderKind.STOP,
        close_position=False,
        reduce_only=True,
        quantity=D(1),
        price=D(49_500),
        time_in_force=TimeInForce.GTC,
    )
    pit.quote(48_900)
    assert pit.exchange.algo("ann", stop.algo_id).status is StopStatus.TRIGGERED
    assert pit.exchange.open_orders("ann")[0].price == D(49_500)
    pit.quote(49_600)
    assert pit.exchange.algo("ann", stop.algo_id).status is StopStatus.FINISHED
    assert pit.held() == 0


def test_a_trailing_stop_follows_the_best_price_and_fires_on_the_way_back(pit: Pit) -> None:
    pit.market(BUY, 1)
    trail = pit.exchange.place_algo(
        "ann",
        NewAlgo(
            symbol="BTCUSDT",
            side=SELL,
            type=OrderKind.TRAILING_STOP_MARKET,
            quantity=D(1),
            reduce_only=True,
            callback_rate=D(1),
            activate_price=D(51_000),
        ),
    )
    assert not trail.activated
    pit.quote(50_990)
    pit.quote(50_000)
    assert pit.held() == 1
    pit.quote(52_000)
    pit.quote(51_500)
    assert pit.held() == 1
    pit.quote(51_000)
    assert pit.held() == 0
    assert pit.exchange.trades("ann")[-1].price == D(51_480)  # 52000 less 1 %


def test_two_hundred_conditional_orders_may_rest_and_not_one_more(pit: Pit) -> None:
    for n in range(200):
        pit.stop(SELL, 40_000 + n)
    with pytest.raises(Refusal) as refused:
        pit.stop(SELL, 49_000)
    assert refused.value.code == -4045


def test_a_stop_never_has_the_number_of_an_order(pit: Pit) -> None:
    orders = {pit.market(BUY, 1).order_id for _ in range(3)}
    stops = {pit.stop(SELL, 49_000).algo_id for _ in range(3)}
    assert min(stops) > FIRST_ALGO_ID - 1 > max(orders)
    assert len(stops) == 3


def test_a_client_id_in_use_is_refused_and_free_again_afterwards(pit: Pit) -> None:
    stop = pit.stop(SELL, 49_000, client_id="stop-1")
    with pytest.raises(Refusal) as refused:
        pit.stop(SELL, 48_000, client_id="stop-1")
    assert refused.value.code == -4116
    pit.exchange.cancel_algo("ann", stop.algo_id)
    newer = pit.stop(SELL, 48_000, client_id="stop-1")
    assert pit.exchange.algo("ann", client_id="stop-1").algo_id == newer.algo_id


def test_cancelling_a_conditional_order_that_fired_is_refused(pit: Pit) -> None:
    pit.market(BUY, 1)
    stop = pit.stop(SELL, 49_000)
    pit.quote(48_000)
    with pytest.raises(Refusal) as refused:
        pit.exchange.cancel_algo("ann", stop.algo_id)
    assert refused.value.code == -2011


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"quantity": D(1)}, -4137),
        ({"reduce_only": True}, -1106),
        ({"type": OrderKind.STOP, "price": D(49_000), "time_in_force": TimeInForce.GTC}, -4136),
        ({"trigger": None}, -1102),
        ({"trigger": D("49000.05")}, -4014),
        ({"trigger": D(0)}, -4006),
        ({"close_position": False}, -1102),
        ({"price": D(1)}, -1106),
        ({"client_id": "no spaces"}, -4015),
        ({"type": OrderKind.MARKET}, -1116),
        ({"type": OrderKind.TRAILING_STOP_MARKET, "close_position": False, "quantity": D(1)}, -1102),
    ],
)
def test_a_malformed_conditional_order_is_refused_with_binances_code(
    pit: Pit, changes: dict[str, object], code: int | None
) -> None:
    good = NewAlgo(symbol="BTCUSDT", side=SELL, type=OrderKind.STOP_MARKET, trigger=D(49_000), close_position=True)
    with pytest.raises(Refusal) as refused:
        pit.exchange.place_algo("ann", replace(good, **changes))
    assert refused.value.code == code


def test_a_fill_far_from_the_mark_releases_stops_on_the_last_price(pit: Pit) -> None:
    pit.exchange.open_account("bob", D(1_000_000))
    pit.market(BUY, 1)
    stop = pit.stop(SELL, 49_900, working_type=WorkingType.CONTRACT_PRICE)
    pit.market(SELL, 7, "bob")
    assert pit.exchange.algo("ann", stop.algo_id).status is StopStatus.FINISHED
