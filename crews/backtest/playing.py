"""One play of the crew: at each bar's open it decides on finished bars, and the bar is lived through.

The crew is the desk's own: snapshot, plan, specialists, decision and intent, before the production guard and engine.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from crews.backtest.doubting import Doubter, rows_to_ask
from crews.backtest.market import RecordedMarket
from crews.backtest.staging import Door, Troupe, crew_before
from crews.desk import Desk
from crews.record.record import DecisionRecord, VerdictKind
from desk.backtest.plan import LEAVE_LONG, LEAVE_SHORT, Plan
from desk.backtest.replay.asking import asked
from desk.backtest.replay.stage import ACCOUNT, Stage
from desk.backtest.replay.told import outcome_of
from desk.backtest.replay.values import Answer, Replayed
from desk.backtest.tape import Tape
from desk.backtest.terms import AccountTerms
from desk.backtest.trial.played import Played
from desk.backtest.trial.values import Honesty
from desk.domain.intents import Action
from desk.guard.bounds.limits import Limits
from desk.guard.door.wire import intent_to_json
from desk.venues.paper.engine.vocabulary.instruments import SymbolSpec

NAME = "crew"
_REASONS = 12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Play:
    """What a play came to, and how often the crew decided what for which reason, the most frequent first."""

    played: Played
    honesty: Honesty
    decisions: int
    decided: tuple[tuple[str, str, int], ...]


def play(
    history: Tape,
    first: int,
    specs: Sequence[SymbolSpec],
    terms: AccountTerms,
    limits: Limits,
    troupe: Troupe,
    *,
    doubts: int = 0,
    seed: int = 0,
    note: Callable[[int], None] = lambda row: None,
) -> Play:
    """Play the bars of `history` from row `first` on; those before are what the crew may look back at.

    At `doubts` rows, drawn by `seed`, it is asked on less as well. `note` is told each row. What is open at the end is
    closed at the last price.

    Raises:
        DataError: when market data is missing where the crew cannot do without.
    """
    tape = history.between(first, len(history))
    stage = Stage(tape=tape, specs=specs, terms=terms, limits=limits)
    rows = rows_to_ask(len(tape), doubts, seed)
    doubter = Doubter(history=history, first=first, stage=stage, troupe=troupe, rows=rows)
    desk = crew_before(stage, RecordedMarket(history, stage, troupe.headlines), troupe, Door(stage))
    actors = _Actors(stage=stage, desk=desk, doubter=doubter, wishes=_Wishes.of(stage))
    try:
        asyncio.run(actors.all_bars(note))
        return actors.told(first, troupe)
    finally:
        desk.close()


@dataclass
class _Actors:
    """The crew on its stage, and what it wished so far."""

    stage: Stage
    desk: Desk
    doubter: Doubter
    wishes: _Wishes
    equity: list[float] = field(default_factory=list[float])
    answers: list[Answer] = field(default_factory=list[Answer])
    decided: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])

    async def all_bars(self, note: Callable[[int], None]) -> None:
        for row in range(len(self.stage.tape)):
            self.stage.open_bar(row)
            if row:
                await self._decide(row)
            self.stage.live_bar()
            self.equity.append(self._equity())
            note(row)

    async def _decide(self, row: int) -> None:
        for at, symbol in enumerate(self.stage.tape.symbols):
            said = await self.doubter.asked(row, symbol)
            record = await self.desk.decide(symbol, f"backtest-{self.stage.clock.ms}")
            self.doubter.compare(row, record, said)
            self._heard(row, at, record)

    def told(self, first: int, troupe: Troupe) -> Play:
        stage = self.stage
        for symbol in tuple(stage.held):
            stage.guard.propose(intent_to_json(asked(stage, symbol, Action.CLOSE, strategy_id=NAME)))
            stage.settle()
        self.equity[-1] = self._equity()
        replayed = Replayed(
            trades=tuple(stage.trades),
            answers=tuple(self.answers),
            equity=stage.exchange.summary(ACCOUNT).margin_balance,
            bars=len(stage.tape),
            looks=stage.looks,
            resets=stage.resets,
        )
        played = Played(
            name=NAME,
            label=troupe.label,
            first=first,
            wishes=self.wishes.plan(),
            outcome=outcome_of(replayed, stage.tape, self.equity, stage.terms.deposit),
            replayed=replayed,
        )
        told = tuple((*what, count) for what, count in self.decided.most_common(_REASONS))
        return Play(played=played, honesty=self.doubter.told(), decisions=self.decided.total(), decided=told)

    def _heard(self, row: int, at: int, record: DecisionRecord) -> None:
        self.decided[record.action.value, record.rule] += 1
        self.wishes.note(row - 1, at, record)
        if record.verdict in (VerdictKind.APPROVED, VerdictKind.REDUCED, VerdictKind.REFUSED):
            self.answers.append(
                Answer(
                    row=row,
                    symbol=record.symbol,
                    action=record.action.value,
                    rule=record.rule,
                    refused=record.verdict is VerdictKind.REFUSED,
                    reduced=record.verdict is VerdictKind.REDUCED,
                )
            )

    def _equity(self) -> float:
        return float(self.stage.exchange.summary(ACCOUNT).margin_balance)


@dataclass
class _Wishes:
    """What the crew wished, as a sweep reads it: a wish at row t is acted on at the open of the next."""

    columns: dict[str, np.ndarray]
    risk: float
    slip: float

    @classmethod
    def of(cls, stage: Stage) -> Self:
        shape = stage.tape.close.shape
        columns = {name: np.zeros(shape, dtype=np.int8) for name in ("enter", "leave")}
        columns |= {name: np.zeros(shape) for name in ("stop", "target", "size")}
        return cls(columns=columns, risk=float(stage.limits.risk_per_trade), slip=stage.terms.slippage)

    def note(self, row: int, at: int, record: DecisionRecord) -> None:
        columns = self.columns
        if record.action is Action.CLOSE:
            columns["leave"][row, at] = LEAVE_LONG | LEAVE_SHORT
        if not record.action.opens:
            return
        side = 1 if record.action is Action.OPEN_LONG else -1
        stop = float(record.stop_pct)
        columns["enter"][row, at] = side
        columns["stop"][row, at], columns["target"][row, at] = stop, float(record.target_pct)
        # The guard sizes by what the stop would lose, and counts in marks; the sweep in fills, a slippage away.
        columns["size"][row, at] = float(record.conviction) * self.risk / stop * (1.0 + side * self.slip)

    def plan(self) -> Plan:
        return Plan(**self.columns)
