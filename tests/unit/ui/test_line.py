"""The drawn curve loses no fall and no peak, and the newest day grows without the old ones being read again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from desk.ledger import Point
from ui.window.line import LineKeeper, thinned

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def walk(values: Sequence[float], minutes: int = 1) -> list[tuple[datetime, float]]:
    return [(NOON + timedelta(minutes=minutes * index), value) for index, value in enumerate(values)]


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=2000), st.integers(3, 300))
def test_lowest_highest_and_last_stay_however_few_points_are_drawn(values: list[int], most: int) -> None:
    points = walk([float(value) for value in values])
    drawn = thinned(points, most)
    kept = [value for _, value in drawn]
    assert (min(kept), max(kept), drawn[-1]) == (min(values), max(values), points[-1])
    assert len(drawn) <= max(most, 3)
    assert sorted(drawn) == drawn


class Books:
    """A ledger that a test writes, and that knows how far back it was read."""

    def __init__(self, points: Sequence[tuple[datetime, float]]) -> None:
        self.kept, self.read = [Point(at, Decimal(value)) for at, value in points], 0

    def points(self, *, since: datetime | None = None) -> list[Point]:
        found = [point for point in self.kept if since is None or point.at >= since]
        self.read += len(found)
        return found


def test_a_fall_within_an_old_day_is_drawn_after_a_month() -> None:
    values = [10_000.0] * (30 * 24 * 60)
    values[777] = 9_000.0
    books = Books(walk(values))
    keeper = LineKeeper()
    line = keeper.whole(books).equity  # type: ignore[arg-type]  # a ledger as far as a line reads it
    assert min(value for _, value in line) == 9_000.0
    assert len(line) < len(values) / 10
    books.read = 0
    books.kept.append(Point(books.kept[-1].at + timedelta(minutes=1), Decimal(10_100)))
    assert keeper.whole(books).equity[-1][1] == 10_100.0  # type: ignore[arg-type]  # the same
    assert books.read <= 24 * 60 + 1


def test_the_line_of_a_unit_neither_rises_with_a_deposit_nor_falls_with_a_withdrawal_of_an_old_day_or_the_newest() -> (
    None
):
    moved = [Decimal(0), Decimal(5_000), Decimal(5_000), Decimal(-2_000)]
    books = Books([])
    keeper = LineKeeper()
    for day, transfers in enumerate(moved):
        at = NOON + timedelta(days=day)
        books.kept.append(Point(at, 10_000 + transfers, transfers))
        equity, unit = keeper.whole(books)  # type: ignore[arg-type]  # the same
        assert equity[-1] == (at, float(10_000 + transfers))
        assert unit[-1] == (at, 10_000.0)
    assert len(unit) == len(moved)
