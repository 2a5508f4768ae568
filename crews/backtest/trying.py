"""A trial of the crew: one play before the guard, the checks that it knows nothing it cannot know, and the doubt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crews.backtest.market import warm_up_of
from crews.backtest.playing import Play, play
from crews.backtest.staging import Troupe
from desk.backtest.recordings import Market
from desk.backtest.terms import AccountTerms
from desk.backtest.trial.played import try_played
from desk.backtest.trial.trial import Course, Note
from desk.backtest.trial.values import Result, Trial
from desk.domain.errors import ConfigError, DataError
from desk.guard.bounds.limits import Limits
from desk.ledger.values import Tried
from desk.market.intervals import interval_ms

# Bars at which the crew is asked on less data too, as many as a strategy's checks look at.
_CHECKED = 32
_FEWEST = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CrewTrial:
    """The trial, and what the crew decided in it."""

    trial: Trial
    play: Play


def look_back(troupe: Troupe, interval: str) -> int:
    """Recorded bars that the crew may look back over. Raises ConfigError for bars too long to make its signal."""
    signals = troupe.setup.default_tools.signal_interval
    if interval_ms(interval) > interval_ms(signals):
        raise ConfigError(
            f"the crew reads its signal on {signals} bars, which {interval} bars do not make",
            file="--interval",
            hint=f"--interval {signals}",
        )
    return warm_up_of(troupe.setup.snapshot.intervals, troupe.setup.snapshot.bars, interval_ms(interval))


def try_crew(
    market: Market,
    first: int,
    troupe: Troupe,
    terms: AccountTerms,
    limits: Limits,
    course: Course,
    count: Callable[[Sequence[Result]], Tried],
    note: Note = lambda step: None,
) -> CrewTrial:
    """Play the market from row `first` on, and try what came of it.

    Raises:
        DataError: for fewer bars than a decision needs before or after `first`.
    """
    bars = len(market.tape) - first
    if first < troupe.setup.snapshot.bars or bars < _FEWEST:
        raise DataError(
            f"the crew looks back over {troupe.setup.snapshot.bars:,} bars and is tried on {_FEWEST} at the least; "
            f"there are {first:,} before and {bars:,} after",
            hint="an earlier start of the recording, a later --from, or a shorter interval",
        )

    def told(row: int) -> None:
        if row % 10 == 0:
            note(f"agents {row / bars:.0%}")

    found = play(market.tape, first, market.specs, terms, limits, troupe, doubts=_CHECKED, seed=course.seed, note=told)
    return CrewTrial(trial=try_played(market, found.played, found.honesty, terms, course, count, note), play=found)
