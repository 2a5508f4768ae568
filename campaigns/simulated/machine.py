"""A state machine drawn by Hypothesis against the guard: a model of a dozen lines that must always agree with it.

The model knows four things: which intents were answered and how, whether a human or a loss has latched the desk, what
each UTC day began with, and what the exchange holds. Everything else is the judge's affair.
"""

from __future__ import annotations

import random
from decimal import Decimal

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from campaigns.campaign import Case
from campaigns.oracle.books import DAY_MS
from campaigns.simulated.ending import settle
from campaigns.simulated.market import SYMBOLS
from campaigns.simulated.network import FAULTS
from campaigns.simulated.world import ACCOUNT, World
from desk.domain.errors import GuardError
from desk.guard.vocabulary.state import Mode

_EXAMPLES, _STEPS = 20, 50
_LATCHED = (Mode.FLATTENING, Mode.LOCKED, Mode.RESET_REQUESTED)


def machine(number: int) -> Case:
    """Twenty machines of fifty steps; what a failing one did is in the sentence."""
    played = settings(
        max_examples=_EXAMPLES,
        stateful_step_count=_STEPS,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much),
        print_blob=False,
    )
    try:
        run_state_machine_as_test(seed(number)(GuardMachine), settings=played)
    except Exception as error:
        return Case(seed=number, cases=_EXAMPLES, broken=(f"I11: {type(error).__name__}: {error}"[:600],))
    return Case(seed=number, cases=_EXAMPLES, counts={"steps": _EXAMPLES * _STEPS})


class GuardMachine(RuleBasedStateMachine):
    """Everything that can happen to a desk, in any order."""

    @initialize(start=st.integers(0, 2**31), faults=st.frozensets(st.sampled_from(FAULTS), max_size=3))
    def open(self, start: int, faults: frozenset[str]) -> None:
        """A new desk over a market of its own."""
        self.world = World(random.Random(start), "bold", faults - {"kill"})
        self.answers: dict[str, tuple[str, str]] = {}
        self.latched = False
        self.baselines: dict[str, Decimal] = {}

    @rule(
        symbol=st.sampled_from((*SYMBOLS, "DOGEUSDT")),
        action=st.sampled_from(("OPEN_LONG", "OPEN_SHORT", "CLOSE")),
        stop=st.sampled_from(("0.002", "0.0019", "0.02", "0.1", "0.11")),
        conviction=st.sampled_from(("1", "0.5", "0.01")),
    )
    def propose(self, symbol: str, action: str, stop: str, conviction: str) -> None:
        """A new intent."""
        mark = self.world.mark(symbol if symbol in SYMBOLS else SYMBOLS[0])
        text = self.world.crew.ask(
            mark, self.world.clock.ms, symbol, action, stop_pct=stop, conviction=conviction, target_pct="0.2"
        )
        self._ask(text)

    @precondition(lambda self: self.world.crew.written)
    @rule(back=st.integers(1, 10))
    def ask_again(self, back: int) -> None:
        """The same bytes once more: the same answer, whatever happened since."""
        written = self.world.crew.written
        self._ask(written[-min(back, len(written))])

    @rule(seconds=st.sampled_from((0.25, 1.0, 5.0, 60.0, 3600.0)))
    def wait(self, seconds: float) -> None:
        """Time passes, and prices with it."""
        self.world.step(lambda: None, seconds)

    @rule(symbol=st.sampled_from(SYMBOLS), share=st.sampled_from((-0.06, -0.02, 0.02, 0.06)))
    def jump(self, symbol: str, share: float) -> None:
        """A price jumps."""
        self.world.step(lambda: self.world.market.jump(symbol, share))

    @rule()
    def roll_the_day(self) -> None:
        """Midnight comes."""
        left = DAY_MS - self.world.clock.ms % DAY_MS
        self.world.step(lambda: None, left / 1000 + 1)

    @rule()
    def crash(self) -> None:
        """The guard ends and starts on what its journal holds."""
        self.world.start()
        self.world.step(lambda: None, 0.25)

    @rule(halts=st.booleans())
    def human_stops(self, halts: bool) -> None:
        """A human halts the desk, or only has it closed."""
        guard = self.world.guard
        self.world.step(lambda: guard.halt("machine") if halts else guard.flatten("machine"))
        self.latched |= halts

    @rule()
    def human_resets(self) -> None:
        """A human tries both steps; refused ones change nothing."""
        before = self.world.guard.state.latch
        self.world.step(self.world.reset)
        if before is not None and self.world.guard.state.latch is None:
            self.latched = False

    @rule()
    def one_step_is_not_enough(self) -> None:
        """The first step of a reset, without the second, opens nothing."""

        def first() -> None:
            try:
                self.world.guard.request_reset("half")
            except GuardError:
                return

        was = self.world.guard.state.latch is not None
        self.world.step(first)
        assert not was or self.world.guard.state.latch is not None, "one human step lifted a latch"

    @invariant()
    def the_model_and_the_guard_agree(self) -> None:
        """After every step."""
        state = self.world.guard.state
        # A loss may latch by itself; nothing unlatches by itself.
        self.latched |= state.latch is not None
        assert self.latched == (state.latch is not None), f"latched {self.latched}, and the guard says {state.latch}"
        assert self.latched == (state.mode in _LATCHED), f"latched {self.latched} and {state.mode}"
        for row in state.days:
            assert self.baselines.setdefault(row.date, row.baseline) == row.baseline, f"{row.date} began twice"
        assert not self.world.judge.findings, self.world.judge.findings.sentences

    def teardown(self) -> None:
        """The end: all settles, and both sides hold the same."""
        if hasattr(self, "world"):
            settle(self.world)
            held = {row.symbol for row in self.world.exchange.positions(ACCOUNT) if row.quantity}
            assert not (self.latched and held), f"latched, and {held} is held"
            assert not self.world.judge.findings, self.world.judge.findings.sentences

    def _ask(self, text: str) -> None:
        def ask() -> None:
            verdict = self.world.guard.propose(text).verdict
            if verdict.rule.startswith("parse."):
                return
            answer = (verdict.outcome.value, str(verdict.quantity))
            known = self.answers.setdefault(verdict.intent_id, answer)
            opened = known[0] != "REFUSED"
            # A refusal for a flood is no answer to the intent; an approval is for good.
            assert not opened or answer == known, f"{verdict.intent_id} was {known}, now {answer}"
            if not opened:
                self.answers[verdict.intent_id] = answer

        self.world.step(ask)
