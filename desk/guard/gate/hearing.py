"""An intent is heard, read by the guard's own grammar, decided by the gate, remembered, and begun: in that order.

The same bytes get the same answer for ever; other bytes under a known name are refused. A flood is not remembered.
"""

from __future__ import annotations

from bisect import bisect_right

from desk.domain.errors import DataError, IntentTextError
from desk.domain.frozen import replace
from desk.domain.intents import Action, Intent, Outcome, Verdict
from desk.domain.moments import from_ms, to_ms
from desk.domain.money import ZERO
from desk.guard.bounds.rules import Rules
from desk.guard.door.wire import parse_intent
from desk.guard.gate import DAY_MS, Case, Decision, decide, refuse
from desk.guard.gate.conduct import REPEATED
from desk.guard.gate.sizing import leverage
from desk.guard.loss import breaker
from desk.guard.loss.equity import standing
from desk.guard.record.codec import digest
from desk.guard.trades import reconcile
from desk.guard.trades.exits import begin_exit, close_trades
from desk.guard.vocabulary.commands import Commands, Look, SendEntry, Tell
from desk.guard.vocabulary.events import IntentReceived
from desk.guard.vocabulary.ids import ENTRY, client_id
from desk.guard.vocabulary.state import Answered, EntrySent, GuardState, Phase, Trade, side_of

_ANSWERS_KEPT = 512
Hearing = tuple[GuardState, Commands, Verdict]


def worth_a_look(state: GuardState, text: str, at_ms: int, rules: Rules) -> Intent | None:
    """The intent whose decision needs fresh data: this text reads as one, is not known, and is not part of a flood."""
    if len(_heard(state, at_ms)) >= rules.limits.intents_per_minute:
        return None
    try:
        intent = parse_intent(text)
    except IntentTextError:
        return None
    return None if state.answer(intent.intent_id) is not None else intent


def _heard(state: GuardState, at_ms: int) -> tuple[int, ...]:
    # In the order of the venue's clock, which never runs backwards here.
    return state.heard[bisect_right(state.heard, at_ms - 60_000) :]


def hear(state: GuardState, event: IntentReceived, rules: Rules) -> Hearing:
    """The state, commands and verdict that an intent's text leads to."""
    heard = _heard(state, event.at_ms)
    if len(heard) >= rules.limits.intents_per_minute:
        refusal = refuse("rate.intents", "too many intents in a minute", heard=len(heard))
        return state, (), _verdict("", refusal, event.at_ms)
    heard = (*heard, event.at_ms)
    try:
        intent = parse_intent(event.text)
    except IntentTextError as error:
        refusal = refuse(error.rule, error.message)
        return replace(state, heard=heard), (), _verdict("", refusal, event.at_ms)
    body = digest(event.text)
    before = state.answer(intent.intent_id)
    if before is not None:
        if before.body == body:
            return replace(state, heard=heard), (), verdict_of(before)
        refusal = refuse("intent.id_reused", "this intent id was used for other bytes")
        return replace(state, heard=heard), (), _verdict(intent.intent_id, refusal, event.at_ms)
    decision = _decide(intent, state, event, rules)
    answer = _answered(intent, body, decision, event.at_ms)
    state = replace(state, heard=heard, answers=_remembered(state.answers, answer))
    state, commands = _execute(state, intent, decision, event, rules)
    return state, commands, verdict_of(answer)


def _decide(intent: Intent, state: GuardState, event: IntentReceived, rules: Rules) -> Decision:
    try:
        stands = standing(state, event.facts, rules, event.at_ms)
        return decide(Case(intent=intent, state=state, event=event, rules=rules, standing=stands))
    except (ArithmeticError, DataError) as error:
        # A number no rule foresaw: nobody decided, so it is refused.
        return refuse("gate.arithmetic", f"the gate could not decide: {error}"[:200])


def _verdict(intent_id: str, decision: Decision, at_ms: int) -> Verdict:
    return Verdict(
        intent_id=intent_id,
        outcome=decision.outcome,
        rule=decision.rule,
        message=decision.message,
        numbers=decision.told(),
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


def _answered(intent: Intent, body: str, decision: Decision, at_ms: int) -> Answered:
    return Answered(
        intent_id=intent.intent_id,
        run_id=intent.run_id,
        symbol=intent.symbol,
        body=body,
        outcome=decision.outcome.value,
        rule=decision.rule,
        message=decision.message,
        numbers=decision.told(),
        quantity=decision.quantity,
        at_ms=at_ms,
        expires_ms=to_ms(intent.expires_at),
    )


def _remembered(before: tuple[Answered, ...], answer: Answered) -> tuple[Answered, ...]:
    answers = (*before, answer)
    if len(answers) > _ANSWERS_KEPT and answers[0].expires_ms <= answer.at_ms:
        # An intent that has expired is refused for that, so its answer need not be kept for ever.
        spare = len(answers) - _ANSWERS_KEPT
        answers = (*(one for one in answers[:spare] if one.expires_ms > answer.at_ms), *answers[spare:])
    return answers


def _execute(
    state: GuardState, intent: Intent, decision: Decision, event: IntentReceived, rules: Rules
) -> tuple[GuardState, Commands]:
    if decision.rule == REPEATED:
        return _lock(state, decision, event, rules)
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
        side=side_of(intent.action),
        quantity=decision.quantity,
        mark=mark.price if mark else intent.seen_mark,
        stop_pct=intent.stop_pct,
        target_pct=intent.target_pct,
        phase=Phase.ENTRY_SENT,
        entry_id=client_id(intent.intent_id, ENTRY),
        sent_mono=event.mono,
    )
    entry = EntrySent(
        at_ms=event.at_ms,
        strategy_id=trade.strategy_id,
        symbol=trade.symbol,
        side=trade.side,
        notional=trade.quantity * trade.mark,
    )
    sent = (*(one for one in state.sent if one.at_ms > event.at_ms - DAY_MS), entry)
    send = SendEntry(
        symbol=trade.symbol,
        side=trade.side,
        quantity=trade.quantity,
        client_id=trade.entry_id,
        leverage=leverage(rules, rules.filters[trade.symbol]),
    )
    return replace(state, sent=sent, trades=(*state.trades, trade)), (send,)


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


def _lock(state: GuardState, decision: Decision, event: IntentReceived, rules: Rules) -> tuple[GuardState, Commands]:
    """An entry repeated once too often stops the desk: only a human's reset lifts this, and no restart."""
    state, told = breaker.trip(state, decision.rule, decision.told(), event.at_ms)
    state, commands = close_trades(state, decision.rule, event.mono, rules)
    return state, (*told, *commands, Look())
