"""A search on this desk: its question, its tries in the ledger, and what its best is worth where nobody looked."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

import numpy as np

from config.loader import DeskConfig
from crews.record.bookkeeping import ledger_url
from crews.running.services import Folder
from desk.backtest.measures import drawdown
from desk.backtest.outcome import Outcome
from desk.backtest.recordings import Market
from desk.backtest.tape import Tape
from desk.backtest.terms import AccountTerms
from desk.learning.course import judge
from desk.learning.shelf import PolicyShelf
from desk.learning.sight import Mood
from desk.ledger import Ledger, TryRow
from desk.promotion.exam import Examined, examine
from desk.promotion.record import Record, daily_sharpe
from desk.search.quests import Attempt, LearningQuest, StrategyQuest, days_of
from desk.search.study import Best
from desk.strategies.library import Library

POLICY = "policy"
_DIGITS = Decimal("1e-12")
_LEVERAGE = 3.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Search:
    """What is looked for on a recorded market. `held` is the share of bars, the last, that no trial sees."""

    what: str
    market: Market
    config: DeskConfig
    folder: Folder
    library: Library
    now: datetime
    mood: Mood | None = None
    held: float = 0.3
    seed: int = 0

    @cached_property
    def cut(self) -> int:
        """The first bar that nobody looks at."""
        return int(len(self.market.tape) * (1.0 - self.held))

    @cached_property
    def quest(self) -> StrategyQuest | LearningQuest:
        """The question, about the bars before the cut. Raises DataError for a strategy that is not in the library."""
        searched, specs = self.market.tape.between(0, self.cut), self.market.specs
        if self.what == POLICY:
            return LearningQuest(tape=searched, specs=specs, made_at=self.now, mood=self.mood, seed=self.seed)
        self.library.rule(self.what)
        terms = AccountTerms(leverage=_LEVERAGE)
        return StrategyQuest(tape=searched, specs=specs, library=self.library, strategy=self.what, terms=terms)

    def count(self, attempt: Attempt) -> None:
        """Write a try into the ledger: whoever searches pays for it at the examination. Raises JournalError."""
        row = TryRow(
            digest=attempt.digest,
            family=self.market.family,
            strategy=self.what,
            at=self.now,
            days=len(attempt.daily),
            sharpe=Decimal(daily_sharpe(attempt.daily)).quantize(_DIGITS),
        )
        with closing(Ledger(ledger_url(self.config, self.folder))) as ledger:
            ledger.note_try(row)

    def worth(self, best: Best) -> tuple[Examined, str]:
        """The best, examined over the bars that nobody looked at, deflated for every try; and its policy's name."""
        outcome, name = self._policy(best) if isinstance(self.quest, LearningQuest) else (self._strategy(best), "")
        with closing(Ledger(ledger_url(self.config, self.folder))) as ledger:
            tried = ledger.tried(self.market.family)
        record = Record(
            daily=days_of(outcome),
            trades=len(outcome.trades),
            drawdown=drawdown(outcome.equity, outcome.deposit)[0],
            tries=max(1, tried.count),
            spread=tried.spread,
        )
        return examine(record), name

    def _strategy(self, best: Best) -> Outcome:
        quest = self.quest
        assert isinstance(quest, StrategyQuest)  # noqa: S101  the caller looked
        return _from(self.cut, quest.play(best.parameters, self.market.tape), self.market.tape)

    def _policy(self, best: Best) -> tuple[Outcome, str]:
        """Learnt anew from all that was searched, and put on the shelf: the search itself keeps no tables."""
        quest = self.quest
        assert isinstance(quest, LearningQuest)  # noqa: S101  the caller looked
        policy = quest.learn(best.parameters, self.market.tape)
        shelved = PolicyShelf(self.folder.policies).put(policy)
        return judge(policy, self.market.tape, self.market.specs, mood=self.mood), shelved.name


def _from(cut: int, outcome: Outcome, tape: Tape) -> Outcome:
    """An outcome's part from a row on: its account begins with what it was worth there."""
    rows = outcome.column("entry_row") >= cut
    return Outcome(
        symbols=outcome.symbols,
        open_time=tape.open_time[cut:],
        deposit=float(outcome.equity[cut - 1]),
        equity=np.ascontiguousarray(outcome.equity[cut:]),
        trades=outcome.trades[rows],
    )
