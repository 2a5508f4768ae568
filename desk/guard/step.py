"""The whole guard as one pure function: `step(state, event, rules)` gives the next state and what to do.

No clock, no chance, no network and no disk in here: the journal's events alone rebuild every state and every answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import localcontext

from desk.domain.errors import DataError, IntentTextError
from desk.domain.intents import Action, Intent, Outcome, Verdict
from desk.domain.moments import from_ms, to_ms
from desk.domain.money import EXACT, ZERO
from desk.domain.orders import Side
from desk.guard import breaker, orders, outcomes, reconcile, reset
from desk.guard.codec import digest
from desk.guard.commands import AskOrder, AskStop, Commands, Look, SendEntry, Tell
from desk.guard.events import (
    Answer,
    Booted,
    Event,
    FlattenRequested,
    HaltRequested,
    IntentReceived,
    Observed,
    OrderSeen,
    ResetConfirmed,
    ResetRequested,
    StepFailed,
    StopSeen,
)
from desk.guard.exits import begin_exit, slots
from desk.guard.gate import DAY_MS, Case, Decision, decide, refuse
from desk.guard.ids import ENTRY, client_id
from desk.guard.reset import Ruling
from desk.guard.rules import Rules
from desk.guard.sizing import leverage
from desk.guard.state import Answered, GuardState, Phase, Sent, Trade
from desk.guard.wire import parse_intent

_ANSWERS_KEPT = 512
_FAULT_WINDOW_MS = 60_000
_FAULTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What an event led to. `verdict` answers an intent, `ruling` a reset step."""

    state: GuardState
    commands: Commands
    verdict: Verdict | None = None
    ruling: Ruling | None = None


def step(state: GuardState, event: Event, rules: Rules) -> Step:
    """The next state, and the commands to perform once the event is durable."""
    with localcontext(EXACT):
        if isinstance(event, IntentReceived):
            return _on_intent(state, event, rules)
        if isinstance(event, ResetRequested):
            after, commands, ruling = reset.request(state, event, rules)
            return Step(state=after, commands=commands, ruling=ruling)
        if isinstance(event, ResetConfirmed):
            after, commands, ruling = reset.confirm(state, event, rules)
            return Step(state=after, commands=commands, ruling=ruling)
        after, commands = _advance(state, event, rules)
        return Step(state=after, commands=commands)


def _advance(
    state: GuardState,
    event: Booted | Observed | Answer | OrderSeen | StopSeen | HaltRequested | FlattenRequested | StepFailed,
    rules: Rules,
) -> tuple[GuardState, Commands]:
    match event:
        case Booted():
            return _on_boot(state, event)
        case Observed():
            return _on_look(state, event, rules)
        case Answer():
            return orders.on_answer(state, event, rules)
        case OrderSeen():
            return orders.on_order(state, event, rules)
        case StopSeen():
            return orders.on_stop(state, event, rules)
        case HaltRequested():
            return _on_trip(state, "manual", (("why", event.reason[:200]),), event, rules)
        case FlattenRequested():
            return _on_flatten(state, event, rules)
        case StepFailed():
            return _on_fault(state, event, rules)


def _on_look(state: GuardState, event: Observed, rules: Rules) -> tuple[GuardState, Commands]:
    facts, mono = event.facts, event.mono
    latched, lived = state.latch is not None, state.trades
    state, told = breaker.observe(state, facts, event.at_ms, mono, rules)
    if state.latch is not None and not latched:
        # Begin with what closes, in the same step as the latch: both are in one durable row.
        state, closing = reconcile.flatten(state, facts, mono, rules)
        return state, (*told, *closing, Look())
    state, tended = reconcile.tend_trades(state, facts, mono, rules)
    state, named = reconcile.name_unexplained(state, facts, rules)
    state, closing = reconcile.flatten(state, facts, mono, rules)
    state, ended = outcomes.settle(state, lived, facts)
    return state, (*told, *tended, *named, *closing, *ended)


def _on_trip(
    state: GuardState,
    reason: str,
    numbers: tuple[tuple[str, str], ...],
    event: HaltRequested | StepFailed,
    rules: Rules,
) -> tuple[GuardState, Commands]:
    state, told = breaker.trip(state, reason, numbers, event.at_ms)
    state, commands = _close_trades(state, reason, event.mono, rules)
    return state, (*told, *commands, Look())


