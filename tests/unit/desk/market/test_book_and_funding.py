"""The book and the funding in numbers: plain cases read plainly, and a broken book is no book."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.errors import DataError
from desk.domain.market import FundingPoint, Level, Mark, OrderBook
from desk.market.book import imbalance, read_book
from desk.market.funding import Crowding, read_funding

AT = datetime(2024, 8, 5, tzinfo=UTC)
Rungs = list[tuple[str, str]]


def book(bids: Rungs, asks: Rungs) -> OrderBook:
    def side(rungs: Rungs) -> tuple[Level, ...]:
        return tuple(Level(Decimal(price), Decimal(quantity)) for price, quantity in rungs)

    return OrderBook(symbol="BTCUSDT", at=AT, bids=side(bids), asks=side(asks))


def ladder(bid_size: str, ask_size: str, *, levels: int = 20) -> OrderBook:
    return book([(str(999 - i), bid_size) for i in range(levels)], [(str(1001 + i), ask_size) for i in range(levels)])


def mark(rate: str = "0.0001", price: str = "1000", index: str = "1000") -> Mark:
    return Mark(
        symbol="BTCUSDT",
        price=Decimal(price),
        index=Decimal(index),
        at=AT,
        funding_rate=Decimal(rate),
        next_funding=AT + timedelta(hours=2),
    )


def charges(*rates: float, hours: int = 8) -> list[FundingPoint]:
    return [FundingPoint(at=AT - timedelta(hours=hours * (len(rates) - i)), rate=rate) for i, rate in enumerate(rates)]


def test_the_spread_is_measured_in_basis_points_of_the_mid() -> None:
    reading = read_book(ladder("1", "1"))
    assert (reading.mid, reading.spread_bps) == (1000.0, 20.0)


def test_a_balanced_book_leans_nowhere() -> None:
    assert abs(imbalance(book([("999", "1.001")], [("1001", "0.999")]), 1)) < 1e-4


def test_the_heavier_side_pulls_the_imbalance_and_the_microprice() -> None:
    reading = read_book(ladder("3", "1"))
    assert all(0.4 < depth.imbalance < 0.6 for depth in reading.imbalances)
    assert [depth.levels for depth in reading.imbalances] == [1, 5, 10, 20]
    assert reading.microprice > reading.mid


def test_a_shallow_book_is_measured_as_deep_as_it_is() -> None:
    assert [depth.levels for depth in read_book(ladder("1", "1", levels=3)).imbalances] == [1, 3]


def test_a_wall_is_a_level_far_above_its_neighbours() -> None:
    bids = [(str(999 - i), "10" if i == 4 else "1") for i in range(10)]
    reading = read_book(book(bids, [(str(1001 + i), "1") for i in range(10)]))
    (wall,) = reading.walls
    assert (wall.bid, wall.price, wall.distance_bps) == (True, 995.0, 50.0)
    assert wall.multiple > 9


@pytest.mark.parametrize(
    ("bids", "asks"),
    [
        ([], [("1", "1")]),
        ([("1", "1")], []),
        ([("2", "1")], [("1", "1")]),
        ([("1", "1")], [("1", "1")]),
        ([("1", "1"), ("2", "1")], [("3", "1")]),
        ([("1", "1")], [("3", "1"), ("2", "1")]),
        ([("1", "0")], [("2", "1")]),
    ],
)
def test_a_broken_book_is_no_book(bids: Rungs, asks: Rungs) -> None:
    with pytest.raises(DataError):
        read_book(book(bids, asks))


@given(sizes=st.lists(st.integers(1, 10**6), min_size=2, max_size=40))
def test_an_imbalance_is_between_minus_one_and_one(sizes: list[int]) -> None:
    half = len(sizes) // 2
    bids = [(str(1000 - i), str(size)) for i, size in enumerate(sizes[:half])]
    asks = [(str(1001 + i), str(size)) for i, size in enumerate(sizes[half:])]
    reading = read_book(book(bids, asks))
    assert all(-1 <= depth.imbalance <= 1 for depth in reading.imbalances)
    assert float(bids[0][0]) <= reading.microprice <= float(asks[0][0])


def test_the_usual_rate_is_balanced_and_costs_eleven_per_cent_a_year() -> None:
    reading = read_funding(mark(), charges(*[1e-4] * 20))
    assert (reading.crowding, reading.extreme, reading.annual_pct) == (Crowding.BALANCED, False, 10.95)
    assert (reading.minutes_to_next, reading.interval_hours, reading.charges) == (120, 8.0, 20)
    assert reading.sigma is None


@pytest.mark.parametrize(("rate", "crowding"), [("0.0003", Crowding.LONGS_PAY), ("-0.0003", Crowding.SHORTS_PAY)])
def test_the_side_that_pays_is_the_crowded_one(rate: str, crowding: Crowding) -> None:
    assert read_funding(mark(rate), charges(1e-4, 1e-4)).crowding is crowding


def test_a_rate_far_from_its_own_past_is_extreme() -> None:
    past = charges(*[1e-4, 1.2e-4] * 10)
    reading = read_funding(mark("0.0005"), past)
    assert reading.extreme
    assert reading.sigma is not None
    assert reading.sigma > 3
    assert reading.rank == 1.0


def test_four_hour_funding_is_recognised_by_its_charges() -> None:
    reading = read_funding(mark("0.0001"), charges(*[1e-4] * 12, hours=4))
    assert reading.interval_hours == 4.0
    assert reading.annual_pct == 21.9


def test_without_history_there_is_no_rank() -> None:
    reading = read_funding(mark(), [])
    assert (reading.mean, reading.sigma, reading.rank, reading.interval_hours) == (None, None, None, 8.0)


def test_the_premium_is_the_mark_over_the_index() -> None:
    assert read_funding(mark(price="1001"), []).premium_bps == 10.0
    with pytest.raises(DataError):
        read_funding(mark(index="0"), [])
