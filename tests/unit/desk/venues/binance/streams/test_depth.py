"""The local book is the venue's at the update it names, or it says that it is none: never a wrong one."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.errors import DataError
from desk.venues.binance.streams.depth import SNAPSHOT_LEVELS, LocalBook
from tests.unit.desk.venues.binance.streams.told import NOW

D = Decimal
Side = dict[int, int]


@dataclass
class Venue:
    """A book that changes, numbers its changes with gaps between them as the venue does, and remembers each state."""

    rng: random.Random
    bids: Side = field(default_factory=lambda: {100 - n: 5 for n in range(1, 9)})
    asks: Side = field(default_factory=lambda: {100 + n: 5 for n in range(1, 9)})
    last: int = 1000
    states: dict[int, tuple[Side, Side]] = field(default_factory=dict[int, tuple[Side, Side]])

    def __post_init__(self) -> None:
        self.states[self.last] = (dict(self.bids), dict(self.asks))

    def change(self) -> dict[str, Any]:
        previous = self.last
        first = previous + self.rng.randint(1, 4)
        self.last = first + self.rng.randint(0, 5)
        moved: tuple[Side, Side] = ({}, {})
        for side, side_moved, low in ((self.bids, moved[0], 80), (self.asks, moved[1], 101)):
            for _ in range(self.rng.randint(0, 3)):
                price = self.rng.randint(low, low + 19)
                side_moved[price] = self.rng.choice([0, 0, 1, 2, 3])
            for price, quantity in side_moved.items():
                if quantity:
                    side[price] = quantity
                else:
                    side.pop(price, None)
        self.bids.setdefault(80, 1)
        self.asks.setdefault(120, 1)
        moved[0].setdefault(80, self.bids[80])
        moved[1].setdefault(120, self.asks[120])
        self.states[self.last] = (dict(self.bids), dict(self.asks))
        return {
            "e": "depthUpdate",
            "E": NOW + self.last,
            "U": first,
            "u": self.last,
            "pu": previous,
            "b": [[str(price), str(quantity)] for price, quantity in moved[0].items()],
            "a": [[str(price), str(quantity)] for price, quantity in moved[1].items()],
        }

    def snapshot(self, levels: int) -> dict[str, Any]:
        bids = sorted(self.bids.items(), reverse=True)[:levels]
        asks = sorted(self.asks.items())[:levels]
        rows = [[[str(price), str(quantity)] for price, quantity in side] for side in (bids, asks)]
        return {"lastUpdateId": self.last, "E": NOW, "T": NOW, "bids": rows[0], "asks": rows[1]}


def agrees(book: LocalBook, venue: Venue) -> bool:
    """Whether the book is, as far as it reaches, the venue's at the same update."""
    told = book.whole()
    if told is None:
        return False
    assert book.update_id is not None
    bids, asks = venue.states[_state_at(venue, book.update_id)]
    ours = [(int(level.price), int(level.quantity)) for level in told.bids]
    theirs = sorted(bids.items(), reverse=True)
    assert ours == theirs[: len(ours)]
    ours = [(int(level.price), int(level.quantity)) for level in told.asks]
    assert ours == sorted(asks.items())[: len(ours)]
    return True


def _state_at(venue: Venue, update: int) -> int:
    return max(number for number in venue.states if number <= update)


@given(
    seed=st.integers(0, 2**32),
    faults=st.lists(st.sampled_from(["ok", "ok", "ok", "drop", "twice", "swap", "old"]), min_size=1, max_size=40),
    snapshots=st.sets(st.integers(0, 39), max_size=6),
    levels=st.sampled_from([3, 6, 1000]),
)
def test_any_drops_duplicates_and_reorderings_end_in_the_venues_book_or_in_none(
    seed: int, faults: list[str], snapshots: set[int], levels: int
) -> None:
    venue, book = Venue(random.Random(seed)), LocalBook("BTCUSDT")
    told: list[dict[str, Any]] = []
    held: dict[str, Any] | None = None
    for step, fault in enumerate(faults):
        change = venue.change()
        arriving = {"ok": [change], "drop": [], "twice": [change, change], "swap": [], "old": [change, *told[:1]]}[
            fault
        ]
        if held is not None:
            arriving, held = [*arriving, held], None
        if fault == "swap":
            held = change
        for message in arriving:
            told.append(message)
            book.apply(message)
            agrees(book, venue)
        if step in snapshots:
            book.start(venue.snapshot(levels), most=levels)
            agrees(book, venue)
    # A venue that goes on is caught up with by one snapshot and what follows it.
    book.start(venue.snapshot(levels), most=levels)
    book.apply(venue.change())
    book.start(venue.snapshot(levels), most=levels)
    for _ in range(5):
        assert book.apply(venue.change())
    # Of a snapshot that was cut off every known level may be gone by then; such a book is none, never a wrong one.
    assert agrees(book, venue) or levels < SNAPSHOT_LEVELS
    assert book.update_id == venue.last


def test_changes_that_came_before_the_snapshot_are_kept_and_joined() -> None:
    venue, book = Venue(random.Random(1)), LocalBook("BTCUSDT")
    early = [venue.change() for _ in range(3)]
    snapshot = venue.snapshot(1000)
    late = [venue.change() for _ in range(2)]
    assert [book.apply(change) for change in (*early, *late)] == [False] * 5
    assert book.start(snapshot)
    assert book.update_id == venue.last
    assert agrees(book, venue)


def test_a_gap_makes_the_book_unknown_until_a_new_snapshot() -> None:
    venue, book = Venue(random.Random(2)), LocalBook("BTCUSDT")
    book.start(venue.snapshot(1000))
    assert book.apply(venue.change())
    venue.change()
    assert not book.apply(venue.change())
    assert book.whole() is None
    assert book.start(venue.snapshot(1000))
    assert agrees(book, venue)


def test_a_line_that_broke_makes_the_book_unknown() -> None:
    venue, book = Venue(random.Random(3)), LocalBook("BTCUSDT")
    book.start(venue.snapshot(1000))
    book.lost()
    assert (book.whole(), book.update_id) == (None, None)


@pytest.mark.parametrize("broken", [{"u": "x"}, {"b": [["1"]]}, {"a": [["1", "-1"]]}, {"pu": None}])
def test_a_change_that_does_not_read_makes_the_book_unknown(broken: dict[str, Any]) -> None:
    venue, book = Venue(random.Random(4)), LocalBook("BTCUSDT")
    book.start(venue.snapshot(1000))
    with pytest.raises(DataError):
        book.apply(venue.change() | broken)
    assert book.whole() is None


def test_levels_beyond_a_snapshot_that_was_cut_off_are_not_told() -> None:
    venue, book = Venue(random.Random(5)), LocalBook("BTCUSDT")
    snapshot = venue.snapshot(3)
    book.start(snapshot, most=3)
    change = venue.change() | {"b": [["80", "7"]], "a": [["120", "7"]]}
    book.apply(change)
    told = book.whole()
    assert told is not None
    assert D(80) not in {level.price for level in told.bids}
    assert D(120) not in {level.price for level in told.asks}


def test_a_crossed_book_is_none() -> None:
    book = LocalBook("BTCUSDT")
    book.start({"lastUpdateId": 1, "E": NOW, "bids": [["101", "1"]], "asks": [["100", "1"]]})
    assert book.whole() is None
