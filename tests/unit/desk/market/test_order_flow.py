"""One symbol's flow: book, takers and forced orders together, each within its own window."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from desk.domain.market import Level, OrderBook
from desk.domain.orders import Side
from desk.market.order_flow import FORCED_WINDOW_MS, OrderFlow

AT = datetime(2026, 3, 2, tzinfo=UTC)
T0 = 1_772_409_600_000


def book(first_bid: int) -> OrderBook:
    bids = tuple(Level(Decimal(100 - n), Decimal(first_bid if n == 0 else 2)) for n in range(6))
    asks = tuple(Level(Decimal(101 + n), Decimal(2)) for n in range(6))
    return OrderBook(symbol="BTCUSDT", at=AT, bids=bids, asks=asks)


def test_a_wall_that_goes_without_a_trade_was_pulled_and_takers_are_counted_beside_it() -> None:
    flow = OrderFlow()
    flow.book(book(40))
    flow.trade(T0, 101.0, 1.0, Side.BUY)
    flow.book(book(2))
    reading = flow.reading(T0 + 1000)
    assert reading.book is not None
    assert (reading.book.bids.walls_gone, reading.book.bids.walls_pulled) == (1, 1)
    assert reading.takers.imbalance == 1.0


def test_forced_orders_are_told_by_the_side_they_traded_on_and_forgotten_in_time() -> None:
    flow = OrderFlow()
    flow.forced(T0, 100.0, 2.0, Side.SELL)
    flow.forced(T0 + 1000, 100.0, 1.0, Side.BUY)
    assert (flow.reading(T0 + 1000).forced.sold, flow.reading(T0 + 1000).forced.bought) == (200.0, 100.0)
    assert flow.reading(T0 + FORCED_WINDOW_MS).forced.sold == 0.0
    assert flow.reading(T0 + FORCED_WINDOW_MS + 1000).forced.orders == 0


def test_a_trade_that_was_overtaken_counts_as_now_and_before_two_looks_there_is_no_book_flow() -> None:
    flow = OrderFlow()
    flow.trade(T0 + 5, 100.0, 1.0, Side.BUY)
    flow.trade(T0, 100.0, 1.0, Side.SELL)
    flow.book(book(2))
    reading = flow.reading(T0 + 10)
    assert (reading.takers.trades, reading.book) == (2, None)
