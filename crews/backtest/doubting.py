"""Does the crew know what it cannot know? At some bars it is asked once more, on less, before it decides.

Once with nothing after this moment: the bar that has begun shows its open alone, and none follow. Once with no more
before it than the crew may look back over. What it says must be what it then decides, on the same account.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from crews.backtest.market import RecordedMarket, warm_up_of
from crews.backtest.staging import ShutDoor, Troupe, crew_before
from crews.record.record import DecisionRecord
from desk.backtest.honesty import Betrayal
from desk.backtest.replay.stage import Stage
from desk.backtest.tape import Tape
from desk.backtest.terms import Grid
from desk.backtest.trial.values import Honesty
from desk.domain.intents import Action

_CODES = {Action.HOLD: 0.0, Action.OPEN_LONG: 1.0, Action.OPEN_SHORT: -1.0, Action.CLOSE: 2.0}


@dataclass(kw_only=True)
class Doubter:
    """Asks at `rows` of a stage whose first bar is row `first` of `history`, and keeps what did not agree."""

    history: Tape
    first: int
    stage: Stage
    troupe: Troupe
    rows: frozenset[int]
    hindsight: list[Betrayal] = field(default_factory=list[Betrayal])
    memory: list[Betrayal] = field(default_factory=list[Betrayal])

    async def asked(self, row: int, symbol: str) -> tuple[DecisionRecord, ...]:
        """What the crew would decide on less; nothing at a row that is not looked at."""
        if row not in self.rows:
            return ()
        at = self.first + row
        blind = _begun(self.history, at)
        warm_up = warm_up_of(self.troupe.setup.snapshot.intervals, self.troupe.setup.snapshot.bars, blind.step_ms)
        recent = self.history.between(max(0, at - warm_up), at + 1)
        return tuple([await self._said(tape, symbol) for tape in (blind, recent)])

    def compare(self, row: int, decided: DecisionRecord, asked: tuple[DecisionRecord, ...]) -> None:
        """Hold what was decided against what was said before."""
        for found, said in zip((self.hindsight, self.memory), asked, strict=False):
            found += _differences(row, decided, said)

    def told(self) -> Honesty:
        """What was found."""
        return Honesty(hindsight=tuple(self.hindsight), memory=tuple(self.memory), rows=len(self.rows))

    async def _said(self, tape: Tape, symbol: str) -> DecisionRecord:
        market = RecordedMarket(tape, self.stage, self.troupe.headlines)
        desk = crew_before(self.stage, market, self.troupe, ShutDoor(self.stage))
        try:
            return await desk.decide(symbol, f"doubt-{self.stage.clock.ms}")
        finally:
            desk.close()


def rows_to_ask(bars: int, count: int, seed: int) -> frozenset[int]:
    """Rows anywhere in a play of so many bars, never the first, on which nobody decides."""
    rows = np.arange(1, bars)
    return frozenset(np.random.default_rng(seed).choice(rows, min(count, len(rows)), replace=False).tolist())


def _begun(tape: Tape, row: int) -> Tape:
    """The tape up to a bar that has just begun."""
    seen = tape.between(0, row + 1)

    def only_open(column: Grid) -> Grid:
        changed = column.copy()
        changed[-1] = seen.open[-1]
        return changed

    still = np.array(seen.volume)
    still[-1] = 0.0
    return replace(seen, high=only_open(seen.high), low=only_open(seen.low), close=only_open(seen.close), volume=still)


def _differences(row: int, decided: DecisionRecord, said: DecisionRecord) -> list[Betrayal]:
    one, other = _wish(decided), _wish(said)
    return [
        Betrayal(column=name, row=row, symbol=decided.symbol, with_all=one[name], with_less=other[name])
        for name in one
        if one[name] != other[name]
    ]


def _wish(record: DecisionRecord) -> dict[str, float]:
    opens = record.action.opens
    return {
        "action": _CODES[record.action],
        "conviction": float(record.conviction) if opens else 0.0,
        "stop": float(record.stop_pct) if opens else 0.0,
        "target": float(record.target_pct) if opens else 0.0,
    }
