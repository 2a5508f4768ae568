"""Flow through a book: what trades explain is traded, what they do not is cancelled, and walls that lie are counted."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.errors import DataError
from desk.domain.market import Level, OrderBook
from desk.market.book_flow import BookFlow, FlowReading

AT = datetime(2024, 8, 5, 6, tzinfo=UTC)
STEPS = tuple(Decimal(n) / 100 for n in range(10))


def book(bids: dict[int, float], asks: dict[int, float]) -> OrderBook:
    """Quantities by place: 0 is the best of ten levels at 100.00 and below, and at 100.10 and above."""
    below = [Level(Decimal(100) - step, Decimal(str(bids.get(n, 1)))) for n, step in enumerate(STEPS)]
    above = [Level(Decimal("100.1") + step, Decimal(str(asks.get(n, 1)))) for n, step in enumerate(STEPS)]
    seen_below, seen_above = (tuple(level for level in side if level.quantity > 0) for side in (below, above))
    return OrderBook(symbol="SOLUSDT", at=AT, bids=seen_below, asks=seen_above)


def flowed(flow: BookFlow) -> FlowReading:
    reading = flow.reading
    assert reading is not None
    return reading


def test_one_look_tells_nothing() -> None:
    flow = BookFlow()
    flow.look(book({}, {}))
    assert flow.reading is None


def test_what_was_traded_was_not_cancelled() -> None:
    flow = BookFlow()
    flow.look(book({0: 10}, {}))
    flow.trade(100.0, 6)
    flow.look(book({0: 3}, {}))
    bids = flowed(flow).bids
    assert (bids.traded, bids.cancelled, bids.cancel_share) == (600, 100, pytest.approx(1 / 7, abs=1e-4))


def test_more_than_before_was_placed_even_where_some_was_traded() -> None:
    flow = BookFlow()
    flow.look(book({}, {0: 5}))
    flow.trade(100.1, 5)
    flow.look(book({}, {0: 8}))
    assert flowed(flow).asks.placed == pytest.approx(800.8)
    assert flowed(flow).pressure == -1.0


def test_a_wall_that_goes_untraded_was_pulled_and_one_that_is_eaten_was_not() -> None:
    pulled, eaten = BookFlow(), BookFlow()
    for flow in (pulled, eaten):
        flow.look(book({2: 40}, {}))
    eaten.trade(99.98, 39)
    for flow in (pulled, eaten):
        flow.look(book({}, {}))
    assert [(flowed(f).bids.walls_gone, flowed(f).bids.walls_pulled) for f in (pulled, eaten)] == [(1, 1), (1, 0)]


def test_what_left_the_visible_depth_is_not_called_cancelled() -> None:
    flow = BookFlow()
    flow.look(book({}, {}))
    flow.look(book({8: 0, 9: 0}, {}))
    assert flowed(flow).bids.cancelled == 0


def test_only_the_newest_looks_count() -> None:
    flow = BookFlow(looks=2)
    for quantity in (1, 9, 9, 9):
        flow.look(book({0: quantity}, {}))
    assert (flowed(flow).looks, flowed(flow).bids.placed) == (2, 0)


def test_a_broken_book_is_refused_and_forgotten() -> None:
    flow = BookFlow()
    flow.look(book({0: 1}, {}))
    with pytest.raises(DataError):
        flow.look(OrderBook(symbol="SOLUSDT", at=AT, bids=(), asks=()))
    flow.look(book({0: 2}, {}))
    assert flowed(flow).bids.placed == 100


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 50)), min_size=2, max_size=20))
def test_every_change_of_quantity_is_explained(steps: list[tuple[float, float]]) -> None:
    flow, quantities = BookFlow(), [round(quantity, 3) + 1 for quantity, _ in steps]
    for quantity, (_, sold) in zip(quantities, steps, strict=True):
        flow.look(book({0: quantity}, {}))
        flow.trade(100.0, sold)
    bids = flowed(flow).bids
    change = (quantities[-1] - quantities[0]) * 100
    assert bids.placed - bids.cancelled - bids.traded == pytest.approx(change, abs=1e-6)
    assert -1 <= flowed(flow).pressure <= 1
