"""The whole guard as one pure function: `step(state, event, rules)` gives the next state and what to do.

No clock, no chance, no network and no disk in here: the journal's events alone rebuild every state and every answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import localcontext

from desk.domain.frozen import replace
from desk.domain.intents import Verdict
from desk.domain.money import EXACT
from desk.guard.bounds import tightening
from desk.guard.bounds.rules import Rules
from desk.guard.gate.conduct import losing_day
from desk.guard.gate.hearing import hear
from desk.guard.loss import breaker, reset
from desk.guard.loss.equity import HOUR_MS
from desk.guard.loss.reset import Ruling
from desk.guard.trades import deadman, orders, outcomes, reconcile
from desk.guard.trades.exits import close_trades, slots
from desk.guard.vocabulary.commands import AskOrder, AskStop, Commands, Look, Tell
from desk.guard.vocabulary.events import (
    Answer,
    Booted,
    DeadManSet,
    Event,
    FlattenRequested,
    HaltRequested,
    IntentReceived,
    LimitsTightened,
    Observed,
    OrderSeen,
    ResetConfirmed,
    ResetRequested,
    StepFailed,
    StopSeen,
)
from desk.guard.vocabulary.state import GuardState, Mode, Phase, Sent, Trade

# A stop that exists and a position that is gone are answers the guard knows what to do with.
_NO_FAILURE = frozenset({-4130, -2022})
_FAILURES_KEPT = 200
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
        rules = rules.tightened(state.tightened)
        if isinstance(event, IntentReceived):
            after, commands, verdict = hear(state, event, rules)
            return Step(state=after, commands=commands, verdict=verdict)
        if isinstance(event, LimitsTightened):
            after, commands, ruling = tightening.tighten(state, event, rules)
            return Step(state=after, commands=commands, ruling=ruling)
        if isinstance(event, ResetRequested):
            after, commands, ruling = reset.request(state, event, rules)
            return Step(state=after, commands=commands, ruling=ruling)
        if isinstance(event, ResetConfirmed):
            after, commands, ruling = reset.confirm(state, event, rules)
            return Step(state=after, commands=commands, ruling=ruling)
        after, commands = _advance(state, event, rules)
        return Step(state=after, commands=deadman.before_stops(after, commands, rules))


def _advance(
    state: GuardState,
    event: Booted
    | Observed
    | Answer
    | OrderSeen
    | StopSeen
    | DeadManSet
    | HaltRequested
    | FlattenRequested
    | StepFailed,
    rules: Rules,
) -> tuple[GuardState, Commands]:
    match event:
        case Booted():
            return _on_boot(state, event, rules)
        case Observed():
            return _on_look(state, event, rules)
        case Answer():
            return _on_answer(state, event, rules)
        case OrderSeen():
            return orders.on_order(state, event, rules)
        case StopSeen():
            return orders.on_stop(state, event, rules)
        case DeadManSet():
            return deadman.on_set(state, event)
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
    state, warned = _on_streak(state, event.at_ms, rules)
    state, armed = deadman.tend(state, facts, mono, rules)
    return state, (*told, *tended, *named, *closing, *ended, *warned, *armed)


def _on_streak(state: GuardState, at_ms: int, rules: Rules) -> tuple[GuardState, Commands]:
    lost = losing_day(state, at_ms) if state.mode is Mode.NORMAL else 0
    if lost < rules.limits.streak_losses:
        return state, ()
    return breaker.tighten(state, f"streak.losses: {lost} trades in a row lost today")


def _on_answer(state: GuardState, event: Answer, rules: Rules) -> tuple[GuardState, Commands]:
    failed = event.result in ("rejected", "unreached") and event.code not in _NO_FAILURE
    if failed and orders.owner(state, event.client_id) is not None:
        recent = tuple(at for at in state.failures if at > event.at_ms - HOUR_MS)
        state = replace(state, failures=(*recent[-_FAILURES_KEPT:], event.at_ms))
        if len(state.failures) == rules.limits.failed_orders:
            state, commands = orders.on_answer(state, event, rules)
            message = f"errors.orders: {len(state.failures)} orders failed in an hour, entries pause"
            return state, (*commands, Tell(level="CRITICAL", message=message))
    return orders.on_answer(state, event, rules)


def _on_trip(
    state: GuardState,
    reason: str,
    numbers: tuple[tuple[str, str], ...],
    event: HaltRequested | StepFailed,
    rules: Rules,
) -> tuple[GuardState, Commands]:
    state, told = breaker.trip(state, reason, numbers, event.at_ms)
    state, commands = close_trades(state, reason, event.mono, rules)
    return state, (*told, *commands, Look())


def _on_flatten(state: GuardState, event: FlattenRequested, rules: Rules) -> tuple[GuardState, Commands]:
    if not state.flatten:
        state = replace(state, flatten=event.reason[:200] or "asked", flat_seen=0)
    state, commands = close_trades(state, "flatten", event.mono, rules)
    return state, (*commands, Look())


def _on_fault(state: GuardState, event: StepFailed, rules: Rules) -> tuple[GuardState, Commands]:
    recent = tuple(at for at in state.faults if event.mono - at < _FAULT_WINDOW_MS)
    state = replace(state, faults=(*recent, event.mono))
    if len(state.faults) >= _FAULTS:
        return _on_trip(state, "fault", (("message", event.message[:200]),), event, rules)
    return breaker.tighten(state, f"fault: {event.message}")


def _on_boot(state: GuardState, event: Booted, rules: Rules) -> tuple[GuardState, Commands]:
    """Nothing that was in flight is believed: the venue is asked for each, and every deadline starts anew."""
    state = reset.void(state)
    if rules.flatten_only and not state.flatten:
        state = replace(state, flatten="guard.silent")
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
    armed = tuple(replace(one, mono=event.mono - deadman.AGAIN_MS) for one in state.armed)
    state = replace(state, armed=armed)
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