def _on_flatten(state: GuardState, event: FlattenRequested, rules: Rules) -> tuple[GuardState, Commands]:
    if not state.flatten:
        state = replace(state, flatten=event.reason[:200] or "asked", flat_seen=0)
    state, commands = _close_trades(state, "flatten", event.mono, rules)
    return state, (*commands, Look())


def _close_trades(state: GuardState, why: str, mono: int, rules: Rules) -> tuple[GuardState, Commands]:
    commands: Commands = ()
    for trade in state.trades:
        trade, more = begin_exit(trade, why, mono, rules)
        state = state.with_trade(trade)
        commands = (*commands, *more)
    return state, commands


def _on_fault(state: GuardState, event: StepFailed, rules: Rules) -> tuple[GuardState, Commands]:
    recent = tuple(at for at in state.faults if event.mono - at < _FAULT_WINDOW_MS)
    state = replace(state, faults=(*recent, event.mono))
    if len(state.faults) >= _FAULTS:
        return _on_trip(state, "fault", (("message", event.message[:200]),), event, rules)
    return breaker.tighten(state, f"fault: {event.message}")


def _on_boot(state: GuardState, event: Booted) -> tuple[GuardState, Commands]:
    """Nothing that was in flight is believed: the venue is asked for each, and every deadline starts anew."""
    state = reset.void(state)
    asks: Commands = ()
    live: list[Trade] = []
    for trade in state.trades:
        trade = _reborn(trade, event.mono)
        live.append(trade)
        if trade.pending:
            asks = (*asks, AskOrder(symbol=trade.symbol, client_id=trade.entry_id))
        if trade.exit is not None and trade.exit.status is Sent.UNKNOWN:
            asks = (*asks, AskOrder(symbol=trade.symbol, client_id=trade.exit.client_id))
        asks = (*asks, *(AskStop(symbol=trade.symbol, client_id=slot.client_id) for slot in slots(trade)))
    state = replace(
        state, trades=tuple(live), suspect=None, mismatch_mono=None, stale_mono=None, faults=(), flat_seen=0
    )
    return state, (*asks, Look())


def _reborn(trade: Trade, mono: int) -> Trade:
    trade = replace(trade, sent_mono=mono, filled_mono=mono, denied_mono=mono, flat_seen=0)
    trade = replace(trade, denials=0, beyond_mono=None)
    if trade.phase is Phase.ENTRY_SENT:
        trade = replace(trade, phase=Phase.ENTRY_UNKNOWN)
    if trade.exit is not None and trade.exit.status is Sent.SENT:
        trade = replace(trade, exit=replace(trade.exit, status=Sent.UNKNOWN, sent_mono=mono))
    if trade.stop is not None and trade.stop.status is Sent.SENT:
        trade = replace(trade, stop=replace(trade.stop, status=Sent.UNKNOWN))
    if trade.target is not None and trade.target.status is Sent.SENT:
        trade = replace(trade, target=replace(trade.target, status=Sent.UNKNOWN))
    return trade


def worth_a_look(state: GuardState, text: str, at_ms: int, rules: Rules) -> bool:
    """Whether deciding this text needs fresh data: it reads as an intent, is not known, and is not part of a flood."""
    if len(_heard(state, at_ms)) >= rules.limits.intents_per_minute:
        return False
    try:
        intent = parse_intent(text)
    except IntentTextError:
        return False
    return all(one.intent_id != intent.intent_id for one in state.answers)


def _heard(state: GuardState, at_ms: int) -> tuple[int, ...]:
    return tuple(at for at in state.heard if at > at_ms - 60_000)


def _on_intent(state: GuardState, event: IntentReceived, rules: Rules) -> Step:
    heard = _heard(state, event.at_ms)
    if len(heard) >= rules.limits.intents_per_minute:
        refusal = refuse("rate.intents", "too many intents in a minute", heard=len(heard))
        return Step(state=state, commands=(), verdict=_verdict("", refusal, event.at_ms))
    state = replace(state, heard=(*heard, event.at_ms))
    try:
        intent = parse_intent(event.text)
    except IntentTextError as error:
        return Step(state=state, commands=(), verdict=_verdict("", refuse(error.rule, error.message), event.at_ms))
    body = digest(event.text)
    before = next((one for one in state.answers if one.intent_id == intent.intent_id), None)
    if before is not None:
        if before.body == body:
            return Step(state=state, commands=(), verdict=verdict_of(before))
        refusal = refuse("intent.id_reused", "this intent id was used for other bytes")
        return Step(state=state, commands=(), verdict=_verdict(intent.intent_id, refusal, event.at_ms))
    decision = _decide(Case(intent=intent, state=state, event=event, rules=rules))
    state = _remember(state, intent, body, decision, event.at_ms)
    state, commands = _execute(state, intent, decision, event, rules)
    return Step(state=state, commands=commands, verdict=_verdict(intent.intent_id, decision, event.at_ms))


