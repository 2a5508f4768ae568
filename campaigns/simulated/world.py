"""One world: exchange, market, network, record, guard and judge, and the words in which campaigns move it.

`step` is the unit: something happens, time passes, the guard looks as its loop would, the judge judges. A kill may
interrupt any of it; the guard is then started again on what the record holds.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal

from campaigns.oracle.allowed import allowances, allowed
from campaigns.oracle.books import date_of
from campaigns.oracle.judge import Judge
from campaigns.simulated.bounds import LIMITS
from campaigns.simulated.crew import Crew
from campaigns.simulated.market import Market, SharedClock, listed
from campaigns.simulated.network import Killed, Network
from campaigns.simulated.record import Record
from desk.domain.errors import GuardError
from desk.domain.intents import Outcome
from desk.guard.core import Guard
from desk.guard.inprocess import guard_in_process
from desk.guard.vocabulary.state import DayRow, GuardState, Mode
from desk.venues.paper.direct import DirectVenue
from desk.venues.paper.engine.exchange import Exchange

ACCOUNT, DEPOSIT = "desk", Decimal(10_000)
_LOOKS = 12
_LATCHED = (Mode.FLATTENING, Mode.LOCKED, Mode.RESET_REQUESTED)
_NEVER_FOR_LOSS = ("manual", "fault", "repeat.entries", "crash.")


@dataclass
class World:
    """Everything that follows from one seed. `limits` names a set that guard and judge each have for themselves."""

    dice: random.Random
    limits: str = "usual"
    faults: frozenset[str] = frozenset()
    guard: Guard = field(init=False)
    baselines: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    restarts: int = 0
    accepted: int = 0
    trips: int = 0

    def __post_init__(self) -> None:
        self.clock, self.record = SharedClock(), self._memory()
        self.exchange = Exchange(listed(), now_ms=lambda: self.clock.ms)
        self.exchange.open_account(ACCOUNT, DEPOSIT)
        self.market = Market(self.exchange, self.clock, self.dice)
        self.judge = Judge(self.exchange, ACCOUNT, allowed(self.limits), allowances(), self.record)
        self.record.remembered = self.judge.remembered
        venue = DirectVenue(exchange=self.exchange, name=ACCOUNT, now_ms=lambda: self.clock.ms)
        self.network = self._way(venue)
        self.record.kills = 0.0004 if "kill" in self.faults else 0.0
        self.crew, self.filters = Crew(self.dice), venue.rules()
        self._latch: str | None = None
        self._both_steps: bool | None = None
        self._days: tuple[DayRow, ...] = ()
        self.network.calm = True
        self.start()
        self.network.calm = False

    def _memory(self) -> Record:
        """Where the guard's journal lives."""
        return Record(self.dice)

    def _way(self, venue: DirectVenue) -> Network:
        """What lies between guard and exchange."""
        return Network(venue, self.judge, self.clock, self.dice, self.faults)

    # ---- the guard's life ----

    def start(self) -> None:
        """Start the guard on what the record holds; one that is killed on the way is started again."""
        if self.record.refused:
            self.judge.killed()
        while True:
            try:
                self.guard = guard_in_process(
                    self.network,
                    filters=self.filters,
                    limits=LIMITS[self.limits],
                    clock=self.clock,
                    journal=self.record,
                    tell=lambda level, message: None,
                )
                break
            except Killed:
                self.restarts += 1
                self.judge.killed()
        if self.record.refused:
            self._forget()

    def _forget(self) -> None:
        """What a full disk did not take is not known to the next guard, and nobody can hold it to that."""
        state = self.guard.state
        self.record.refused = self.record.full
        self.baselines = {row.date: row.baseline for row in state.days}
        if state.latch is None:
            self._latch = None
            self.judge.forgot()

    def step(self, what: Callable[[], None], seconds: float = 0.0) -> None:
        """Something happens, time passes, the guard looks until nothing is unsettled, and all is judged."""
        struck = self.network.struck
        self._alive(what)
        self.clock.advance(int(seconds * 1000))
        if seconds:
            self.market.move(seconds)
        self.exchange.settle(self.clock.ms)
        self.network.arrive()
        self._alive(self.guard.look)
        self._judged(calm=self.network.struck == struck)
        for _ in range(_LOOKS):
            if not self.guard.restless:
                break
            self._pause()
        self._announce()

    def _announce(self) -> None:
        """What happened at the exchange is told to nobody here: the guard looks."""
        self.exchange.drain_events()

    def _pause(self) -> None:
        """The loop's short wait while something is unsettled; the market does not wait."""
        struck = self.network.struck
        self.clock.advance(250)
        self.market.move(0.25)
        self.network.arrive()
        self._alive(self.guard.look)
        self._judged(calm=self.network.struck == struck)

    def _alive(self, what: Callable[[], None]) -> None:
        try:
            what()
        except Killed:
            self.restarts += 1
            self.judge.killed()
            self.start()
            self._confirmed_in_time()

    def _confirmed_in_time(self) -> None:
        """A human took both steps and the guard was killed: whether the second was written, the next guard shows."""
        if self._both_steps is not None and self.guard.state.latch is None:
            self.judge.lifted(drawdown=self._both_steps)
            self._latch = None
        self._both_steps = None

    # ---- what is judged after each look ----

    def _judged(self, *, calm: bool) -> None:
        self.judged(self.guard.state, calm=calm)

    def judged(self, state: GuardState, *, calm: bool) -> None:
        """Judge what the guard shows of itself, and where the account stands."""
        self.judge.latched(state.latch is not None)
        reason = None if state.latch is None else state.latch.reason
        if reason is not None and self._latch is None:
            self.trips += 1
            if not reason.startswith(_NEVER_FOR_LOSS):
                self.judge.tripped(reason)
        self._latch = reason
        if state.latch is None and state.mode in _LATCHED:
            self.judge.findings.broken("I5", f"{state.mode}, and no latch says why")
        if state.days is not self._days:
            self._compare_days(state.days)
        self.judge.looked(self.clock.ms, calm=calm and not self.record.full)

    def _compare_days(self, days: tuple[DayRow, ...]) -> None:
        """The rows of the days, whenever they are others than at the last look."""
        self._days = days
        for row in days:
            if self.baselines.setdefault(row.date, row.baseline) != row.baseline:
                self.judge.findings.broken("I6", f"the baseline of {row.date} moved")
            if row.date != date_of(row.at_ms):
                self.judge.findings.broken("I6", f"{row.date} began at {row.at_ms}, which is no UTC day's")

    # ---- what people and crews do ----

    def propose(self, text: str) -> None:
        """Hand a text to the guard. Whatever its mode, it may not refuse a close for it."""
        answer = self.guard.propose(text)
        if answer.verdict.rule.startswith("mode.") and '"action":"CLOSE"' in text:
            self.judge.findings.broken("I8", f"{answer.verdict.rule} refused a close")
        self.accepted += answer.verdict.outcome is not Outcome.REFUSED
        if not answer.verdict.rule:
            self.judge.findings.broken("I12", "a verdict without a rule")

    def mark(self, symbol: str) -> str:
        """The mark of a symbol as a crew would write it."""
        return f"{self.exchange.mark(symbol).mark:.2f}"

    def reset(self) -> None:
        """A human tries both steps."""
        drawdown = self._latch == "loss.drawdown"
        try:
            code, _ = self.guard.request_reset("a campaign")
            self._pry(code, "a code before its time")
            self.clock.advance(61_000)
            self._pry("WRONGCODE2", "a wrong code")
            self._both_steps = drawdown
            self.guard.confirm_reset(code)
        except GuardError:
            self._both_steps = None
            return
        self._both_steps = None
        self.judge.lifted(drawdown=drawdown)
        self._latch = None

    def _pry(self, code: str, what: str) -> None:
        with suppress(GuardError):
            self.guard.confirm_reset(code)
            self.judge.findings.broken("I5", f"{what} lifted the latch")
