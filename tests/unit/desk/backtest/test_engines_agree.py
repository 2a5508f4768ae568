"""The compiled kernel and the plain rules give the same trades and the same equity, whatever is asked of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.backtest.plan import plan
from desk.backtest.reference import run_reference
from desk.backtest.run import run
from desk.backtest.terms import AccountTerms
from desk.domain.errors import DataError
from tests.unit.desk.backtest.markets import plan_of, random_plan, random_tape, tape_of, terms_of

TERMS = st.builds(
    AccountTerms,
    deposit=st.sampled_from([50.0, 10_000.0, 5_000_000.0]),
    taker_fee=st.sampled_from([0.0, 0.0005, 0.01]),
    slippage=st.sampled_from([0.0, 0.0002, 0.02]),
    leverage=st.sampled_from([1.0, 5.0, 20.0, 75.0]),
    trail=st.sampled_from([0.0, 0.02]),
    break_even_at=st.sampled_from([0.0, 0.01]),
)


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), symbols=st.integers(1, 4), bars=st.integers(1, 90), terms=TERMS)
def test_the_kernel_equals_the_reference(seed: int, symbols: int, bars: int, terms: AccountTerms) -> None:
    tape = random_tape(seed, bars, symbols)
    wanted, demands = random_plan(seed, tape, terms.leverage), terms_of(tape, terms.leverage)
    compiled, plain = run(tape, wanted, terms, demands), run_reference(tape, wanted, terms, demands)
    np.testing.assert_allclose(compiled.equity, plain.equity, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(compiled.trades, plain.trades, rtol=1e-9, atol=1e-9)


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), symbols=st.integers(1, 4), terms=TERMS)
def test_trades_add_up_to_the_change_of_equity_and_no_account_is_in_debt(
    seed: int, symbols: int, terms: AccountTerms
) -> None:
    tape = random_tape(seed, 150, symbols)
    outcome = run(tape, random_plan(seed, tape, terms.leverage), terms, terms_of(tape, terms.leverage))
    assert outcome.column("net").sum() == pytest.approx(outcome.equity[-1] - terms.deposit, abs=1e-6 * terms.deposit)
    assert outcome.equity[-1] >= -1e-6
    assert (outcome.column("entry_row") <= outcome.column("exit_row")).all()


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), cut=st.integers(20, 140))
def test_what_comes_later_changes_nothing_that_was(seed: int, cut: int) -> None:
    tape, terms = random_tape(seed, 150, 2), AccountTerms()
    wanted, demands = random_plan(seed, tape, terms.leverage), terms_of(tape)
    whole = run(tape, wanted, terms, demands)
    first = plan(
        wanted.enter[:cut],
        leave=wanted.leave[:cut],
        stop=wanted.stop[:cut],
        target=wanted.target[:cut],
        size=wanted.size[:cut],
    )
    part = run(tape.between(0, cut), first, terms, demands)
    np.testing.assert_array_equal(part.equity[:-1], whole.equity[: cut - 1])


def test_a_plan_that_turns_at_every_bar_is_recorded_whole() -> None:
    bars = 9_000
    tape = tape_of([(100.0, 100.0, 100.0, 100.0)] * bars)
    outcome = run(tape, plan_of([1, -1] * (bars // 2)), AccountTerms(taker_fee=0, slippage=0), terms_of(tape))
    assert len(outcome.trades) == bars - 1


def test_a_plan_about_other_bars_is_refused() -> None:
    tape = tape_of([(100.0, 100.0, 100.0, 100.0)] * 3)
    with pytest.raises(DataError, match="not about the same bars"):
        run(tape, plan_of([1, 0]), AccountTerms(), terms_of(tape))
