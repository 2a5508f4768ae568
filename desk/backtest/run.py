"""Play a plan over a tape, compiled."""

from __future__ import annotations

import numpy as np

from desk.backtest.outcome import TRADE_COLUMNS, Outcome
from desk.backtest.plan import Plan
from desk.backtest.tape import Tape
from desk.backtest.terms import AccountTerms, Contracts, Grid
from desk.domain.errors import DataError

# Room for a trade every eighth bar; a plan that turns more often is played again with the room it needs.
_FIRST_ROOM, _BARS_A_TRADE = 4_096, 8


def run(tape: Tape, plan: Plan, terms: AccountTerms, contracts: Contracts) -> Outcome:
    """The outcome of a plan by the compiled kernel, equal to `reference.run_reference` to the last digit.

    Raises:
        DataError: when plan, contracts and tape are not about the same bars and symbols.
    """
    from desk.backtest import kernel

    if plan.enter.shape != tape.close.shape or contracts.step.shape[-1] != len(tape.symbols):
        raise DataError("the plan, the contracts and the tape are not about the same bars and symbols")
    equity = np.zeros(len(tape))
    columns = (tape.open, tape.high, tape.low, tape.close, tape.funding)
    wishes = (plan.enter, plan.leave, plan.stop, plan.target, plan.size)
    trades, room = np.zeros((0, len(TRADE_COLUMNS))), max(_FIRST_ROOM, tape.close.size // _BARS_A_TRADE)
    count = room + 1
    while count > room:
        room = max(room, count)
        held, trades = np.zeros((len(tape.symbols), kernel.WIDTH)), np.empty((room, len(TRADE_COLUMNS)))
        count = int(kernel.play(columns, wishes, scalars(terms), *demands(contracts), held, equity, trades))
    return Outcome(
        symbols=tape.symbols, open_time=tape.open_time, deposit=terms.deposit, equity=equity, trades=trades[:count]
    )


def scalars(terms: AccountTerms) -> Grid:
    """The account's terms in the kernel's order."""
    return np.array((terms.deposit, terms.taker_fee, terms.slippage, terms.leverage, terms.trail, terms.break_even_at))


def demands(contracts: Contracts) -> tuple[Grid, tuple[Grid, Grid, Grid]]:
    """The contracts' filters, a row for each symbol, and their brackets, in the kernel's order."""
    c = contracts
    filters = np.ascontiguousarray(np.stack((c.step, c.min_quantity, c.min_notional, c.most), axis=1))
    return filters, (c.cap, c.ratio, c.cum)
