"""Whether the desk behaves: how often it entered, how often orders failed, and what its last trades came to."""

from __future__ import annotations

from desk.guard.gate.case import DAY_MS, HOUR_MS, Case, Decision, refuse
from desk.guard.vocabulary.endings import Ended
from desk.guard.vocabulary.state import GuardState, side_of

REPEATED = "repeat.entries"


def entries(case: Case) -> Decision | None:
    """Entries are rationed by the minute and by the day."""
    now, limits = case.event.at_ms, case.rules.limits
    times = [one.at_ms for one in case.state.sent if one.at_ms > now - DAY_MS]
    minute, day = len([at for at in times if at > now - 60_000]), len(times)
    if minute >= limits.entries_per_minute:
        return refuse(
            "rate.entries_minute", "too many entries in a minute", sent=minute, limit=limits.entries_per_minute
        )
    if day >= limits.entries_per_day:
        return refuse("rate.entries_day", "too many entries in 24 hours", sent=day, limit=limits.entries_per_day)
    return None


def repeated(case: Case) -> Decision | None:
    """The same entry again and again is a machine that runs away: this refusal latches, and a human must look.

    Source: Commission Delegated Regulation (EU) 2017/589, Article 15(3), repeated automated execution throttles.
    """
    intent, limits = case.intent, case.rules.limits
    since = case.event.at_ms - limits.repeat_seconds * 1000
    recent = [one for one in case.state.sent if one.at_ms > since and one.symbol == intent.symbol]
    same = len([one for one in recent if one.strategy_id == intent.strategy_id and one.side == side_of(intent.action)])
    if same >= limits.repeat_entries:
        return refuse(REPEATED, "the same entry once too often", sent=same, limit=limits.repeat_entries)
    return None


def failures(case: Case) -> Decision | None:
    """Orders that fail again and again mean that something is not understood: entries pause until the hour is over."""
    limit = case.rules.limits.failed_orders
    recent = len([at for at in case.state.failures if at > case.event.at_ms - HOUR_MS])
    if recent >= limit:
        return refuse("errors.orders", "too many failed orders in an hour", failed=recent, limit=limit)
    return None


def rest(case: Case) -> Decision | None:
    """A symbol rests after each close, and for longer after losses in a row."""
    limits, now, symbol = case.rules.limits, case.event.at_ms, case.intent.symbol
    ended = [one for one in case.state.ended if one.symbol == symbol]
    if not ended:
        return None
    since = now - ended[-1].closed_at
    if since < limits.reentry_seconds * 1000:
        return refuse("rest.reentry", f"{symbol} closed a moment ago", since_ms=since, seconds=limits.reentry_seconds)
    lost = losses_in_a_row(tuple(one for one in ended if one.closed_at > now - DAY_MS), case.state.forgiven_ms)
    if lost >= limits.symbol_losses and since < limits.symbol_rest_seconds * 1000:
        return refuse("rest.losses", f"{symbol} lost {lost} times in a row", lost=lost, limit=limits.symbol_losses)
    return None


def losses_in_a_row(ended: tuple[Ended, ...], since_ms: int) -> int:
    """How many of the newest trades that closed after `since_ms` lost, one after the other."""
    count = 0
    for one in reversed(ended):
        if one.pnl >= 0 or one.closed_at <= since_ms:
            break
        count += 1
    return count


def losing_day(state: GuardState, at_ms: int) -> int:
    """Losing trades in a row on this UTC day, over all symbols."""
    start = max(at_ms // DAY_MS * DAY_MS - 1, state.forgiven_ms)
    return losses_in_a_row(tuple(sorted(state.ended, key=lambda one: one.closed_at)), start)
