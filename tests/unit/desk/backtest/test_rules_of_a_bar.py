"""What happens inside one bar, on markets where the answer can be worked out by hand. Both engines answer alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desk.backtest.outcome import Exit, Outcome
from desk.backtest.plan import Plan
from desk.backtest.reference import run_reference
from desk.backtest.run import run
from desk.backtest.tape import Tape
from desk.backtest.terms import AccountTerms, Contracts
from tests.unit.desk.backtest.markets import FREE, plan_of, tape_of, terms_of

FLAT = (100.0, 100.0, 100.0, 100.0)
Engine = Callable[[Tape, Plan, AccountTerms, Contracts], Outcome]


@pytest.fixture(params=[run, run_reference], ids=["compiled", "reference"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return request.param


def played(
    engine: Engine, tape: Tape, plan: Plan, terms: AccountTerms = FREE, demands: Contracts | None = None
) -> Outcome:
    return engine(tape, plan, terms, demands or terms_of(tape, terms.leverage))


def only_trade(outcome: Outcome) -> dict[str, float]:
    assert len(outcome.trades) == 1
    return {
        name: float(outcome.column(name)[0])
        for name in ("side", "quantity", "entry_row", "exit_row", "entry_price", "exit_price", "net", "reason")
    }


def test_a_wish_acts_at_the_next_open_and_not_before(engine: Engine) -> None:
    tape = tape_of([(100, 120, 100, 120), (121, 121, 121, 121), FLAT])
    trade = only_trade(played(engine, tape, plan_of([1, 0, 0])))
    assert (trade["entry_row"], trade["entry_price"]) == (1, 121)


def test_a_wish_on_the_last_bar_never_trades(engine: Engine) -> None:
    assert len(played(engine, tape_of([FLAT, FLAT]), plan_of([0, 1])).trades) == 0


def test_size_is_a_multiple_of_equity(engine: Engine) -> None:
    trade = only_trade(played(engine, tape_of([FLAT, FLAT]), plan_of([1, 0], size=2.0)))
    assert trade["quantity"] == pytest.approx(200)


def test_what_is_wanted_beyond_the_wallet_is_cut_to_what_margin_and_fee_leave(engine: Engine) -> None:
    terms = AccountTerms(deposit=10_000, taker_fee=0.001, slippage=0, leverage=5)
    trade = only_trade(played(engine, tape_of([FLAT, FLAT]), plan_of([1, 0], size=9.0), terms))
    assert trade["quantity"] * 100 == pytest.approx(10_000 / (1 / 5 + 0.001), abs=0.1)


def test_too_small_an_order_is_not_placed(engine: Engine) -> None:
    assert len(played(engine, tape_of([FLAT, FLAT]), plan_of([1, 0], size=0.004)).trades) == 0


def test_a_stop_fills_at_its_level(engine: Engine) -> None:
    tape = tape_of([FLAT, (100, 101, 97, 99), FLAT])
    trade = only_trade(played(engine, tape, plan_of([1, 0, 0], stop=0.02)))
    assert (trade["exit_row"], trade["exit_price"], trade["reason"]) == (1, 98, Exit.STOP)


def test_a_gap_over_the_stop_fills_at_the_open(engine: Engine) -> None:
    tape = tape_of([FLAT, FLAT, (95, 99, 94, 99), FLAT])
    trade = only_trade(played(engine, tape, plan_of([1, 0, 0, 0], stop=0.02)))
    assert (trade["exit_row"], trade["exit_price"], trade["reason"]) == (2, 95, Exit.STOP)


def test_when_stop_and_target_both_lie_in_the_bar_the_stop_is_taken(engine: Engine) -> None:
    tape = tape_of([FLAT, (100, 110, 90, 100), FLAT])
    trade = only_trade(played(engine, tape, plan_of([1, 0, 0], stop=0.02, target=0.03)))
    assert trade["reason"] == Exit.STOP


def test_a_gap_over_the_target_is_a_gain_at_the_open_whatever_the_bar_does_later(engine: Engine) -> None:
    tape = tape_of([FLAT, FLAT, (110, 111, 80, 80), FLAT])
    trade = only_trade(played(engine, tape, plan_of([1, 0, 0, 0], stop=0.02, target=0.03)))
    assert (trade["exit_price"], trade["reason"]) == (110, Exit.TARGET)


def test_a_short_mirrors_a_long(engine: Engine) -> None:
    tape = tape_of([FLAT, (100, 103, 99, 100), FLAT])
    trade = only_trade(played(engine, tape, plan_of([-1, 0, 0], stop=0.02)))
    assert (trade["side"], trade["exit_price"], trade["net"]) == (-1, 102, pytest.approx(-100))


def test_a_position_without_a_stop_is_liquidated_and_loses_its_margin_and_no_more(engine: Engine) -> None:
    tape = tape_of([FLAT, (100, 100, 50, 60), FLAT])
    outcome = played(engine, tape, plan_of([1, 0, 0], size=2.0))
    trade = only_trade(outcome)
    assert trade["reason"] == Exit.LIQUIDATION
    assert trade["net"] == pytest.approx(-10_000 * 2 / 5)
    # Margin 4,000 on 200 at 100, first bracket:
    # (4,000 + 0 - 20,000) / (200 x ratio - 200), above the bankruptcy price 80.
    assert 80 < trade["exit_price"] < 82


def test_a_stop_beyond_the_liquidation_price_does_not_save_the_position(engine: Engine) -> None:
    tape = tape_of([FLAT, (100, 100, 50, 60), FLAT])
    trade = only_trade(played(engine, tape, plan_of([1, 0, 0], size=2.0, stop=0.4)))
    assert trade["reason"] == Exit.LIQUIDATION


def test_longs_pay_funding_above_zero_and_shorts_receive_it(engine: Engine) -> None:
    tape = tape_of([FLAT, FLAT, FLAT], funding=[0, 0, 0.001])
    long = played(engine, tape, plan_of([1, 0, 0]))
    short = played(engine, tape, plan_of([-1, 0, 0]))
    assert long.column("funding")[0] == pytest.approx(-5)
    assert short.column("funding")[0] == pytest.approx(5)
    assert long.equity[-1] == pytest.approx(9_995)


def test_who_enters_at_the_boundary_is_not_charged(engine: Engine) -> None:
    tape = tape_of([FLAT, FLAT, FLAT], funding=[0, 0.001, 0])
    assert played(engine, tape, plan_of([1, 0, 0])).column("funding")[0] == 0


def test_a_trailing_stop_follows_only_from_the_next_bar_on(engine: Engine) -> None:
    terms = AccountTerms(deposit=10_000, taker_fee=0, slippage=0, leverage=5, trail=0.05)
    tape = tape_of([FLAT, (100, 120, 96, 118), (118, 118, 110, 112), FLAT])
    trade = only_trade(played(engine, tape, plan_of([1, 0, 0, 0]), terms))
    assert (trade["exit_row"], trade["exit_price"], trade["reason"]) == (2, 114, Exit.STOP)


def test_break_even_moves_the_stop_to_the_entry_once_the_profit_was_there(engine: Engine) -> None:
    terms = AccountTerms(deposit=10_000, taker_fee=0, slippage=0, leverage=5, break_even_at=0.03)
    tape = tape_of([FLAT, (100, 104, 100, 103), (103, 103, 99, 99), FLAT])
    trade = only_trade(played(engine, tape, plan_of([1, 0, 0, 0], stop=0.1), terms))
    assert (trade["exit_row"], trade["exit_price"]) == (2, 100)


def test_an_opposite_wish_turns_the_position_at_one_open(engine: Engine) -> None:
    outcome = played(engine, tape_of([FLAT, FLAT, FLAT, FLAT]), plan_of([1, -1, 0, 0]))
    assert outcome.column("side").tolist() == [1, -1]
    assert outcome.column("exit_row")[0] == outcome.column("entry_row")[1] == 2


def test_a_wish_in_the_direction_held_changes_nothing(engine: Engine) -> None:
    assert len(played(engine, tape_of([FLAT] * 4), plan_of([1, 1, 1, 0])).trades) == 1


def test_fee_and_slippage_are_paid_on_both_sides(engine: Engine) -> None:
    terms = AccountTerms(deposit=10_000, taker_fee=0.001, slippage=0.01, leverage=5)
    outcome = played(engine, tape_of([FLAT, FLAT]), plan_of([1, 0], size=0.101), terms)
    trade = only_trade(outcome)
    assert (trade["entry_price"], trade["exit_price"]) == (101, 99)
    assert outcome.column("fees")[0] == pytest.approx(trade["quantity"] * (101 + 99) * 0.001)
    assert outcome.equity[-1] == pytest.approx(10_000 + trade["net"])


def test_leverage_above_the_bracket_cuts_the_position_to_what_the_bracket_allows(engine: Engine) -> None:
    terms = AccountTerms(deposit=10_000_000, taker_fee=0, slippage=0, leverage=125)
    tape = tape_of([FLAT, FLAT])
    outcome = played(engine, tape, plan_of([1, 0], size=100.0), terms)
    assert only_trade(outcome)["quantity"] * 100 == pytest.approx(terms_of(tape, 125).most[0])
