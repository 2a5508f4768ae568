"""Who does as well without thinking: nobody, who buys and holds, and who enters at random with the same turnover."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from desk.backtest.measures import measure
from desk.backtest.outcome import TRADE_COLUMNS, Outcome
from desk.backtest.plan import LEAVE_LONG, LEAVE_SHORT, Plan, Wishes, plan
from desk.backtest.run import run
from desk.backtest.tape import Tape
from desk.backtest.terms import AccountTerms, Contracts, Grid
from desk.backtest.trial.days import daily_returns
from desk.backtest.trial.values import Chance, Result

DRAWS = 200
_SIDE, _ENTRY, _EXIT = (TRADE_COLUMNS.index(name) for name in ("side", "entry_row", "exit_row"))


def result_of(name: str, tape: Tape, wishes: Plan, terms: AccountTerms, demands: Contracts) -> Result:
    """One run of a plan, measured."""
    outcome = run(tape, wishes, terms, demands)
    return Result(
        name=name,
        outcome=outcome,
        measures=measure(outcome, tape.step_ms),
        daily=daily_returns(tape.open_time, outcome.equity, terms.deposit),
    )


def flat(tape: Tape, terms: AccountTerms) -> Result:
    """Nothing done, nothing lost."""
    outcome = Outcome(
        symbols=tape.symbols,
        open_time=tape.open_time,
        deposit=terms.deposit,
        equity=np.full(len(tape), terms.deposit),
        trades=np.zeros((0, len(TRADE_COLUMNS))),
    )
    days = daily_returns(tape.open_time, outcome.equity, terms.deposit)
    return Result(name="flat", outcome=outcome, measures=measure(outcome, tape.step_ms), daily=days)


def hold(tape: Tape, terms: AccountTerms, demands: Contracts) -> Result:
    """The whole equity in equal parts into every symbol at the first bar, as if spot: no leverage, no funding."""
    enter = np.zeros(tape.close.shape, dtype=np.int8)
    enter[0] = 1
    # A little below the whole, so that fees and slippage leave enough for the last symbol.
    share = 0.995 / len(tape.symbols)
    calm = replace(terms, leverage=1.0, trail=0.0, break_even_at=0.0)
    # Years of funding would eat an isolated margin that nobody tops up; whoever holds for years holds the coin.
    spot = replace(tape, funding=np.zeros_like(tape.funding))
    return result_of("buy and hold", spot, plan(enter, stop=0.0, target=0.0, size=share), calm, demands)


def chance(
    tape: Tape,
    wishes: Plan,
    result: Result,
    terms: AccountTerms,
    demands: Contracts,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> Chance | None:
    """The result's own trades, their holding times and pauses shuffled: same turnover, same sides, no reason.

    Stops, targets and sizes are the strategy's usual ones. None where there were fewer than two trades.
    """
    if len(result.outcome.trades) < 2:
        return None
    rng = np.random.default_rng(seed)
    shuffled = (_shuffled(tape, wishes, result.outcome, rng) for _ in range(draws))
    totals = np.array([run(tape, one, terms, demands).equity[-1] / terms.deposit - 1.0 for one in shuffled])
    better = int((totals >= result.measures.total_return).sum())
    return Chance(
        draws=draws,
        median=float(np.median(totals)),
        low=float(np.quantile(totals, 0.025)),
        high=float(np.quantile(totals, 0.975)),
        better=(better + 1) / (draws + 1),
    )


def _shuffled(tape: Tape, wishes: Plan, outcome: Outcome, rng: np.random.Generator) -> Plan:
    """One other order of the same trades, symbol by symbol."""
    enter, leave = np.zeros(tape.close.shape, dtype=np.int8), np.zeros(tape.close.shape, dtype=np.int8)
    for symbol in range(len(tape.symbols)):
        own = outcome.trades[outcome.column("symbol") == symbol]
        if len(own):
            _lay_out(own, enter[:, symbol], leave[:, symbol], rng)
    return _with_usual_amounts(enter, leave, wishes)


def _lay_out(trades: Grid, enter: Wishes, leave: Wishes, rng: np.random.Generator) -> None:
    """Write one symbol's trades into its columns: each as long as one of them was, with the idle time cut anew."""
    begins, ends = trades[:, _ENTRY].astype(np.int64), trades[:, _EXIT].astype(np.int64)
    idle = len(enter) - 1 - int(np.maximum(ends - begins, 1).sum())
    cuts = np.sort(rng.integers(0, max(idle, 0) + 1, len(trades)))
    pauses = np.diff(cuts, prepend=0)
    order, row = rng.permutation(len(trades)), 0
    for pause, place in zip(pauses.tolist(), order.tolist(), strict=True):
        side, length = int(trades[place, _SIDE]), max(1, int(ends[place] - begins[place]))
        row = min(row + pause, len(enter) - 1)
        enter[row] = side
        row = min(row + length, len(enter) - 1)
        leave[row] |= LEAVE_LONG if side > 0 else LEAVE_SHORT


def _with_usual_amounts(enter: Wishes, leave: Wishes, wishes: Plan) -> Plan:
    """Stop, target and size as the strategy would ask for at that bar, or as it usually did where it names none."""
    shape, asked = enter.shape, wishes.enter != 0
    stop, target, size = (np.broadcast_to(c, shape) for c in (wishes.stop, wishes.target, wishes.size))
    unnamed = size <= 0
    filled = [np.where(unnamed, float(np.median(c[asked])) if asked.any() else 0.0, c) for c in (stop, target, size)]
    return Plan(enter=enter, leave=leave, stop=filled[0], target=filled[1], size=filled[2])
