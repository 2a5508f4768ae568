"""The end of a dated contract: its price, its orders, its positions, and what is refused from then on."""

from __future__ import annotations

import pytest

from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.values import (
    Execution,
    Expiry,
    OrderEvent,
    OrderStatus,
    PositionSide,
    Refusal,
    Side,
    StopStatus,
)
from tests.unit.desk.venues.paper.engine.pit import MINUTE, START_MS, D, Pit

BUY, SELL = Side.BUY, Side.SELL
HOUR = 60 * MINUTE


@pytest.fixture
def dated() -> Pit:
    """A pit whose contracts are delivered an hour after it opened, with 1 BTC long bought at 50,000.1."""
    pit = Pit(delivery_ms=START_MS + HOUR, contract_type="CURRENT_QUARTER", funding_interval_hours=1)
    pit.quote(50_000)
    pit.market(BUY, 1)
    pit.exchange.drain_events()
    return pit


def test_the_price_is_the_mean_index_of_the_last_half_hour(dated: Pit) -> None:
    # 50,000 until the half hour begins, then 10 minutes at 51,000 and 20 at 52,500: their mean is 52,000.
    dated.quote(51_000, after_ms=29 * MINUTE)
    dated.quote(52_500, after_ms=10 * MINUTE)
    dated.exchange.settle(START_MS + HOUR)
    trade = dated.exchange.trades("ann")[-1]
    assert trade.price == D(52_000)
    assert trade.at_ms == START_MS + HOUR
    assert dated.held() == 0


def test_the_profit_is_income_of_its_own_kind_and_the_fee_a_takers(dated: Pit) -> None:
    dated.exchange.settle(START_MS + HOUR)
    kinds = [(row.kind, row.amount) for row in dated.exchange.income("ann")[-2:]]
    assert kinds == [("COMMISSION", D(-25)), ("DELIVERED_SETTELMENT", D("-0.1"))]
    assert dated.exchange.imbalance() == 0


def test_open_orders_end_as_delisted_and_the_position_by_an_order_of_the_venue(dated: Pit) -> None:
    resting = dated.limit(BUY, 1, 49_000)
    stop = dated.stop(SELL, 49_000)
    dated.exchange.drain_events()
    dated.exchange.settle(START_MS + HOUR)
    told = [e for e in dated.exchange.drain_events() if isinstance(e, OrderEvent)]
    assert (told[0].order.order_id, told[0].expiry) == (resting.order_id, Expiry.DELISTED)
    assert told[-1].execution is Execution.TRADE
    assert told[-1].order.client_id.startswith("settlement_autoclose-")
    assert told[-1].order.status is OrderStatus.FILLED
    assert dated.exchange.algo("ann", stop.algo_id).status is StopStatus.EXPIRED
    assert not dated.exchange.open_orders("ann")


def test_the_status_goes_from_trading_to_settling_to_closed(dated: Pit) -> None:
    assert dated.exchange.status("BTCUSDT") == "TRADING"
    dated.now = START_MS + HOUR
    assert dated.exchange.status("BTCUSDT") == "SETTLING"
    dated.exchange.settle(dated.now)
    assert dated.exchange.status("BTCUSDT") == "CLOSE"
    with pytest.raises(Refusal, match="Symbol is closed"):
        dated.market(BUY, 1)


def test_a_quote_past_the_moment_delivers_at_what_stood_before_it(dated: Pit) -> None:
    dated.quote(60_000, after_ms=2 * HOUR)
    assert dated.exchange.trades("ann")[-1].price == D(50_000)
    dated.quote(70_000)
    assert dated.exchange.mark("BTCUSDT").mark == D(50_000)


def test_no_funding_is_paid_on_a_dated_contract(dated: Pit) -> None:
    dated.exchange.settle(START_MS + HOUR - 1)
    assert not dated.exchange.funding_charges("BTCUSDT", 10)
    assert dated.exchange.mark("BTCUSDT").funding_rate == 0


def test_a_running_mean_outlives_a_restart(dated: Pit) -> None:
    dated.quote(51_000, after_ms=29 * MINUTE)
    dated.quote(52_500, after_ms=10 * MINUTE)
    again = Exchange(dated.specs, now_ms=lambda: dated.now)
    again.restore(dated.exchange.dump())
    again.settle(START_MS + HOUR)
    assert again.trades("ann")[-1].price == D(52_000)
    assert again.dump() != dated.exchange.dump()


def test_a_delivered_contract_stays_delivered_after_a_restart(dated: Pit) -> None:
    dated.now = START_MS + HOUR
    dated.exchange.settle(dated.now)
    again = Exchange(dated.specs, now_ms=lambda: dated.now)
    again.restore(dated.exchange.dump())
    assert again.status("BTCUSDT") == "CLOSE"


def test_both_sides_of_a_hedged_account_are_delivered(new_pit: type[Pit]) -> None:
    pit = new_pit(delivery_ms=START_MS + HOUR)
    pit.exchange.set_position_mode("ann", hedge=True)
    pit.quote(50_000)
    pit.market(BUY, 2, position_side=PositionSide.LONG)
    pit.market(SELL, 1, position_side=PositionSide.SHORT)
    pit.exchange.settle(START_MS + HOUR)
    assert not pit.exchange.positions("ann")
    assert pit.exchange.imbalance() == 0
