"""The book pays before a request leaves, never beyond a limit, over restarts; one that is gone pays nothing."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.domain.errors import BudgetSpentError, PrerequisiteError
from memory.spending import Day, DayLimits, SpendingBook
from tests.unit.crews.fakes import FixedClock

LIMITS = DayLimits(tokens=1000, usd=Decimal(1), agent_tokens=600, agent_usd=Decimal("0.6"))
CENT = Decimal("0.01")


def book(folder: Path, clock: FixedClock | None = None, limits: DayLimits = LIMITS) -> SpendingBook:
    return SpendingBook(folder / "spending.sqlite", clock or FixedClock(), limits)


def test_what_a_crash_left_unsettled_stays_paid_in_the_next_run(tmp_path: Path) -> None:
    first = book(tmp_path)
    first.pay("chart", 500, Decimal("0.5"))
    first.close()
    again = book(tmp_path)
    assert again.day() == {"chart": Day(requests=1, tokens=500, usd=Decimal("0.5"))}
    with pytest.raises(BudgetSpentError, match="for chart"):
        again.pay("chart", 101, CENT)
    again.pay("chart", 100, CENT)


@pytest.mark.parametrize(
    ("agent", "tokens", "usd", "told"),
    [("news", 501, "0", "day's 1000 tokens"), ("news", 1, "0.51", "day's 1 USD"), ("chart", 1, "0.11", "for chart")],
)
def test_each_limit_holds_to_the_last_token_and_cent(
    tmp_path: Path, agent: str, tokens: int, usd: str, told: str
) -> None:
    kept = book(tmp_path)
    kept.pay("chart", 500, Decimal("0.5"))
    before = kept.day()
    with pytest.raises(BudgetSpentError, match=told):
        kept.pay(agent, tokens, Decimal(usd))
    assert kept.day() == before


def test_a_new_utc_day_begins_with_nothing_spent_and_a_late_answer_settles_the_old_one(tmp_path: Path) -> None:
    clock = FixedClock()
    kept = book(tmp_path, clock)
    day = kept.pay("chart", 600, Decimal("0.6"))
    clock.at += timedelta(days=1)
    kept.pay("chart", 600, Decimal("0.6"))
    kept.settle(day, "chart", -500, Decimal("-0.55"))
    assert kept.day(day)["chart"] == Day(requests=1, tokens=100, usd=Decimal("0.05"))
    assert kept.day()["chart"].tokens == 600


def test_two_books_of_one_profile_never_pay_the_same_room_twice(tmp_path: Path) -> None:
    books = [book(tmp_path), book(tmp_path)]
    refused: list[str] = []

    def spend(kept: SpendingBook, agent: str) -> None:
        for _ in range(15):
            try:
                kept.pay(agent, 50, CENT)
            except BudgetSpentError:
                refused.append(agent)

    threads = [threading.Thread(target=spend, args=(kept, name)) for kept, name in zip(books, "ab", strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(day.tokens for day in books[0].day().values()) == 1000
    assert len(refused) == 10


def test_a_book_that_is_gone_pays_for_nothing(tmp_path: Path) -> None:
    kept = book(tmp_path)
    kept.close()
    with pytest.raises(BudgetSpentError, match="nothing may be spent"):
        kept.pay("chart", 1, CENT)


def test_a_book_in_an_impossible_place_is_refused_before_the_desk_opens(tmp_path: Path) -> None:
    (tmp_path / "spending.sqlite").mkdir()
    with pytest.raises(PrerequisiteError, match="cannot be kept"):
        book(tmp_path)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(1, 400), st.integers(0, 500_000), st.integers(0, 100)), max_size=25
    )
)
def test_the_book_is_the_exact_sum_of_what_was_settled(
    tmp_path_factory: pytest.TempPathFactory, asked: list[tuple[str, int, int, int]]
) -> None:
    kept = book(tmp_path_factory.mktemp("book"))
    tokens, usd = 0, Decimal(0)
    for agent, most, micro, used in asked:
        cost = Decimal(micro) / 1_000_000
        try:
            day = kept.pay(agent, most, cost)
        except BudgetSpentError:
            continue
        spent = cost * used / 100
        kept.settle(day, agent, most * used // 100 - most, spent - cost)
        tokens, usd = tokens + most * used // 100, usd + spent
        assert tokens <= LIMITS.tokens
        assert usd <= LIMITS.usd
    assert sum(day.tokens for day in kept.day().values()) == tokens
    assert sum((day.usd for day in kept.day().values()), Decimal(0)) == usd
    kept.close()
