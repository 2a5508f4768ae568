"""The guard on one thread: steps the state, makes it durable, then lets the commands leave, in that order, always.

It is the same object in the guard process, in tests and in backtests; only venue, journal and clock differ. An event
that changes the state or the venue is a durable row before its commands are performed. When the journal cannot be
written, nothing opens any more, and what closes still goes out from memory.
"""

from __future__ import annotations

import logging
import secrets
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from desk.domain.errors import GuardError, JournalError
from desk.domain.intents import Outcome, Verdict
from desk.domain.moments import from_ms, to_ms
from desk.domain.money import ZERO
from desk.guard.bounds.rules import Rules
from desk.guard.door.telling import execution_of, status_of
from desk.guard.door.wire import GuardAnswer
from desk.guard.gate.hearing import worth_a_look
from desk.guard.loss.reset import Ruling
from desk.guard.record.codec import digest
from desk.guard.record.journal import Journal
from desk.guard.record.replay import (
    CHECKPOINT,
    CHECKPOINT_EVERY,
    EVENT,
    RULES,
    checkpoint_body,
    event_body,
    restore,
    rules_body,
)
from desk.guard.secrets.veil import Veil
from desk.guard.step import Step, step
from desk.guard.venue.cadence import ListsCadence
from desk.guard.venue.executor import Executor
from desk.guard.venue.lookout import Lookout
from desk.guard.vocabulary.commands import Command, Commands, Look, RestStop, SendEntry, SendExit, Tell, leaves_a_mark
from desk.guard.vocabulary.events import (
    Answer,
    Booted,
    Event,
    FlattenRequested,
    HaltRequested,
    IntentReceived,
    LimitsTightened,
    Observed,
    ResetConfirmed,
    ResetRequested,
    StepFailed,
)
from desk.guard.vocabulary.state import GuardState, Mode, Phase, Sent, Trade
from desk.guard.vocabulary.status import GuardStatus
from desk.ports import Clock, TradingVenue

_LOG = logging.getLogger(__name__)
# Commands that one request may lead to before the rest waits for the next look.
_CASCADE = 400
_SETTLING = 3
# A start that replayed this many rows spares them the next one.
_WORTH_A_CHECKPOINT = 50
# No letters or digits that a person mistakes for each other.
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
TellPerson = Callable[[str, str], None]


