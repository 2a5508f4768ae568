"""Whether the intent itself may be heard: its time, its symbol, its shape, and what is held of its symbol already."""

from __future__ import annotations

from desk.domain.certificates import MARK_DIGITS, mark_of
from desk.domain.intents import Action
from desk.domain.moments import to_ms
from desk.domain.money import ONE, ZERO
from desk.guard.gate.case import Case, Decision, refuse
from desk.guard.gate.sizing import leverage


def expiry(case: Case) -> Decision | None:
    """An intent has a beginning and an end, both near now."""
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


def allow_list(case: Case) -> Decision | None:
    """The exact symbols the operator named; what is held may be closed whatever it is called."""
    symbol = case.intent.symbol
    account = case.event.facts.account
    held = account is not None and account.quantity(symbol) != ZERO
    if case.intent.action is Action.CLOSE and (held or case.state.trade(symbol) is not None):
        return None
    if symbol not in case.rules.symbols or symbol not in case.rules.filters:
        return refuse("symbol.not_allowed", f"{symbol} is not on the allow-list")
    return None


def proof(case: Case) -> Decision | None:
    """Where orders reach a real venue, only a strategy with a certificate opens, on its symbols, until it expires."""
    if not case.rules.proof_needed:
        return None
    (name, mark), symbol, now = mark_of(case.intent.strategy_id), case.intent.symbol, case.event.at_ms
    held = next((one for one in case.rules.certificates if one.digest[:MARK_DIGITS] == mark), None)
    if held is None:
        return refuse("certificate.missing", f"no edge proven: {name} has no certificate this guard knows")
    if held.strategy != name or symbol not in held.symbols:
        return refuse("certificate.other", f"this certificate is about {held.strategy} on {', '.join(held.symbols)}")
    if not held.issued_ms <= now < held.expires_ms:
        return refuse("certificate.expired", "the proof is over", expires_at=held.expires_ms, now=now)
    return None


def one_per_run(case: Case) -> Decision | None:
    """A run asks once for a symbol."""
    intent = case.intent
    if case.state.asked(intent.run_id, intent.symbol):
        return refuse("intent.one_per_run", f"run {intent.run_id} already asked for {intent.symbol}")
    return None


def one_position(case: Case) -> Decision | None:
    """A position is neither added to nor turned around."""
    account, symbol = case.event.facts.account, case.intent.symbol
    held = account.quantity(symbol) if account else ZERO
    if held != ZERO or case.state.trade(symbol) is not None:
        return refuse("position.exists", f"{symbol} is open or being closed: close it first", held=held)
    return None


def distances(case: Case) -> Decision | None:
    """Stop and target stand where they can work, and somebody is convinced."""
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


def before_ruin(case: Case) -> Decision | None:
    """Isolated margin is gone at about 1/leverage: the stop must be reached well before the venue liquidates."""
    rules, stop = case.rules, case.intent.stop_pct
    most = (ONE - rules.limits.liquidation_buffer) / leverage(rules, rules.filters[case.intent.symbol])
    if stop > most:
        return refuse("stop.liquidation", "the venue might liquidate before this stop", stop=stop, most=round(most, 6))
    return None
