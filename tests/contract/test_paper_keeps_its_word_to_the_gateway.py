"""What only a venue process can show: orders that rest, refusals with Binance's codes, and a power cut survived."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from desk.domain.errors import VenueRejectedError, VenueUnavailableError
from desk.domain.money import ZERO
from desk.domain.orders import OrderRequest, OrderStatus, OrderType, Side, StopRequest, StopType, TimeInForce
from desk.venues.binance import open_gateway
from tests.contract.conftest import SYMBOL, Bench
from tests.venue_process import VenueProcess, running_venue


def resting_buy(bench: Bench, distance: str = "-0.02") -> OrderRequest:
    return OrderRequest(
        symbol=SYMBOL,
        side=Side.BUY,
        type=OrderType.LIMIT,
        quantity=Decimal("0.010"),
        client_id=bench.name("limit"),
        reduce_only=False,
        price=bench.price_at(distance),
        time_in_force=TimeInForce.GTC,
    )


def refused_with(bench: Bench, order: OrderRequest) -> int:
    with pytest.raises(VenueRejectedError) as caught:
        bench.venue.submit(order)
    return caught.value.code


def test_a_limit_order_rests_until_it_is_cancelled(paper_bench: Bench) -> None:
    venue, order = paper_bench.venue, resting_buy(paper_bench)
    assert venue.submit(order).status is OrderStatus.NEW
    assert [(o.client_id, o.filled) for o in venue.open_orders()] == [(order.client_id, ZERO)]
    assert venue.open_stops() == ()
    venue.cancel(SYMBOL, order.client_id)
    venue.cancel(SYMBOL, order.client_id)
    assert venue.open_orders() == ()
    found = venue.find(SYMBOL, order.client_id)
    assert found is not None
    assert found.status is OrderStatus.CANCELED
    assert found.average_price is None


def test_the_same_client_id_is_not_accepted_twice(paper_bench: Bench) -> None:
    order = resting_buy(paper_bench)
    paper_bench.venue.submit(order)
    assert refused_with(paper_bench, order) == -4116
    assert len(paper_bench.venue.open_orders()) == 1


def test_a_post_only_order_that_would_trade_at_once_does_not(paper_bench: Bench) -> None:
    order = replace(resting_buy(paper_bench, "0.01"), time_in_force=TimeInForce.GTX)
    assert refused_with(paper_bench, order) == -5022
    assert paper_bench.held() == ZERO
    assert paper_bench.venue.open_orders() == ()


def test_refusals_carry_binances_codes(paper_bench: Bench) -> None:
    order = resting_buy(paper_bench)
    assert refused_with(paper_bench, replace(order, symbol="NOSUCHUSDT")) == -1121
    assert refused_with(paper_bench, replace(order, quantity=Decimal("0.00001"))) in (-1111, -4004)
    assert refused_with(paper_bench, replace(order, quantity=Decimal("500"))) in (-2019, -2027)
    assert refused_with(paper_bench, replace(order, price=Decimal("1000.05"))) in (-1111, -4014)


def test_prepared_leverage_and_isolation_are_those_of_the_position(paper_bench: Bench) -> None:
    paper_bench.venue.prepare(SYMBOL, 7)
    paper_bench.trade(Side.BUY, "0.010")
    position = paper_bench.venue.account().position(SYMBOL)
    assert position is not None
    assert (position.leverage, position.isolated) == (7, True)
    assert position.liquidation_price is not None
    assert position.liquidation_price < position.mark_price


def test_a_wrong_secret_is_refused(paper: VenueProcess) -> None:
    stranger = open_gateway(paper.url, paper.key, "x" * 64)
    with pytest.raises(VenueRejectedError) as caught:
        stranger.account()
    assert caught.value.code == -1022
    stranger.close()


def test_the_venue_reports_its_weight_and_the_gateway_reads_it(paper: VenueProcess) -> None:
    gateway = paper.gateway()
    before = gateway.used_weight
    gateway.account()
    assert gateway.used_weight > before
    gateway.close()


def test_a_paper_key_cannot_withdraw_and_the_account_is_one_way(paper: VenueProcess) -> None:
    gateway = paper.gateway()
    permissions = gateway.permissions()
    assert (permissions.can_trade, permissions.can_withdraw) == (True, False)
    assert gateway.position_mode().one_way
    assert gateway.rules()[SYMBOL].max_leverage >= 20
    gateway.close()


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[VenueProcess]:
    with running_venue(tmp_path / "venue") as venue:
        yield venue


def test_orders_positions_and_stops_survive_a_power_cut(mortal: VenueProcess) -> None:
    gateway = mortal.gateway()
    bench = Bench(gateway, lambda minutes: None, iter(range(1, 100)))
    bench.trade(Side.BUY, "0.010")
    limit = resting_buy(bench)
    gateway.submit(limit)
    trigger = bench.price_at("-0.03")
    stop = StopRequest(symbol=SYMBOL, side=Side.SELL, type=StopType.STOP_MARKET, trigger=trigger, client_id="stop-1")
    gateway.submit_stop(stop)
    account, fills = gateway.account(), gateway.fills(SYMBOL, bench.start_of_time())

    mortal.kill()
    with pytest.raises(VenueUnavailableError):
        gateway.account()
    mortal.start()

    after = gateway.account()
    assert (after.wallet, after.positions) == (account.wallet, account.positions)
    assert gateway.fills(SYMBOL, bench.start_of_time()) == fills
    assert [order.client_id for order in gateway.open_orders()] == [limit.client_id]
    assert [(resting.client_id, resting.trigger) for resting in gateway.open_stops()] == [("stop-1", trigger)]
    gateway.close()