class Guard:
    """One account's guard. Not thread-safe: one thread owns it."""

    def __init__(
        self,
        *,
        venue: TradingVenue,
        rules: Rules,
        journal: Journal,
        clock: Clock,
        virtual: bool = False,
        lists_seconds: float = 20.0,
        tell: TellPerson | None = None,
        veil: Veil | None = None,
    ) -> None:
        self.rules, self.journal, self._clock = rules, journal, clock
        self.lookout = Lookout(venue, rules, clock, virtual=virtual, veil=veil)
        self._executor = Executor(venue, self.lookout)
        self._tell = tell or _log
        before = restore(journal)
        self.state: GuardState = before.state
        self._since_checkpoint = before.events
        self._lists = ListsCadence(int(lists_seconds * 1000))
        self.broken = ""

    def boot(self) -> None:
        """Journal the rules, disbelieve what was in flight, ask the venue about all of it, and reconcile.

        The latch, the baseline and every open intent were read from the journal before this.
        """
        self._wrote(RULES, (rules_body(self.rules),))
        if self._since_checkpoint >= _WORTH_A_CHECKPOINT:
            # Who is killed again and again must not replay the same rows again and again.
            self._wrote(CHECKPOINT, (checkpoint_body(self.state),))
            self._since_checkpoint = 0
        self.lookout.look(self.state, lists=False)
        self.handle(Booted(at_ms=self.lookout.at_ms, mono=self.lookout.mono))

    def look(self, *, lists: bool | None = None) -> None:
        """Look at the venue and act on what is seen.

        The two order lists are dear (80 of the 2400 units of request weight a minute at Binance), so unless told they
        are read only now and then, and always where something has to be proven gone.
        """
        if lists is None:
            lists = self._lists.due(self.state, self.lookout.mono, wanted=self.lookout.lists_wanted)
        self.handle(self._seen(lists=lists))

    def settle(self) -> None:
        """Look, and while something is unsettled look again, a few times: most ends are proven within one call."""
        self.look()
        for _ in range(_SETTLING):
            if not self.restless:
                return
            self.look()

    def propose(self, text: str) -> GuardAnswer:
        """Decide an intent's raw text on a fresh look, and execute what was approved.

        What is refused unread (no intent, a flood, an answer already given) costs the venue no request.
        """
        return self.propose_all((text,))[0]

    def propose_all(self, texts: Sequence[str]) -> tuple[GuardAnswer, ...]:
        """Decide texts in their order on one look and with one durable write, then execute what was approved.

        Each is decided as if those before it were in flight already: what they may fill counts at full size.
        """
        known = (worth_a_look(self.state, text, self.lookout.at_ms, self.rules) for text in texts)
        wanted = [intent for intent in known if intent is not None]
        if wanted:
            books = frozenset(intent.symbol for intent in wanted if intent.action.opens)
            self.handle(self._seen(lists=False, books_of=books))
        at_ms, mono, facts = self.lookout.at_ms, self.lookout.mono, self.lookout.aged()
        events = [IntentReceived(at_ms=at_ms, mono=mono, text=text, facts=facts) for text in texts]
        verdicts = [
            result.verdict or _undecided(at_ms, "guard.fault", "the guard failed while deciding")
            for result in self._decide_all(events)
        ]
        if any(verdict.outcome is not Outcome.REFUSED for verdict in verdicts):
            self.settle()
        seq, hash_ = self.journal.head()
        return tuple(
            GuardAnswer(verdict=one, execution=execution_of(self.state, one), journal_seq=seq, journal_hash=hash_)
            for one in verdicts
        )

    def _decide_all(self, events: Sequence[IntentReceived]) -> list[Step]:
        """Step through the events; nothing is taken up or sent before all that must be remembered is durable."""
        if len(events) == 1 or self.broken:
            return [self.handle(event) for event in events]
        results: list[Step] = []
        bodies: list[str] = []
        state = self.state
        try:
            for event in events:
                result = step(state, event, self.rules)
                results.append(result)
                # A flood changes nothing, and is not even remembered.
                if result.state is not state:
                    bodies.append(event_body(event, result))
                state = result.state
        except Exception:
            # One of them broke the guard: each is decided on its own, so that only that one tightens it.
            _LOG.exception("the guard failed on a group of intents")
            return [self.handle(event) for event in events]
        if bodies and not self._wrote(EVENT, bodies):
            return [self.handle(event) for event in events]
        self.state = state
        self._checkpoint_when_due(len(bodies))
        for result in results:
            self._follow(result.commands)
        return results

    def halt(self, reason: str) -> None:
        """Latch, cancel entries, flatten, lock."""
        self.handle(HaltRequested(at_ms=self.lookout.at_ms, mono=self.lookout.mono, reason=reason))
        self.settle()

    def flatten(self, reason: str) -> None:
        """Close everything, without a latch."""
        self.handle(FlattenRequested(at_ms=self.lookout.at_ms, mono=self.lookout.mono, reason=reason))
        self.settle()

    def request_reset(self, reason: str) -> tuple[str, Ruling]:
        """First human step. Returns the code, which exists nowhere else. Raises GuardError when it is refused."""
        self.look(lists=True)
        code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(10))
        event = ResetRequested(
            at_ms=self.lookout.at_ms,
            mono=self.lookout.mono,
            reason=reason,
            code_hash=digest(code),
            facts=self.lookout.aged(),
        )
        return code, self._ruled(self.handle(event))

    def confirm_reset(self, code: str) -> None:
        """Second human step. Raises GuardError when it is refused."""
        self.look(lists=True)
        typed = "".join(letter for letter in code.upper() if letter in _CODE_LETTERS)
        event = ResetConfirmed(
            at_ms=self.lookout.at_ms, mono=self.lookout.mono, code_hash=digest(typed), facts=self.lookout.aged()
        )
        self._ruled(self.handle(event))

    def tighten(self, changes: Mapping[str, str]) -> None:
        """Make limits stricter from here on, until a human's reset. Raises GuardError for what is not stricter."""
        told = tuple(sorted(changes.items()))
        self._ruled(self.handle(LimitsTightened(at_ms=self.lookout.at_ms, mono=self.lookout.mono, changes=told)))

    def status(self) -> GuardStatus:
        """The state as its readers see it."""
        rules = self.rules.tightened(self.state.tightened)
        return status_of(self.state, self.lookout, rules, self.journal.head()[0])

    @property
    def wall_ms(self) -> int:
        """The guard's own clock, ms UTC."""
        return to_ms(self._clock.now())

    @property
    def restless(self) -> bool:
        """Whether something is unsettled: then the next look should come soon."""
        state = self.state
        if state.mode is Mode.FLATTENING or state.flatten or state.suspect is not None:
            return True
        return bool(state.closing) or any(_unsettled(trade) for trade in state.trades)

    def handle(self, event: Event) -> Step:
        """Apply an event and everything that follows from it at once; returns the step of the event itself."""
        first: Step | None = None
        waiting: deque[Event] = deque([event])
        for _ in range(_CASCADE):
            if not waiting:
                break
            result = self._apply(waiting.popleft())
            first = first or result
            waiting.extend(self._answers(result.commands))
        if first is None:
            raise GuardError("nothing was decided")
        return first

    def _follow(self, commands: Commands) -> None:
        for answer in self._answers(commands):
            self.handle(answer)

    def _answers(self, commands: Commands) -> list[Event]:
        """Perform the commands in their order; returns what the venue said."""
        told = (self._perform(command) for command in commands)
        return [answer for answer in told if answer is not None]

    def _apply(self, event: Event) -> Step:
        try:
            result = step(self.state, event, self.rules)
        except Exception as error:
            _LOG.exception("the guard failed on %s", type(event).__name__)
            failed = StepFailed(
                at_ms=event.at_ms,
                mono=event.mono,
                message=self.lookout.veil.over(f"{type(error).__name__}: {error}")[:200],
            )
            event, result = failed, step(self.state, failed, self.rules)
        changed = result.state is not self.state and result.state != self.state
        if changed or any(leaves_a_mark(command) for command in result.commands):
            result = self._durable(event, result)
        self.state = result.state
        return result

    def _durable(self, event: Event, result: Step) -> Step:
        if not self.broken and self._wrote(EVENT, (event_body(event, result),)):
            self._checkpoint_when_due(1, result.state)
            return result
        if isinstance(event, IntentReceived) and any(isinstance(one, SendEntry) for one in result.commands):
            # What cannot be remembered is not begun; the state does not take up a trade that was never sent.
            verdict = _undecided(event.at_ms, "journal.broken", f"the journal cannot be written: {self.broken}")
            return Step(state=self.state, commands=(), verdict=verdict)
        return result

    def _checkpoint_when_due(self, rows: int, state: GuardState | None = None) -> None:
        self._since_checkpoint += rows
        if self._since_checkpoint >= CHECKPOINT_EVERY:
            self._wrote(CHECKPOINT, (checkpoint_body(state or self.state),))
            self._since_checkpoint = 0

    def _wrote(self, kind: str, bodies: Sequence[str]) -> bool:
        """Whether these rows are durable now. When they may not be, nothing opens any more."""
        try:
            self.journal.append_all(kind, bodies)
        except (JournalError, OSError) as error:
            self.broken = str(error)
            self._tell("CRITICAL", f"the journal cannot be written, nothing opens any more: {error}")
            return False
        return True

    def _perform(self, command: Command) -> Event | None:
        if isinstance(command, Tell):
            self._tell(command.level, command.message)
            return None
        if isinstance(command, Look):
            return self._seen(lists=True)
        try:
            return self._executor.perform(command)
        except Exception as error:
            _LOG.exception("the venue's side failed on %s", type(command).__name__)
            if isinstance(command, SendEntry | SendExit | RestStop):
                return self._lost(command, error)
            return None

    def _lost(self, command: SendEntry | SendExit | RestStop, error: Exception) -> Answer:
        # Whatever broke, it broke after the call: the venue may have accepted.
        return Answer(
            at_ms=self.lookout.at_ms,
            mono=self.lookout.mono,
            symbol=command.symbol,
            client_id=command.client_id,
            result="unknown",
            message=self.lookout.veil.over(f"{type(error).__name__}: {error}")[:200],
        )

    def _seen(self, *, lists: bool, books_of: frozenset[str] = frozenset()) -> Observed:
        if lists:
            self._lists.read(self.lookout.mono)
        facts = self.lookout.look(self.state, lists=lists, books_of=books_of)
        return Observed(at_ms=self.lookout.at_ms, mono=self.lookout.mono, facts=facts)

    def _ruled(self, result: Step) -> Ruling:
        if result.ruling is None:
            raise GuardError("the guard failed while deciding: nothing was lifted")
        if result.ruling.refusal:
            raise GuardError(result.ruling.refusal)
        return result.ruling


def _unsettled(trade: Trade) -> bool:
    if trade.phase is not Phase.PROTECTED or trade.pending or trade.flat_seen or trade.old_stop is not None:
        return True
    return trade.beyond_mono is not None or (trade.target is not None and trade.target.status is Sent.SENT)


def _undecided(at_ms: int, rule: str, message: str) -> Verdict:
    return Verdict(
        intent_id="",
        outcome=Outcome.REFUSED,
        rule=rule,
        message=message,
        numbers=(),
        quantity=ZERO,
        decided_at=from_ms(at_ms),
    )


def _log(level: str, message: str) -> None:
    _LOG.log(logging.getLevelNamesMapping().get(level, logging.WARNING), message)
