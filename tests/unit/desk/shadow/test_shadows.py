"""The shadows keep honest books, turn over what the crew turns over, and are compared day by day or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.errors import JournalError
from desk.shadow.books import Book, Charge, Costs
from desk.shadow.comparing import Difference, compare
from desk.shadow.desks import Moment, Shadow, side_of, step
from desk.shadow.rhythm import coin

D = Decimal
COSTS = Costs(fee=D("0.0005"), slippage=D("0.001"))
FREE = Costs(fee=D(0), slippage=D(0))
MOMENT = Moment(
    symbol="BTCUSDT", mark=D(100), opened=D(0), crew_holds=False, lot="i1", stop_pct=D("0.02"), target_pct=D("0.05"),
    symbols=2,
)  # fmt: skip
START = Book.of(D(1000))
PRICES = st.decimals("1", "10000", places=2)


def at(mark: str, **changes: object) -> Moment:
    return replace(MOMENT, mark=D(mark), **changes)


@given(entry=PRICES, exit_=PRICES, share=st.decimals("-1", "1", places=3))
def test_what_a_trade_gains_is_the_move_less_the_costs(entry: Decimal, exit_: Decimal, share: Decimal) -> None:
    book = START.told("BTCUSDT", entry, COSTS).opened("BTCUSDT", 1000 * share, COSTS, stop_pct=None, target_pct=None)
    held = book.held.get("BTCUSDT")
    book = book.told("BTCUSDT", exit_, COSTS).closed("BTCUSDT", exit_, COSTS)
    assert book.held == {}
    if held is None:
        assert book.equity == 1000
        return
    side = 1 if held.quantity > 0 else -1
    filled = exit_ * (1 - side * COSTS.slippage)
    gained = held.quantity * (filled - held.entry) - abs(held.quantity) * (filled + held.entry) * COSTS.fee
    assert book.equity == pytest.approx(1000 + gained, abs=D("1e-4") + abs(held.quantity) * D("1e-7"))


@given(marks=st.lists(PRICES, min_size=2, max_size=20))
def test_a_book_survives_its_own_text(marks: list[Decimal]) -> None:
    book = START
    for mark in marks:
        book = step(Shadow.HOLD, book, at(str(mark)), COSTS)
    assert Book.from_json(book.to_json()) == book


def test_what_is_no_book_is_told() -> None:
    with pytest.raises(JournalError):
        Book.from_json('{"wallet": "1"}')


def test_nobody_does_nothing() -> None:
    book = START
    for mark in ("100", "50", "200"):
        book = step(Shadow.FLAT, book, at(mark, opened=D("0.5")), COSTS)
    assert (book.equity, book.held) == (1000, {})


def test_buy_and_hold_buys_each_symbol_once_in_equal_parts() -> None:
    book = step(Shadow.HOLD, START, at("100"), FREE)
    book = step(Shadow.HOLD, book, replace(at("10"), symbol="ETHUSDT"), FREE)
    worth = {symbol: one.quantity * one.entry for symbol, one in book.held.items()}
    assert worth["BTCUSDT"] == pytest.approx(D("497.5"))
    assert worth["ETHUSDT"] == pytest.approx(D("497.5"))
    assert step(Shadow.HOLD, book, at("120"), FREE).equity == pytest.approx(1000 + D("497.5") / 5)


def crew_of(moments: int, *, every: int, keeps: int) -> list[Moment]:
    """A crew that opens every so many moments and keeps it for some of them."""
    return [
        at("100", opened=D("0.4") if n % every == 0 else D(0), crew_holds=n % every < keeps, lot=f"d{n}", at_ms=n)
        for n in range(moments)
    ]


def test_the_random_desk_opens_as_often_and_as_large_as_the_crew_at_times_and_on_sides_of_its_own() -> None:
    book, opened, together, sides, held = START, 0, 0, 0, 0
    for moment in crew_of(1_500, every=20, keeps=8):
        before, book = book, step(Shadow.RANDOM, book, moment, FREE)
        held += bool(book.held)
        if book.held and not before.held:
            assert abs(book.held["BTCUSDT"].quantity) * 100 == pytest.approx(400)
            opened, together = opened + 1, together + bool(moment.opened)
            sides += side_of(book, "BTCUSDT")
    assert opened == pytest.approx(75, rel=0.4)
    assert held == pytest.approx(1_500 * 8 / 20, rel=0.4)
    assert together < opened / 4, "the crew's times are not its own"
    assert abs(sides) < 40


def test_the_random_desk_does_nothing_before_the_crew_has_opened_once() -> None:
    book = START
    for number in range(50):
        book = step(Shadow.RANDOM, book, at("100", lot=f"d{number}"), FREE)
    assert book.held == {}


def test_funding_that_fell_due_between_two_looks_is_paid_by_longs_and_received_by_shorts() -> None:
    charges = (Charge(at_ms=5, rate=D("0.001")), Charge(at_ms=15, rate=D("-0.002")), Charge(at_ms=25, rate=D("0.004")))
    for side in (1, -1):
        book = START.charged("BTCUSDT", 10, D(100), charges).told("BTCUSDT", D(100), FREE)
        book = book.opened("BTCUSDT", D(500 * side), FREE, stop_pct=None, target_pct=None)
        book = book.charged("BTCUSDT", 20, D(100), charges)
        assert book.wallet == 1000 + side * 1
        assert book.charged("BTCUSDT", 20, D(100), charges).wallet == book.wallet, "nothing is charged twice"
        assert book.charged("BTCUSDT", 30, D(200), charges).wallet == book.wallet - side * 4


def test_a_book_of_before_funding_and_rhythm_still_reads() -> None:
    assert Book.from_json('{"wallet": "7", "held": {}, "marks": {}}') == Book.of(D(7))


def test_the_coin_is_fair_and_always_falls_the_same() -> None:
    tosses = [coin(f"i{number}") for number in range(2_000)]
    assert abs(sum(tosses)) < 150
    assert tosses == [coin(f"i{number}") for number in range(2_000)]


def test_stops_and_targets_end_a_shadows_trade() -> None:
    side, told = coin("i1"), START.told("BTCUSDT", D(100), FREE)
    opened = told.opened("BTCUSDT", D(500 * side), FREE, stop_pct=D("0.02"), target_pct=D("0.05"))
    stopped = step(Shadow.FLAT, opened, at(str(100 - side * 3)), FREE)
    assert stopped.equity == 1000 - 15  # found at the mark, a per cent beyond the stop
    reached = step(Shadow.FLAT, opened, at(str(100 + side * 8)), FREE)
    assert reached.equity == 1000 + 25  # filled at the target, not beyond


@pytest.mark.parametrize(
    ("said", "held", "after"), [("BUY", 0, 1), ("SELL", 0, -1), ("HOLD", 0, 0), ("SELL", 1, 0), ("BUY", 1, 1)]
)
def test_the_policys_desk_does_what_the_policy_says(said: str, held: int, after: int) -> None:
    book = START.told("BTCUSDT", D(100), FREE)
    if held:
        book = book.opened("BTCUSDT", D(500 * held), FREE, stop_pct=None, target_pct=None)
    heard: list[int] = []

    def advice(side: int) -> str:
        heard.append(side)
        return said

    assert side_of(step(Shadow.POLICY, book, at("100", advice=advice), FREE), "BTCUSDT") == after
    assert heard == [held]


def curve(returns: np.ndarray, start: date = date(2026, 1, 1)) -> dict[date, Decimal]:
    values = 1000 * np.cumprod(np.r_[1.0, 1.0 + returns])
    return {start + timedelta(days=number): Decimal(repr(float(value))) for number, value in enumerate(values)}


def test_the_lead_is_told_by_month_and_in_all() -> None:
    drawn = np.random.default_rng(0).normal(0.0, 0.001, 58)
    found = compare(curve(drawn + 0.002), curve(drawn))
    assert [(one.month, one.days) for one in found] == [("2026-01", 30), ("2026-02", 28), ("", 58)]
    assert found[-1].lead is not None
    assert found[-1].lead.estimate == pytest.approx(0.002)
    assert found[-1].verdict == "the crew adds something"
    assert compare(curve(drawn), curve(drawn + 0.002))[-1].verdict == "the crew costs something"


def test_a_few_days_say_nothing() -> None:
    found = compare(curve(np.full(9, 0.01)), curve(np.zeros(9)))
    assert {one.verdict for one in found} == {"too few days to judge"}
    assert compare(curve(np.zeros(0)), curve(np.zeros(3))) == ()


def test_days_that_only_one_of_them_saw_are_not_compared() -> None:
    crew, shadow = curve(np.full(20, 0.01)), curve(np.zeros(20))
    del shadow[date(2026, 1, 5)]
    (_, whole) = compare(crew, shadow)
    assert isinstance(whole, Difference)
    assert whole.days == 19
    assert whole.crew == pytest.approx(1.01**20 - 1)
