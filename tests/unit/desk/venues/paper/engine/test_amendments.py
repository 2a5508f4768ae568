"""Changing a resting order: what ends it, what is remembered of it, and how often it may be done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desk.venues.paper.engine.values import OrderStatus, PriceMatch, Refusal, Side, TimeInForce
from tests.unit.desk.venues.paper.engine.pit import MINUTE, D, Pit

BUY, SELL = Side.BUY, Side.SELL


def refused(ask: object) -> int:
    with pytest.raises(Refusal) as told:
        ask()  # pyright: ignore[reportCallIssue] - a test writes what it means
    return told.value.code


def test_each_change_is_remembered_with_what_stood_before(pit: Pit) -> None:
    order = pit.limit(BUY, "0.1", 49_000)
    pit.amend(order, "0.2", 49_000)
    pit.amend(order, "0.2", 49_100)
    first, second = pit.exchange.amendments("ann", "BTCUSDT", order.order_id)
    assert (first.quantity_before, first.quantity_after, first.count) == (D("0.1"), D("0.2"), 1)
    assert (second.price_before, second.price_after, second.count) == (D(49_000), D(49_100), 2)
    assert second.amendment_id > first.amendment_id


def test_a_change_can_leave_its_price_to_the_book(pit: Pit) -> None:
    order = pit.limit(BUY, "0.1", 49_000)
    changed = pit.amend(order, "0.1", None, price_match=PriceMatch.QUEUE_5)
    assert (changed.price, changed.price_match) == (D("49800.0"), PriceMatch.QUEUE_5)


def test_the_ten_thousand_and_first_change_is_refused(pit: Pit) -> None:
    order = pit.limit(BUY, "0.1", 49_000)
    account = pit.exchange._floor.accounts["ann"]
    account.orders[order.order_id] = replace(order, amendments=9_999)
    assert pit.amend(order, "0.2", 49_000).amendments == 10_000
    assert refused(lambda: pit.amend(order, "0.3", 49_000)) == -5026


def test_only_open_limit_orders_of_that_side_change(pit: Pit) -> None:
    order = pit.limit(BUY, "0.1", 49_000)
    assert refused(lambda: pit.amend(order, "0.2", 49_000, side=SELL)) == -2013
    assert refused(lambda: pit.amend(order, "0.2", 49_000, order_id=99)) == -2013
    pit.exchange.cancel_order("ann", "BTCUSDT", order.order_id)
    assert refused(lambda: pit.amend(order, "0.2", 49_000)) == -2013


def test_a_market_order_on_its_way_does_not_change(new_pit: type[Pit]) -> None:
    pit = new_pit(realism={"latency_ms": 500})
    pit.quote(50_000)
    assert refused(lambda: pit.amend(pit.market(BUY, "0.1"), "0.2", 49_000)) == -5025


def test_nothing_changes_once_the_contract_settles(new_pit: type[Pit]) -> None:
    pit = new_pit(delivery_ms=new_pit.opened_ms() + 5 * MINUTE)
    pit.quote(50_000)
    order = pit.limit(BUY, "0.1", 49_000)
    pit.now += 10 * MINUTE
    assert refused(lambda: pit.amend(order, "0.2", 49_000)) == -5024


def test_a_quantity_not_above_what_is_filled_ends_the_order(pit: Pit) -> None:
    order = pit.limit(BUY, 3, "50000.1")
    assert order.filled == D(2)
    assert pit.amend(order, 2, "50000.1").status is OrderStatus.CANCELED
    assert pit.held() == D(2)


@pytest.mark.parametrize("tif", [TimeInForce.GTX, TimeInForce.RPI])
def test_a_post_only_order_changed_into_the_market_ends(pit: Pit, tif: TimeInForce) -> None:
    order = pit.limit(BUY, 1, 49_000, time_in_force=tif)
    assert pit.amend(order, 1, 50_010).status is OrderStatus.CANCELED
    assert pit.held() == 0


def test_a_refused_change_keeps_the_place_in_the_queue(pit: Pit) -> None:
    pit.exchange.open_account("bob", D(100_000))
    pit.exchange.open_account("cat", D(100_000))
    first = pit.limit(BUY, "0.1", "50000.0", "ann")
    pit.limit(BUY, "0.1", "50000.0", "bob")
    assert refused(lambda: pit.amend(first, 60, "50000.0")) == -2019
    pit.market(SELL, "2.1", "cat")
    assert (pit.held("ann"), pit.held("bob")) == (D("0.1"), 0)
