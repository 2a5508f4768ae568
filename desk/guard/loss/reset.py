"""Unlocking takes a human twice, in a terminal, with a wait between: request, then confirm with the code shown once.

No model has a tool for it. A restart voids a pending request. A latch for a loss cannot be lifted while that loss is
still spent: the answer says when. Lifting a drawdown latch takes today's equity as the new peak, which is the human's
decision and stands in the journal as one; so a latch of another name, with the drawdown spent as well, takes that name
first, and the human asks again knowing it.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from desk.domain.frozen import replace
from desk.domain.moments import from_ms
from desk.guard.bounds.rules import Rules
from desk.guard.loss.breaker import breached, reset_possible_at
from desk.guard.loss.equity import HOUR_MS, opening_ledger, worth
from desk.guard.vocabulary.commands import Commands, Tell
from desk.guard.vocabulary.events import ResetConfirmed, ResetRequested
from desk.guard.vocabulary.facts import Facts
from desk.guard.vocabulary.state import GuardState, High, Latch, Mode, Ticket

_FAILURES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What became of a reset step. `refusal` is empty when it was granted."""

    refusal: str
    from_mono: int = 0
    until_mono: int = 0


def request(state: GuardState, event: ResetRequested, rules: Rules) -> tuple[GuardState, Commands, Ruling]:
    """First step: grants a ticket when the account is proven flat, or when only foreign items are to be accepted."""
    if refusal := _forbidden(state, event.facts, event.at_ms, rules, event.reason):
        return state, (), Ruling(refusal=refusal)
    if (named := _named_drawdown(state, event, rules)) is not None:
        told = Tell(level="CRITICAL", message="the drawdown limit is reached as well: the latch is now loss.drawdown")
        refusal = "reset.drawdown: the drawdown is spent too; ask again, and today's equity becomes the new height"
        return named, (told,), Ruling(refusal=refusal)
    limits = rules.limits
    start = event.mono + limits.cooldown_seconds * 1000
    ticket = Ticket(
        code_hash=event.code_hash,
        reason=event.reason[:500],
        from_mono=start,
        until_mono=start + limits.code_seconds * 1000,
    )
    mode = Mode.RESET_REQUESTED if state.mode is Mode.LOCKED else state.mode
    ruling = Ruling(refusal="", from_mono=ticket.from_mono, until_mono=ticket.until_mono)
    told = Tell(level="CRITICAL", message=f"reset requested: {event.reason[:200]}")
    return replace(state, mode=mode, ticket=ticket), (told,), ruling


def confirm(state: GuardState, event: ResetConfirmed, rules: Rules) -> tuple[GuardState, Commands, Ruling]:
    """Second step: the code, within its time, while the circumstances of the first still hold."""
    ticket = state.ticket
    if ticket is None:
        return state, (), Ruling(refusal="reset.no_request: ask for a reset first")
    if event.mono >= ticket.until_mono:
        return void(state), (), Ruling(refusal="reset.code_expired: ask again")
    if not hmac.compare_digest(ticket.code_hash, event.code_hash):
        failed = replace(ticket, failures=ticket.failures + 1)
        state = void(state) if failed.failures >= _FAILURES else replace(state, ticket=failed)
        return state, (), Ruling(refusal="reset.wrong_code: that is not the code")
    if event.mono < ticket.from_mono:
        wait = -(-(ticket.from_mono - event.mono) // 1000)
        return state, (), Ruling(refusal=f"reset.cool_down: the code works in {wait} s")
    if refusal := _forbidden(state, event.facts, event.at_ms, rules, ticket.reason):
        return void(state), (), Ruling(refusal=refusal)
    return _lift(state, event), (Tell(level="CRITICAL", message="reset confirmed"),), Ruling(refusal="")


def _named_drawdown(state: GuardState, event: ResetRequested, rules: Rules) -> GuardState | None:
    """The state with its latch named for a drawdown that is spent as well; None where there is nothing to name."""
    latch, account = state.latch, event.facts.account
    if latch is None or latch.reason == "loss.drawdown" or account is None:
        return None
    now = worth(state, account, event.facts, rules, event.at_ms)
    breach = None if now is None or not now.drawdown.spent else breached(now, event.facts, rules)
    if breach is None:
        return None
    reason, numbers = breach
    return replace(state, latch=Latch(reason=reason, at_ms=latch.at_ms, numbers=numbers))


def void(state: GuardState) -> GuardState:
    """Drop a pending request: what was locked stays locked."""
    mode = Mode.LOCKED if state.mode is Mode.RESET_REQUESTED else state.mode
    return replace(state, ticket=None, mode=mode)


def _forbidden(state: GuardState, facts: Facts, at_ms: int, rules: Rules, reason: str) -> str:
    if not reason.strip():
        return "reset.reason: say why"
    if state.mode is Mode.FLATTENING:
        return "reset.flattening: not proven flat yet"
    if state.mode is Mode.NORMAL and not state.unexplained and not state.tightened:
        return "reset.nothing: nothing is locked"
    account = facts.account
    if account is None or facts.orders is None or facts.stops is None:
        return f"reset.blind: the venue cannot be seen ({facts.trouble})"
    if state.latch is not None and (account.positions or facts.orders or facts.stops or state.trades):
        return "reset.not_flat: positions or orders are still open"
    now = worth(state, account, facts, rules, at_ms)
    blocked = reset_possible_at(now, state, at_ms) if now is not None and state.latch is not None else None
    if blocked is not None:
        what, when = blocked
        return f"reset.{what}: still spent; possible from {from_ms(when).isoformat()}"
    return ""


def _lift(state: GuardState, event: ResetConfirmed) -> GuardState:
    account = event.facts.account
    if account is None or state.ledger is None:
        return state
    books, peak = state.ledger, state.peak
    if state.mismatch_mono is not None:
        # The human has accepted the venue's word over our books: they start again from it, transfers kept.
        books = replace(opening_ledger(account, event.facts, event.at_ms), transfers=state.ledger.transfers)
    if state.latch is not None and state.latch.reason == "loss.drawdown":
        net = account.equity - books.transfers
        peak = High(hour=event.at_ms // HOUR_MS, equity=net, transfers=books.transfers)
    return replace(
        state,
        mode=Mode.NORMAL,
        why="",
        latch=None,
        ticket=None,
        suspect=None,
        faults=(),
        flatten="",
        mismatch_mono=None,
        failures=(),
        forgiven_ms=event.at_ms,
        tightened=(),
        ledger=books,
        peak=peak,
        acknowledged=state.unexplained,
    )
