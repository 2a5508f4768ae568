"""The terminal says the verdict first and keeps every figure the machine is told."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from desk.backtest.terms import AccountTerms
from desk.backtest.trial.telling import trial_json
from desk.backtest.trial.trial import Course, try_out
from desk.ledger import Tried
from tests.unit.desk.backtest.trial.tapes import Idle, Turner, candidate, market_of, wander
from ui.backtest_screen import print_trial
from ui.terminal import THEME

MARKET, TERMS = market_of(wander(bars=24 * 100)), AccountTerms(leverage=3.0)


def shown(strategy: Turner | Idle, course: Course) -> tuple[str, dict]:
    many = (candidate(strategy),)
    told = trial_json(try_out(MARKET, many, TERMS, course, lambda runs: Tried(count=1, spread=0.0)), MARKET, TERMS)
    console = Console(file=StringIO(), width=100, theme=THEME)
    print_trial(told, console)
    return console.file.getvalue(), told  # type: ignore[attr-defined]


def test_verdict_baselines_belief_costs_and_steps_are_on_the_screen() -> None:
    text, told = shown(Turner(), Course(strain=True, walk=True, train_days=30, test_days=20))
    assert text.index(told["verdict"]) < text.index("buy and hold")
    for word in ("flat", "at random", "knows what comes", "deflated Sharpe", "3 times", "walk-forward", "nothing here"):
        assert word in text


def test_a_strategy_that_did_nothing_has_a_screen_too() -> None:
    text, _ = shown(Idle(), Course())
    assert "Too little happened" in text
