"""Books trade side by side: sizes follow each book's own results, and one stop closes them all."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from desk.backtest.plan import Plan
from desk.backtest.terms import AccountTerms
from desk.domain.errors import DataError
from desk.strategies.books import Book, Books
from desk.strategies.portfolio import Portfolio, play_books
from tests.unit.desk.backtest.markets import FREE, plan_of, tape_of, terms_of

D = Decimal


def books(**changes: object) -> Books:
    shares = {"core": ("0.6", ("trend",)), "risk": ("0.4", ("hedge",))}
    made = {name: Book(share=D(share), strategies=own) for name, (share, own) in shares.items()}
    return Books.model_validate({"books": made, **changes})


# Falls two in a hundred at the third bar of every six, and comes back.
FALLS = tape_of([(100.0, 100.0, 98.0 if bar % 6 == 3 else 100.0, 100.0) for bar in range(30)])
STILL = tape_of([(100.0, 100.0, 100.0, 100.0)] * 30)


def played(tape: object, plans: dict[str, Plan], own: Books, terms: AccountTerms = FREE) -> Portfolio:
    return play_books(tape, plans, own, terms, terms_of(tape))  # type: ignore[arg-type]


def buying(stop: float = 0.01) -> Plan:
    return plan_of([1 if bar % 6 == 1 else 0 for bar in range(30)], stop=stop, size=0.5)


def idle() -> Plan:
    return plan_of([0] * 30, size=0.5)


def test_a_book_that_loses_ventures_less_each_time_and_the_others_do_not() -> None:
    own = played(FALLS, {"trend": buying(), "hedge": idle()}, books(portfolio_stop="0.2"))
    assert own.trades == {"core": 5, "risk": 0}
    assert own.factors == {"core": D("0.8") ** 5, "risk": D(1)}
    lost = -np.diff(np.unique(own.books["core"])[::-1])
    assert (np.diff(lost) < 0).all(), "each loss is smaller than the one before"
    assert (own.books["risk"] == 4_000).all()


def test_the_whole_is_the_sum_of_its_books_and_begins_with_the_deposit() -> None:
    own = played(STILL, {"trend": buying(), "hedge": idle()}, books())
    assert own.equity == pytest.approx(np.full(30, 10_000.0))
    assert own.stopped_at is None


def test_one_stop_closes_everything_and_nothing_opens_after_it() -> None:
    own = played(FALLS, {"trend": buying(), "hedge": buying()}, books(portfolio_stop="0.01"))
    assert own.stopped_at is not None
    assert own.equity[own.stopped_at] <= 9_900
    assert (own.equity[own.stopped_at :] == own.equity[own.stopped_at]).all()
    assert sum(own.trades.values()) < 10


def test_a_book_never_grows_into_anothers_share() -> None:
    assert books().room("core") == 1
    half = Books(books={"core": Book(share=D("0.4"), strategies=("trend",))})
    assert half.room("core") == D("2.5")


def test_a_strategy_without_a_book_and_no_strategy_at_all_are_refused() -> None:
    with pytest.raises(DataError, match="no book"):
        played(STILL, {"nobody": idle()}, books())
    with pytest.raises(DataError, match="no strategy"):
        played(STILL, {}, books())
