"""The gate: an ordered list of named rules, all fail-closed. What no rule refuses is sized; the first refusal ends it.

It sees the intent, the guard's state and one look at the venue, nothing else. Missing, stale or contradictory data
opens nothing. Closing always passes: a locked desk may still get out, because refusing exits would trap the loss.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from desk.domain.intents import Action, Intent, Outcome
from desk.domain.moments import to_ms
from desk.domain.money import ONE, ZERO, plain
from desk.guard.equity import Worth, worth
from desk.guard.events import IntentReceived
from desk.guard.facts import AccountFact, MarkFact
from desk.guard.rules import Rules
from desk.guard.sizing import size
from desk.guard.state import GuardState, Mode

Numbers = tuple[tuple[str, str], ...]
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The gate's answer to a readable intent."""

    outcome: Outcome
    rule: str
    message: str
    numbers: Numbers = ()
    quantity: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One intent before the gate."""

    intent: Intent
    state: GuardState
    event: IntentReceived
    rules: Rules


def refuse(rule: str, message: str, **numbers: object) -> Decision:
    """A refusal by `rule`, with the numbers it was decided on."""
    return Decision(outcome=Outcome.REFUSED, rule=rule, message=message, numbers=told(**numbers))


def told(**numbers: object) -> Numbers:
    """Numbers as text, in the order given."""
    return tuple((name, plain(value) if isinstance(value, Decimal) else str(value)) for name, value in numbers.items())


def decide(case: Case) -> Decision:
    """Approved, reduced or refused, by the first rule that has something to say."""
    for rule in ALWAYS:
        if refusal := rule(case):
            return refusal
    if case.intent.action is Action.CLOSE:
        return _close(case)
    for rule in OPENING:
        if refusal := rule(case):
            return refusal
    account, mark, now = _told(case)
    if account is None or mark is None or now is None:
        return refuse("data.missing", "the account, its baseline or the mark is not known")
    return _sized(case, account, mark, now)


def _told(case: Case) -> tuple[AccountFact | None, MarkFact | None, Worth | None]:
    facts = case.event.facts
    account = facts.account
    now = worth(case.state, account, facts, case.rules, case.event.at_ms) if account else None
    return account, facts.mark(case.intent.symbol), now


def _close(case: Case) -> Decision:
    account = case.event.facts.account
    held = account.quantity(case.intent.symbol) if account else ZERO
    trade = case.state.trade(case.intent.symbol)
    if held == ZERO and trade is not None:
        held = trade.seen if trade.seen != ZERO else trade.filled
    if held == ZERO and trade is None:
        return refuse("close.no_position", f"nothing is open in {case.intent.symbol}")
    return Decision(
        outcome=Outcome.APPROVED,
        rule="close",
        message="closing always passes",
        quantity=abs(held),
        numbers=told(held=held),
    )


def _sized(case: Case, account: AccountFact, mark: MarkFact, now: Worth) -> Decision:
    intent, rules = case.intent, case.rules
    filters = rules.filters[intent.symbol]
    sized = size(intent, case.state, account, case.event.facts, rules, now, mark.price)
    numbers = told(
        equity=now.equity, wanted=sized.wanted, allowed=sized.allowed, mark=mark.price, budget_left=now.left
    ) + tuple((name, plain(value)) for name, value in sized.caps)
    if sized.bound and sized.allowed <= ZERO:
        message = f"{sized.bound} leaves no room for {intent.symbol}"
        return Decision(outcome=Outcome.REFUSED, rule=sized.bound, message=message, numbers=numbers)
    notional = sized.quantity * mark.price
    # A market order may fill below the mark it was sized at; the venue checks its own minimum against the fill.
    least = filters.min_notional * (ONE + rules.limits.slippage_reserve)
    if sized.quantity < filters.min_quantity or sized.quantity <= ZERO or notional < least:
        bound = f", bound by {sized.bound}" if sized.bound else ""
        message = f"{plain(sized.quantity)} {intent.symbol} is below the venue's smallest order{bound}"
        return Decision(outcome=Outcome.REFUSED, rule="size.below_minimum", message=message, numbers=numbers)
    outcome, rule = (Outcome.REDUCED, sized.bound) if sized.bound else (Outcome.APPROVED, "size.risk")
    message = f"{plain(sized.quantity)} {intent.symbol}, {plain(round(notional, 2))} USDT"
    return Decision(outcome=outcome, rule=rule, message=message, numbers=numbers, quantity=sized.quantity)


def _expiry(case: Case) -> Decision | None:
    now, intent, rules = case.event.at_ms, case.intent, case.rules
    created, expires = to_ms(intent.created_at), to_ms(intent.expires_at)
    slack = rules.limits.clock_skew_ms * rules.speed
    if created > now + slack:
        return refuse("intent.from_future", "the intent is dated after now", created_at=created, now=now)
    if expires <= now:
        return refuse("intent.expired", "the intent is no longer valid", expires_at=expires, now=now)
    if not 0 < expires - created <= rules.limits.intent_seconds * 1000 * rules.speed:
        return refuse("intent.lifetime", "the intent lives too long", created_at=created, expires_at=expires)
    return None


def _one_per_run(case: Case) -> Decision | None:
    intent = case.intent
    if any(one.run_id == intent.run_id and one.symbol == intent.symbol for one in case.state.answers):
        return refuse("intent.one_per_run", f"run {intent.run_id} already asked for {intent.symbol}")
    return None


def _allow_list(case: Case) -> Decision | None:
    symbol = case.intent.symbol
    account = case.event.facts.account
    held = account is not None and account.quantity(symbol) != ZERO
    if case.intent.action is Action.CLOSE and (held or case.state.trade(symbol) is not None):
        return None
    if symbol not in case.rules.symbols or symbol not in case.rules.filters:
        return refuse("symbol.not_allowed", f"{symbol} is not on the allow-list")
    return None


def _mode(case: Case) -> Decision | None:
    state = case.state
    if state.mode is not Mode.NORMAL:
        why = state.latch.reason if state.latch else state.why
        return refuse(f"mode.{state.mode.value.lower()}", f"{state.mode.value}: {why}")
    if state.flatten:
        return refuse("mode.flatten", f"closing everything: {state.flatten}")
    if state.suspect is not None:
        return refuse("mode.suspect", f"a possible breach is being confirmed: {state.suspect.reason}")
    return None


def _freshness(case: Case) -> Decision | None:
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


def _sources(case: Case) -> Decision | None:
    _, _, now = _told(case)
    if now is None:
        return refuse("data.no_baseline", "the day has no baseline yet")
    if now.difference > case.rules.limits.equity_gap:
        return refuse("equity.sources", "venue equity and own books disagree", venue=now.venue, ledger=now.ledger)
    if now.left <= ZERO:
        return refuse("budget.spent", "a loss budget is spent", day=now.day.left, rolling=now.rolling.left)
    return None


def _collar(case: Case) -> Decision | None:
    mark, limit = case.event.facts.mark(case.intent.symbol), case.rules.limits.collar
    if mark is None or mark.price <= ZERO:
        return refuse("data.missing", "no mark")
    seen = case.intent.seen_mark
    if abs(seen - mark.price) > limit * mark.price:
        return refuse("price.collar", "the mark moved since the crew looked", seen=seen, mark=mark.price, limit=limit)
    return None


def _unexplained(case: Case) -> Decision | None:
    open_items = [item for item in case.state.unexplained if item not in case.state.acknowledged]
    if open_items:
        return refuse("account.unexplained", f"not ours and not acknowledged: {', '.join(open_items[:3])}")
    return None


def _rate(case: Case) -> Decision | None:
    now, limits = case.event.at_ms, case.rules.limits
    minute = sum(1 for at in case.state.entries if at > now - 60_000)
    day = sum(1 for at in case.state.entries if at > now - DAY_MS)
    if minute >= limits.entries_per_minute:
        return refuse(
            "rate.entries_minute", "too many entries in a minute", sent=minute, limit=limits.entries_per_minute
        )
    if day >= limits.entries_per_day:
        return refuse("rate.entries_day", "too many entries in 24 hours", sent=day, limit=limits.entries_per_day)
    return None


def _one_position(case: Case) -> Decision | None:
    account, symbol = case.event.facts.account, case.intent.symbol
    held = account.quantity(symbol) if account else ZERO
    if held != ZERO or case.state.trade(symbol) is not None:
        return refuse("position.exists", f"{symbol} is open or being closed: close it first", held=held)
    return None


def _distances(case: Case) -> Decision | None:
    limits, intent = case.rules.limits, case.intent
    stop, target = intent.stop_pct, intent.target_pct
    if not limits.stop_min <= stop <= limits.stop_max:
        return refuse(
            "stop.distance", "the stop is too near or too far", stop=stop, least=limits.stop_min, most=limits.stop_max
        )
    if target <= ZERO or target > limits.target_max:
        return refuse("target.distance", "the target is missing or too far", target=target, most=limits.target_max)
    if target < stop * limits.target_ratio:
        return refuse("target.ratio", "the target is too near for its stop", target=target, stop=stop)
    if intent.conviction <= ZERO:
        return refuse("conviction.zero", "no conviction, no position")
    return None


Rule = Callable[[Case], Decision | None]
ALWAYS: tuple[Rule, ...] = (_expiry, _allow_list)
OPENING: tuple[Rule, ...] = (
    _one_per_run,
    _mode,
    _freshness,
    _sources,
    _collar,
    _unexplained,
    _rate,
    _one_position,
    _distances,
)
