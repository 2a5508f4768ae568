"""Walk-forward: choose by what was, trade what comes, move on. Only the stretches nobody chose by are counted.

Plans are made once over the whole tape, which is sound because row t of a plan depends on bars up to t alone; the
honesty checks of the trial are what makes that more than a hope. Each stretch begins flat and ends flat.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from desk.backtest.measures import drawdown
from desk.backtest.plan import Plan
from desk.backtest.run import run
from desk.backtest.tape import Tape
from desk.backtest.terms import AccountTerms, Contracts
from desk.backtest.trial.days import DAY_MS, daily_returns, ratio, ratio_interval, yearly_interval
from desk.backtest.trial.values import Candidate, WalkForward, Window
from desk.domain.errors import DataError
from desk.indicators.columns import Column

FEWEST_WINDOWS = 3


def stretches(tape: Tape, first: int, *, train_days: int, test_days: int) -> list[tuple[int, int, int]]:
    """(first row trained on, first row traded, row after the last) of every step.

    Raises:
        DataError: when there is no room for three steps.
    """
    train, test = (days * DAY_MS // tape.step_ms for days in (train_days, test_days))
    if test < 1 or train < 1 or (len(tape) - first - train) // max(1, test) < FEWEST_WINDOWS:
        raise DataError(
            f"no room for {FEWEST_WINDOWS} steps of {train_days} days to learn and {test_days} to trade",
            hint="a longer span, or shorter --train and --test",
        )
    starts = range(first + train, len(tape) - test + 1, test)
    return [(start - train, start, start + test) for start in starts]


def walk_forward(
    tape: Tape,
    candidates: Sequence[Candidate],
    terms: AccountTerms,
    demands: Contracts,
    *,
    train_days: int,
    test_days: int,
    note: Callable[[], None] = lambda: None,
) -> WalkForward:
    """Walk over the tape with these candidates; `note` is called after every step.

    Raises:
        DataError: when the tape is too short for it.
    """
    first = max(one.strategy.warm_up for one in candidates)
    steps = stretches(tape, first, train_days=train_days, test_days=test_days)
    plans = [one.strategy.plan(tape) for one in candidates]
    windows: list[Window] = []
    curves: list[Column] = []
    for trained_from, begin, end in steps:
        ratios = [_ratio(tape, its, terms, demands, trained_from, begin) for its in plans]
        best = int(np.argmax(ratios))
        outcome = run(tape.between(begin, end), plans[best].between(begin, end), terms, demands)
        windows.append(
            Window(
                trained_from=trained_from,
                first=begin,
                last=end,
                label=candidates[best].label,
                trained_sharpe=ratios[best],
                total_return=float(outcome.equity[-1] / terms.deposit - 1.0),
                trades=len(outcome.trades),
            )
        )
        curves.append(outcome.equity / terms.deposit)
        note()
    return _joined(tape, windows, curves)


def _ratio(tape: Tape, its: Plan, terms: AccountTerms, demands: Contracts, first: int, last: int) -> float:
    part = tape.between(first, last)
    outcome = run(part, its.between(first, last), terms, demands)
    return ratio(daily_returns(part.open_time, outcome.equity, terms.deposit))


def _joined(tape: Tape, windows: list[Window], curves: list[Column]) -> WalkForward:
    level, parts = 1.0, list[Column]()
    for curve in curves:
        parts.append(level * curve)
        level = float(parts[-1][-1])
    equity = np.concatenate(parts)
    rows = np.arange(windows[0].first, windows[-1].last, dtype=np.int64)
    daily = daily_returns(tape.open_time[rows], equity, 1.0)
    return WalkForward(
        windows=tuple(windows),
        equity=equity,
        rows=rows,
        daily=daily,
        yearly=yearly_interval(daily),
        sharpe=ratio_interval(daily),
        max_drawdown=drawdown(equity, 1.0)[0],
        trades=sum(one.trades for one in windows),
    )
