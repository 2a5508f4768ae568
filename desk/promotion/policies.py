"""A learnt policy before the examiner: traded over what it never learnt from, beside the policy that advises now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from desk.backtest.measures import drawdown
from desk.backtest.outcome import Outcome
from desk.backtest.tape import Tape
from desk.backtest.trial.days import daily_returns
from desk.domain.errors import DataError
from desk.indicators.columns import Column
from desk.learning.course import judge, same_market
from desk.learning.policy import Policy
from desk.learning.sight import Mood
from desk.ledger.values import Tried
from desk.promotion.record import Record
from desk.venues.paper.engine.vocabulary.instruments import SymbolSpec


def record_of(
    policy: Policy,
    tape: Tape,
    specs: Sequence[SymbolSpec],
    tried: Tried,
    *,
    incumbent: Policy | None = None,
    mood: Mood | None = None,
) -> Record:
    """The policy's days out of sample, net of fees, slippage and funding, and the incumbent's on the same bars.

    Raises:
        DataError: the recorded market is not, number by number, the one whose end was held out.
    """
    if not same_market(policy, tape):
        raise DataError(
            "this is not the recorded market that the policy learnt from, so nothing says what it never saw",
            hint="the same symbols, interval, --from and --data as in its training; crew policy show tells them",
        )
    outcome = judge(policy, tape, specs, mood=mood)
    other = None if incumbent is None else _on_the_same_bars(incumbent, policy, tape, specs, mood)
    return Record(
        daily=days_of(outcome),
        trades=len(outcome.trades),
        drawdown=drawdown(outcome.equity, outcome.deposit)[0],
        tries=max(1, tried.count),
        spread=tried.spread,
        incumbent=None if other is None else days_of(other),
    )


def days_of(outcome: Outcome) -> Column:
    """Daily returns of an outcome."""
    return daily_returns(outcome.open_time, outcome.equity, outcome.deposit)


def _on_the_same_bars(
    incumbent: Policy, candidate: Policy, tape: Tape, specs: Sequence[SymbolSpec], mood: Mood | None
) -> Outcome:
    """What the incumbent did there. It may have learnt from some of these bars, which is to its own advantage."""
    span = replace(incumbent.origin, held_from=candidate.origin.held_from, held_until=candidate.origin.held_until)
    return judge(replace(incumbent, origin=span), tape, specs, mood=mood)
