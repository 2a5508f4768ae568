"""How much: from equity, conviction and stop distance, then under every cap. A model never states a quantity.

The wanted notional loses `risk_per_trade` of equity, times conviction, if the stop fills at its trigger. Every cap is
a notional in USDT; the least of them binds, and the verdict names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter

from desk.domain.account import SymbolRules
from desk.domain.intents import Intent
from desk.domain.money import ONE, ZERO, floor_to
from desk.domain.orders import Side
from desk.guard.bounds.rules import Rules
from desk.guard.loss.equity import DAY_MS, Standing, Worth, entry_cost
from desk.guard.vocabulary.events import IntentReceived
from desk.guard.vocabulary.facts import Facts
from desk.guard.vocabulary.state import GuardState, side_of

_NOTIONAL = itemgetter(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A quantity on the venue's grid and how it came about. `bound` names the cap that reduced it, or is empty."""

    quantity: Decimal
    wanted: Decimal
    allowed: Decimal
    bound: str
    caps: tuple[tuple[str, Decimal], ...]


def size(
    intent: Intent, state: GuardState, event: IntentReceived, standing: Standing, rules: Rules, mark: Decimal
) -> Size:
    """The quantity for an intent at `mark`. It may be zero; the gate decides what too little means."""
    limits, filters, now = rules.limits, rules.filters[intent.symbol], standing.worth
    wanted = now.equity * limits.risk_per_trade * intent.conviction / intent.stop_pct
    side = side_of(intent.action)
    caps = (
        *exposure_caps(rules, standing, intent.symbol, side),
        ("cap.probation", probation_notional(rules, state, standing, intent.symbol)),
        ("cap.turnover", now.equity * limits.turnover - turned_over(state, event.at_ms)),
        ("cap.depth", _facing(event.facts, intent.symbol, side) * limits.depth_share),
        ("cap.margin", _margin_notional(event.facts, rules, filters)),
        ("cap.gap_budget", gap_notional(rules, now, standing.gap_used, intent.symbol)),
        ("cap.max_quantity", _most(filters) * mark),
    )
    name, least = min(caps, key=_NOTIONAL)
    allowed = max(ZERO, min(wanted, least))
    quantity = floor_to(allowed / mark, filters.market_step)
    # The wanted size is rounded too: only a cap that costs a whole step reduced anything.
    reduced = least < wanted and quantity < floor_to(max(ZERO, wanted) / mark, filters.market_step)
    return Size(quantity=quantity, wanted=wanted, allowed=allowed, bound=name if reduced else "", caps=caps)


def exposure_caps(rules: Rules, standing: Standing, symbol: str, side: Side) -> tuple[tuple[str, Decimal], ...]:
    """Notional that position, gross, leverage and correlation caps leave for `symbol`."""
    limits, equity = rules.limits, standing.worth.equity
    gross = sum([notional for _, notional in standing.open_now], ZERO)
    here = _open_in(standing, symbol)
    leaning, group = standing.long if side is Side.BUY else standing.short, limits.group(symbol)
    alike = sum([notional for name, notional in leaning if limits.group(name) == group], ZERO)
    return (
        ("cap.position", equity * limits.max_position - here),
        ("cap.gross", equity * limits.max_gross - gross),
        ("cap.leverage", equity * limits.max_leverage - gross),
        ("cap.correlated", equity * limits.max_correlated - alike),
    )


def probation_notional(rules: Rules, state: GuardState, standing: Standing, symbol: str) -> Decimal:
    """On the first UTC days of an account a position may only be a share of what it may be later."""
    limits = rules.limits
    share = limits.probation_share if len(state.days) <= limits.probation_days else ONE
    return standing.worth.equity * limits.max_position * share - _open_in(standing, symbol)


def _open_in(standing: Standing, symbol: str) -> Decimal:
    for name, notional in standing.open_now:
        if name == symbol:
            return notional
    return ZERO


def turned_over(state: GuardState, at_ms: int) -> Decimal:
    """Notional of all entries sent in the last 24 hours, at the marks of their decisions. USDT."""
    since = at_ms - DAY_MS
    return sum([one.notional for one in state.sent if one.at_ms > since], ZERO)


def gap_notional(rules: Rules, now: Worth, used: Decimal, symbol: str) -> Decimal:
    """Notional whose stressed gap still fits in the least loss budget, after what is open took `used` of it."""
    return (now.left - used) / entry_cost(rules, symbol)


def leverage(rules: Rules, filters: SymbolRules) -> int:
    """The leverage set at the venue before an entry."""
    return min(rules.limits.max_leverage, filters.max_leverage)


def _facing(facts: Facts, symbol: str, side: Side) -> Decimal:
    """The side of the book that an entry would take from; what is not known has no depth."""
    book = facts.book(symbol)
    if book is None:
        return ZERO
    return book.asks if side is Side.BUY else book.bids


def _margin_notional(facts: Facts, rules: Rules, filters: SymbolRules) -> Decimal:
    # One USDT of notional takes 1/leverage of margin, and its fee and slippage come from the same purse.
    limits = rules.limits
    per_usdt = ONE / leverage(rules, filters) + 2 * limits.taker_fee + limits.slippage_reserve
    available = facts.account.available if facts.account else ZERO
    return available * limits.margin_use / per_usdt


def _most(filters: SymbolRules) -> Decimal:
    return min(filters.max_quantity, filters.market_max_quantity)
