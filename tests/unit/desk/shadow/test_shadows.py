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
from desk.shadow.books import Book, Costs
from desk.shadow.comparing import Difference, compare
from desk.shadow.desks import Moment, Shadow, coin, side_of, step

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


def test_the_random_desk_turns_over_what_the_crew_does_and_leaves_when_it_leaves() -> None:
    book = step(Shadow.RANDOM, START, at("100", opened=D("0.4"), crew_holds=True), FREE)
    assert abs(book.held["BTCUSDT"].quantity) * 100 == 400
    assert side_of(book, "BTCUSDT") == coin("i1")
    book = step(Shadow.RANDOM, book, at("101", crew_holds=True), FREE)
    assert "BTCUSDT" in book.held
    assert step(Shadow.RANDOM, book, at("101"), FREE).held == {}


def test_the_coin_is_fair_and_always_falls_the_same() -> None:
    tosses = [coin(f"i{number}") for number in range(2_000)]
    assert abs(sum(tosses)) < 150
    assert tosses == [coin(f"i{number}") for number in range(2_000)]


def test_stops_and_targets_end_a_shadows_trade() -> None:
    side = coin("i1")
    opened = step(Shadow.RANDOM, START, at("100", opened=D("0.5"), crew_holds=True), FREE)
    stopped = step(Shadow.RANDOM, opened, at(str(100 - side * 3), crew_holds=True), FREE)
    assert stopped.equity == 1000 - 15  # found at the mark, a per cent beyond the stop
    reached = step(Shadow.RANDOM, opened, at(str(100 + side * 8), crew_holds=True), FREE)
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
