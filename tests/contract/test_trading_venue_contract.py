"""What the guard may rely on at any venue: the contract of `desk.ports.TradingVenue`, tried on every implementation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from decimal import Decimal

import pytest

from desk.domain.errors import VenueRejectedError
from desk.domain.money import ZERO
from desk.domain.orders import OrderRequest, OrderStatus, Side, StopRequest, StopStatus, StopType
from tests.contract.conftest import SYMBOL, Bench

MOST_TRIES = 100


def stop_for(bench: Bench, side: Side, kind: StopType, distance: str) -> StopRequest:
    return StopRequest(
        symbol=SYMBOL, side=side, type=kind, trigger=bench.price_at(distance), client_id=bench.name("stop")
    )


def reached_stop(bench: Bench, side: Side, kind: StopType, distance: str) -> StopRequest:
    """Follow the market with a stop close by until it has been reached."""
    for _ in range(MOST_TRIES):
        stop = stop_for(bench, side, kind, distance)
        bench.venue.submit_stop(stop)
        bench.pass_minutes(5)
        if bench.held() == ZERO:
            return stop
        bench.venue.cancel_stop(SYMBOL, stop.client_id)
    raise AssertionError("the market never came to the stop")


def test_time_is_aware_and_never_runs_backwards(bench: Bench) -> None:
    before = bench.venue.server_time()
    bench.pass_minutes(1)
    after = bench.venue.server_time()
    assert before.tzinfo is UTC
    assert after - before == timedelta(minutes=1)


def test_every_mark_asked_for_is_there_and_fresh(bench: Bench) -> None:
    marks = bench.venue.marks([SYMBOL, "ETHUSDT"])
    assert set(marks) == {SYMBOL, "ETHUSDT"}
    assert all(mark.price > ZERO for mark in marks.values())
    assert abs(bench.venue.server_time() - marks[SYMBOL].at) <= timedelta(minutes=1)


def test_a_flat_account_is_worth_its_wallet(bench: Bench) -> None:
    account = bench.venue.account()
    assert account.positions == ()
    assert account.equity == account.wallet == account.available > ZERO


@pytest.mark.parametrize("side", list(Side))
def test_a_market_order_is_a_position_a_fill_and_a_fee(bench: Bench, side: Side) -> None:
    order = bench.trade(side, "0.010")
    found = bench.venue.find(SYMBOL, order.client_id)
    assert found is not None
    assert (found.status, found.filled) == (OrderStatus.FILLED, Decimal("0.010"))
    assert bench.held() == Decimal("0.010") * side.sign
    fills = [f for f in bench.venue.fills(SYMBOL, bench.start_of_time()) if f.order_id == found.order_id]
    assert sum(fill.quantity for fill in fills) == Decimal("0.010")
    assert all(fill.fee > ZERO and fill.side is side for fill in fills)
    assert found.average_price is not None
    assert min(f.price for f in fills) <= found.average_price <= max(f.price for f in fills)


def test_a_round_trip_changes_the_wallet_by_what_its_fills_say(bench: Bench) -> None:
    before, known = bench.venue.account().wallet, len(bench.venue.fills(SYMBOL, bench.start_of_time()))
    bench.trade(Side.BUY, "0.020")
    bench.trade(Side.SELL, "0.020", reduce_only=True)
    fills = bench.venue.fills(SYMBOL, bench.start_of_time())[known:]
    assert bench.venue.account().wallet - before == sum((f.realized - f.fee for f in fills), ZERO)
    assert [f.trade_id for f in fills] == sorted({f.trade_id for f in fills})


def test_an_open_position_is_in_the_equity(bench: Bench) -> None:
    bench.trade(Side.BUY, "0.020")
    bench.pass_minutes(1)
    account = bench.venue.account()
    position = account.position(SYMBOL)
    assert position is not None
    expected = position.quantity * (position.mark_price - position.entry_price)
    assert abs(position.unrealized - expected) < Decimal("0.001")
    assert abs(account.equity - account.wallet - expected) < Decimal("0.001")


def test_reduce_only_without_a_position_is_refused(bench: Bench) -> None:
    with pytest.raises(VenueRejectedError) as caught:
        bench.trade(Side.SELL, "0.010", reduce_only=True)
    assert caught.value.code == -2022


def test_reduce_only_never_turns_a_position_around(bench: Bench) -> None:
    bench.trade(Side.BUY, "0.010")
    bench.trade(Side.SELL, "0.030", reduce_only=True)
    assert bench.held() == ZERO


def test_what_never_existed_is_not_found(bench: Bench) -> None:
    assert bench.venue.find(SYMBOL, bench.name("nothing")) is None
    assert bench.venue.find_stop(SYMBOL, bench.name("nothing")) is None


def test_removing_what_is_not_there_is_not_an_error(bench: Bench) -> None:
    bench.venue.cancel(SYMBOL, bench.name("nothing"))
    bench.venue.cancel_stop(SYMBOL, bench.name("nothing"))


def test_preparing_a_symbol_twice_is_not_an_error(bench: Bench) -> None:
    bench.venue.prepare(SYMBOL, 3)
    bench.venue.prepare(SYMBOL, 3)


def test_a_stop_rests_apart_from_orders_until_it_is_removed(bench: Bench) -> None:
    bench.trade(Side.BUY, "0.010")
    stop = stop_for(bench, Side.SELL, StopType.STOP_MARKET, "-0.05")
    placed = bench.venue.submit_stop(stop)
    assert (placed.status, placed.trigger, placed.close_position) == (StopStatus.NEW, stop.trigger, True)
    assert [resting.client_id for resting in bench.venue.open_stops()] == [stop.client_id]
    assert bench.venue.open_orders() == ()
    bench.venue.cancel_stop(SYMBOL, stop.client_id)
    bench.venue.cancel_stop(SYMBOL, stop.client_id)
    assert bench.venue.open_stops() == ()
    found = bench.venue.find_stop(SYMBOL, stop.client_id)
    assert found is None or found.status is StopStatus.CANCELED


@pytest.mark.parametrize(("kind", "distance"), [(StopType.STOP_MARKET, "0.01"), (StopType.TAKE_PROFIT_MARKET, "-0.01")])
def test_a_stop_that_is_already_reached_is_refused(bench: Bench, kind: StopType, distance: str) -> None:
    bench.trade(Side.BUY, "0.010")
    with pytest.raises(VenueRejectedError) as caught:
        bench.venue.submit_stop(stop_for(bench, Side.SELL, kind, distance))
    assert caught.value.code == -2021
    assert bench.venue.open_stops() == ()


@pytest.mark.parametrize("entry", list(Side))
@pytest.mark.parametrize("kind", [StopType.STOP_MARKET, StopType.TAKE_PROFIT_MARKET])
def test_a_reached_stop_closes_the_whole_position_once(bench: Bench, entry: Side, kind: StopType) -> None:
    bench.trade(entry, "0.015")
    away = "-0.0003" if (entry is Side.BUY) is (kind is StopType.STOP_MARKET) else "0.0003"
    stop = reached_stop(bench, entry.opposite, kind, away)
    assert bench.venue.open_stops() == ()
    found = bench.venue.find_stop(SYMBOL, stop.client_id)
    assert found is not None
    assert found.status in (StopStatus.TRIGGERED, StopStatus.FINISHED)
    last = bench.venue.fills(SYMBOL, bench.start_of_time() - timedelta(days=2))[-1]
    assert last.side is entry.opposite
    assert last.quantity == Decimal("0.015")


def test_income_is_told_oldest_first(bench: Bench) -> None:
    bench.trade(Side.BUY, "0.010")
    rows = bench.venue.income(bench.start_of_time() - timedelta(days=2))
    assert [row.at for row in rows] == sorted(row.at for row in rows)


def test_history_begins_where_it_was_asked_to(bench: Bench) -> None:
    bench.trade(Side.BUY, "0.010")
    bench.pass_minutes(1)
    later = bench.venue.server_time()
    assert bench.venue.fills(SYMBOL, later) == ()
    bench.trade(Side.BUY, "0.010")
    assert sum(fill.quantity for fill in bench.venue.fills(SYMBOL, later)) == Decimal("0.010")


def test_orders_differ_only_by_their_client_id(bench: Bench) -> None:
    first = bench.trade(Side.BUY, "0.010")
    second = bench.trade(Side.BUY, "0.010")
    assert replace(first, client_id="") == replace(second, client_id="")
    views = [bench.venue.find(SYMBOL, order.client_id) for order in (first, second)]
    assert len({view.order_id for view in views if view is not None}) == 2
    assert isinstance(first, OrderRequest)
