"""Books divide what there is, grow while they win, shrink while they lose, and stop together."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.errors import DataError
from desk.strategies.books import Book, Books

BOOKS = Books(
    books={
        "core": Book(share=Decimal("0.4"), strategies=("trend",)),
        "scalping": Book(share=Decimal("0.35"), strategies=("range",)),
        "risk": Book(share=Decimal("0.25"), strategies=("hedge",)),
    }
)
RESULTS = st.lists(st.decimals(-100, 100, places=2), max_size=60)


def test_a_new_desk_trades_from_its_shares() -> None:
    assert BOOKS.capital("trend", Decimal(10_000), ()) == Decimal(4_000)
    assert BOOKS.capital("range", Decimal(10_000), ()) == Decimal(3_500)
    assert BOOKS.capital("hedge", Decimal(10_000), ()) == Decimal(2_500)


def test_a_book_shrinks_by_a_fifth_with_each_loss_and_grows_by_a_tenth_with_each_win() -> None:
    assert BOOKS.factor([Decimal(-1)]) == Decimal("0.8")
    assert BOOKS.factor([Decimal(-1), Decimal(1)]) == Decimal("0.88")
    assert BOOKS.factor([Decimal(0)]) == 1


@given(RESULTS)
def test_a_factor_never_leaves_its_bounds(results: list[Decimal]) -> None:
    assert BOOKS.least <= BOOKS.factor(results) <= BOOKS.most


@given(RESULTS, RESULTS, RESULTS)
def test_books_never_hold_more_than_the_whole(a: list[Decimal], b: list[Decimal], c: list[Decimal]) -> None:
    equity = Decimal(10_000)
    given_away = sum(BOOKS.capital(n, equity, r) for n, r in (("trend", a), ("range", b), ("hedge", c)))
    assert given_away <= equity


@pytest.mark.parametrize(("equity", "stopped"), [("9500.01", False), ("9500", True), ("9000", True)])
def test_a_portfolio_stops_at_five_per_cent_below_its_highest(equity: str, stopped: bool) -> None:
    assert BOOKS.is_stopped(Decimal(equity), Decimal(10_000)) is stopped


def test_shares_beyond_the_whole_or_a_strategy_in_two_books_do_not_load() -> None:
    with pytest.raises(ValueError, match="more than the whole"):
        Books(books={"a": Book(share=Decimal("0.8"), strategies=("x",)), "b": Book(share=1, strategies=("y",))})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="one book"):
        Books(books={n: Book(share=Decimal("0.4"), strategies=("x",)) for n in "ab"})


def test_a_strategy_without_a_book_has_no_capital() -> None:
    with pytest.raises(DataError, match="no book"):
        BOOKS.capital("nobody", Decimal(1), ())
