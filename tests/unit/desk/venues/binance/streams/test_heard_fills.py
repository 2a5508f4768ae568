"""Heard is not booked: a fill of the stream waits until the venue lists it, and the two must agree."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from desk.domain.moments import from_ms
from desk.domain.orders import Fill, Side
from desk.venues.binance.streams.account_events import HeardFill
from desk.venues.binance.streams.heard_fills import FillCount, HeardFills
from tests.unit.desk.venues.binance.streams.told import NOW

D = Decimal
HEARD = HeardFill(
    symbol="BTCUSDT",
    trade_id=1,
    order_id=11,
    side=Side.BUY,
    quantity=D("0.004"),
    price=D("50000"),
    fee=D("0.08"),
    fee_asset="USDT",
    at_ms=NOW,
)
LISTED = Fill(
    symbol="BTCUSDT",
    trade_id=1,
    order_id=11,
    side=Side.BUY,
    quantity=D("0.004"),
    price=D("50000"),
    fee=D("0.08"),
    realized=D(0),
    maker=False,
    at=from_ms(NOW),
)


def counted(fills: HeardFills) -> tuple[int, int, int, int]:
    told: FillCount = fills.count()
    return told.heard, told.confirmed, told.unconfirmed, told.contradicted


def test_a_fill_is_unconfirmed_until_the_venue_lists_it() -> None:
    fills = HeardFills()
    fills.hear(HEARD)
    assert counted(fills) == (1, 0, 1, 0)
    fills.confirm([LISTED])
    assert counted(fills) == (1, 1, 0, 0)


def test_told_early_and_again_with_its_fee_it_counts_once() -> None:
    fills = HeardFills()
    fills.hear(replace(HEARD, fee=None, fee_asset=""))
    fills.hear(HEARD)
    fills.confirm([LISTED])
    assert counted(fills) == (1, 1, 0, 0)


def test_a_fill_that_is_read_before_it_is_heard_is_no_news() -> None:
    fills = HeardFills()
    fills.confirm([LISTED])
    fills.hear(HEARD)
    assert counted(fills) == (0, 0, 0, 0)


def test_two_tellings_that_differ_in_price_are_told_apart() -> None:
    fills = HeardFills()
    fills.hear(replace(HEARD, price=D("50001")))
    fills.confirm([LISTED])
    assert counted(fills) == (1, 0, 0, 1)
