"""Plays a plan through the guard: wishes become intents, the guard sizes and executes them, or says why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from desk.backtest.plan import LEAVE_LONG, LEAVE_SHORT, Plan
from desk.backtest.replay.asking import asked
from desk.backtest.replay.stage import ACCOUNT, Stage
from desk.backtest.replay.values import Answer, Replayed
from desk.backtest.tape import Tape
from desk.backtest.terms import AccountTerms
from desk.domain.errors import DataError
from desk.domain.intents import Action, Intent, Outcome, Verdict
from desk.domain.money import ONE, ZERO
from desk.guard.bounds.limits import Limits
from desk.guard.door.wire import intent_to_json
from desk.venues.paper.engine.vocabulary.instruments import SymbolSpec

_DIGITS = Decimal("1e-8")
# A desk that turns is told to rest a moment, and asks once more after it, as it would in its next round.
_RESTS = "rest.reentry"
_LEAVES: Mapping[int, int] = MappingProxyType({1: LEAVE_LONG, -1: LEAVE_SHORT, 0: 0})


def replay(
    tape: Tape,
    plan: Plan,
    terms: AccountTerms,
    specs: Sequence[SymbolSpec],
    limits: Limits,
    *,
    strategy_id: str = "replay",
    note: Callable[[int], None] = lambda row: None,
) -> Replayed:
    """Play the whole tape; `note` is told each row. What is open at the end is closed at the last price.

    Raises:
        DataError: when the plan is not about these bars.
    """
    if plan.enter.shape != tape.close.shape:
        raise DataError("the plan is not about the same bars and symbols")
    desk = _Desk(stage=Stage(tape=tape, specs=specs, terms=terms, limits=limits), plan=plan, strategy_id=strategy_id)
    for row in range(len(tape)):
        desk.bar(row)
        note(row)
    return desk.told()


@dataclass
class _Desk:
    """Turns the wishes of one bar into what the guard is asked at the open of the next."""

    stage: Stage
    plan: Plan
    strategy_id: str
    answers: list[Answer] = field(default_factory=list[Answer])

    def bar(self, row: int) -> None:
        # Wishes were made on the finished bar: an entry in the direction of what was held then changes nothing, even
        # where a gap has stopped it out by now.
        held = {symbol: one.side for symbol, one in self.stage.held.items()}
        self.stage.open_bar(row)
        if row:
            self._act(row, held)
        self.stage.live_bar()

    def told(self) -> Replayed:
        stage = self.stage
        for symbol in tuple(stage.held):
            self._ask(len(stage.tape) - 1, symbol, Action.CLOSE)
        return Replayed(
            trades=tuple(stage.trades),
            answers=tuple(self.answers),
            equity=stage.exchange.summary(ACCOUNT).margin_balance,
            bars=len(stage.tape),
            looks=stage.looks,
            resets=stage.resets,
        )

    def _act(self, row: int, before: Mapping[str, int]) -> None:
        """Exits first, then entries, symbol by symbol, as the sweep does."""
        enter, leave = self.plan.enter[row - 1], self.plan.leave[row - 1]
        held = self.stage.held
        if held:
            for at, symbol in enumerate(self.stage.tape.symbols):
                holding = held.get(symbol)
                if holding is None:
                    continue
                if int(leave[at]) & _LEAVES[holding.side] or int(enter[at]) == -holding.side:
                    self._ask(row, symbol, Action.CLOSE)
        if enter.any():
            for at, symbol in enumerate(self.stage.tape.symbols):
                side = int(enter[at])
                kept = before.get(symbol) == side and not int(leave[at]) & _LEAVES[side]
                if side and symbol not in held and not kept:
                    self._ask(row, symbol, Action.OPEN_LONG if side > 0 else Action.OPEN_SHORT, at)

    def _ask(self, row: int, symbol: str, action: Action, at: int = 0) -> None:
        verdict = self._proposed(row, symbol, action, at)
        if verdict.rule == _RESTS and self.stage.wait(self.stage.limits.reentry_seconds + 1):
            verdict = self._proposed(row, symbol, action, at)
        self.answers.append(
            Answer(
                row=row,
                symbol=symbol,
                action=action.value,
                rule=verdict.rule,
                refused=verdict.outcome is Outcome.REFUSED,
                reduced=verdict.outcome is Outcome.REDUCED,
            )
        )

    def _proposed(self, row: int, symbol: str, action: Action, at: int) -> Verdict:
        answer = self.stage.guard.propose(intent_to_json(self._intent(row, symbol, action, at)))
        self.stage.settle()
        return answer.verdict

    def _intent(self, row: int, symbol: str, action: Action, at: int) -> Intent:
        if not action.opens:
            return asked(self.stage, symbol, action, strategy_id=self.strategy_id)
        conviction, stop, target = self._shape(row, at, action)
        return asked(
            self.stage,
            symbol,
            action,
            strategy_id=self.strategy_id,
            conviction=conviction,
            stop=stop,
            target=target,
        )

    def _shape(self, row: int, at: int, action: Action) -> tuple[Decimal, Decimal, Decimal]:
        """The wish in the guard's words: how convinced one must be for the guard's own sizing to give this size.

        The guard counts in marks and the sweep in fills, which are the slippage away; without that a size that is a
        whole number of steps in one would be one step less in the other.
        """
        limits, slip = self.stage.limits, self.stage.terms.slippage
        stop, target, size = self.plan.amounts(row - 1, at)
        side = 1 if action is Action.OPEN_LONG else -1
        wanted = Decimal(size * stop / (1.0 + side * slip)) / limits.risk_per_trade
        conviction = min(ONE, wanted.quantize(_DIGITS)) if stop > 0 else ONE
        # The guard opens nothing without a target; one at the farthest that it allows is as good as none.
        far = limits.target_max if target <= 0 else min(limits.target_max, Decimal(target).quantize(_DIGITS))
        return max(ZERO, conviction), Decimal(stop).quantize(_DIGITS), far