def _decide(case: Case) -> Decision:
    try:
        return decide(case)
    except (ArithmeticError, DataError) as error:
        # A number no rule foresaw: nobody decided, so it is refused.
        return refuse("gate.arithmetic", f"the gate could not decide: {error}"[:200])


def _verdict(intent_id: str, decision: Decision, at_ms: int) -> Verdict:
    return Verdict(
        intent_id=intent_id,
        outcome=decision.outcome,
        rule=decision.rule,
        message=decision.message,
        numbers=decision.numbers,
        quantity=decision.quantity,
        decided_at=from_ms(at_ms),
    )


def verdict_of(answer: Answered) -> Verdict:
    """The verdict that was given once, again."""
    return Verdict(
        intent_id=answer.intent_id,
        outcome=Outcome(answer.outcome),
        rule=answer.rule,
        message=answer.message,
        numbers=answer.numbers,
        quantity=answer.quantity,
        decided_at=from_ms(answer.at_ms),
    )


def _remember(state: GuardState, intent: Intent, body: str, decision: Decision, at_ms: int) -> GuardState:
    answer = Answered(
        intent_id=intent.intent_id,
        run_id=intent.run_id,
        symbol=intent.symbol,
        body=body,
        outcome=decision.outcome.value,
        rule=decision.rule,
        message=decision.message,
        numbers=decision.numbers,
        quantity=decision.quantity,
        at_ms=at_ms,
        expires_ms=to_ms(intent.expires_at),
    )
    answers = (*state.answers, answer)
    if len(answers) > _ANSWERS_KEPT:
        # An intent that has expired is refused for that, so its answer need not be kept for ever.
        spare = len(answers) - _ANSWERS_KEPT
        answers = tuple(a for n, a in enumerate(answers) if n >= spare or a.expires_ms > at_ms)
    return replace(state, answers=answers)


def _execute(
    state: GuardState, intent: Intent, decision: Decision, event: IntentReceived, rules: Rules
) -> tuple[GuardState, Commands]:
    if decision.outcome is Outcome.REFUSED:
        return state, ()
    if intent.action is Action.CLOSE:
        return _close(state, intent, event, rules)
    mark = event.facts.mark(intent.symbol)
    trade = Trade(
        intent_id=intent.intent_id,
        run_id=intent.run_id,
        strategy_id=intent.strategy_id,
        symbol=intent.symbol,
        side=Side.BUY if intent.action is Action.OPEN_LONG else Side.SELL,
        quantity=decision.quantity,
        mark=mark.price if mark else intent.seen_mark,
        stop_pct=intent.stop_pct,
        target_pct=intent.target_pct,
        phase=Phase.ENTRY_SENT,
        entry_id=client_id(intent.intent_id, ENTRY),
        sent_mono=event.mono,
    )
    entries = (*(at for at in state.entries if at > event.at_ms - DAY_MS), event.at_ms)
    send = SendEntry(
        symbol=trade.symbol,
        side=trade.side,
        quantity=trade.quantity,
        client_id=trade.entry_id,
        leverage=leverage(rules, rules.filters[trade.symbol]),
    )
    return replace(state, entries=entries).with_trade(trade), (send,)


def _close(state: GuardState, intent: Intent, event: IntentReceived, rules: Rules) -> tuple[GuardState, Commands]:
    trade = state.trade(intent.symbol)
    account = event.facts.account
    if trade is None:
        position = account.position(intent.symbol) if account else None
        if position is None:
            return state, ()
        trade = reconcile.adopt(state, position, event.mono)
        state = replace(state, serial=state.serial + 1)
    held = account.quantity(intent.symbol) if account else ZERO
    if held != ZERO:
        trade = replace(trade, seen=held, was_open=True)
    trade = replace(trade, closed_by=intent.intent_id)
    trade, commands = begin_exit(trade, "close", event.mono, rules)
    told = Tell(level="INFO", message=f"{intent.symbol}: closing for {intent.intent_id}")
    return state.with_trade(trade), (*commands, told)
