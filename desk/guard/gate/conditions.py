"""Whether the market and what is known of it allow an entry: fresh, agreeing, calm, liquid, and at an open hour."""

from __future__ import annotations

from desk.domain.money import ZERO
from desk.guard.gate.case import Case, Decision, refuse
from desk.guard.vocabulary.state import Mode


def mode(case: Case) -> Decision | None:
    """Only a guard in its normal mode, with nothing pending against it, opens."""
    state = case.state
    if case.rules.flatten_only:
        return refuse("mode.flatten_only", "this guard was started to flatten, after another fell silent")
    if state.mode is not Mode.NORMAL:
        why = state.latch.reason if state.latch else state.why
        return refuse(f"mode.{state.mode.value.lower()}", f"{state.mode.value}: {why}")
    if state.flatten:
        return refuse("mode.flatten", f"closing everything: {state.flatten}")
    if state.suspect is not None:
        return refuse("mode.suspect", f"a possible breach is being confirmed: {state.suspect.reason}")
    return None


def calendar(case: Case) -> Decision | None:
    """The operator's closed hours and named events, in the venue's time."""
    limits, now = case.rules.limits, case.event.at_ms
    for hours in limits.closed_hours:
        if hours.holds(now):
            return refuse("market.hours", f"closed from {hours.start} until {hours.until} UTC", now=now)
    for event in limits.blackouts:
        if event.holds(now):
            return refuse("market.blackout", f"too near to {event.name}", now=now)
    return None


def freshness(case: Case) -> Decision | None:
    """Mark, account and clock are all known and new."""
    limits, facts = case.rules.limits, case.event.facts
    mark, account = facts.mark(case.intent.symbol), facts.account
    if mark is None or account is None:
        return refuse("data.missing", f"no mark or no account: {facts.trouble or 'not told'}")
    if abs(facts.skew_ms) > limits.clock_skew_ms:
        return refuse("data.clock_skew", "the venue's clock and ours disagree", skew_ms=facts.skew_ms)
    if mark.age_ms > limits.mark_age_seconds * 1000:
        return refuse("data.mark_stale", "the mark is too old", age_ms=mark.age_ms)
    if account.age_ms > limits.account_age_seconds * 1000:
        return refuse("data.account_stale", "the account view is too old", age_ms=account.age_ms)
    return None


def sources(case: Case) -> Decision | None:
    """Venue and own books tell the same equity, and a loss budget is left."""
    if case.standing is None:
        return refuse("data.no_baseline", "the day has no baseline yet")
    now = case.standing.worth
    if now.difference > case.rules.limits.equity_gap:
        return refuse("equity.sources", "venue equity and own books disagree", venue=now.venue, ledger=now.ledger)
    if now.left <= ZERO:
        return refuse("budget.spent", "a loss budget is spent", day=now.day.left, rolling=now.rolling.left)
    return None


def collar(case: Case) -> Decision | None:
    """The crew decided on the price that is."""
    mark, limit = case.event.facts.mark(case.intent.symbol), case.rules.limits.collar
    if mark is None or mark.price <= ZERO:
        return refuse("data.missing", "no mark")
    seen = case.intent.seen_mark
    if abs(seen - mark.price) > limit * mark.price:
        return refuse("price.collar", "the mark moved since the crew looked", seen=seen, mark=mark.price, limit=limit)
    return None


def liquidity(case: Case) -> Decision | None:
    """The book is there and tight. How deep it is becomes a cap on size."""
    book, limits = case.event.facts.book(case.intent.symbol), case.rules.limits
    if book is None:
        return refuse(
            "market.book_missing", f"no book of {case.intent.symbol}: {case.event.facts.trouble or 'not told'}"
        )
    if book.age_ms > limits.mark_age_seconds * 1000:
        return refuse("data.book_stale", "the book is too old", age_ms=book.age_ms)
    spread = book.spread
    if spread > limits.max_spread:
        return refuse("market.spread", "the spread is too wide", spread=round(spread, 6), limit=limits.max_spread)
    return None


def volatility(case: Case) -> Decision | None:
    """The last five minutes were calm enough for a stop to mean what it says."""
    book, limit = case.event.facts.book(case.intent.symbol), case.rules.limits.max_range
    if book is not None and book.range > limit:
        return refuse("market.volatility", "the market moves too much", range=round(book.range, 6), limit=limit)
    return None


def unexplained(case: Case) -> Decision | None:
    """Everything on the account is ours, or a human has acknowledged it, and all of it can be priced."""
    open_items = [item for item in case.state.unexplained if item not in case.state.acknowledged]
    if open_items:
        return refuse("account.unexplained", f"not ours and not acknowledged: {', '.join(open_items[:3])}")
    facts = case.event.facts
    for order in facts.orders or ():
        if not order.reduce_only and facts.mark(order.symbol) is None:
            return refuse("account.unpriced", f"an order in {order.symbol} has no mark to count it at")
    return None
