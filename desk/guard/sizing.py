"""How much: from equity, conviction and stop distance, then under every cap. A model never states a quantity.

The wanted notional loses `risk_per_trade` of equity, times conviction, if the stop fills at its trigger. Every cap is
a notional in USDT; the least of them binds, and the verdict names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from desk.domain.account import SymbolRules
from desk.domain.intents import Intent
from desk.domain.money import ONE, ZERO, floor_to
from desk.guard.equity import Worth, entry_cost, exposures, gap_used
from desk.guard.facts import AccountFact, Facts
from desk.guard.rules import Rules
from desk.guard.state import GuardState


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A quantity on the venue's grid and how it came about. `bound` names the cap that reduced it, or is empty."""

    quantity: Decimal
    wanted: Decimal
    allowed: Decimal
    bound: str
    caps: tuple[tuple[str, Decimal], ...]


def size(
    intent: Intent, state: GuardState, account: AccountFact, facts: Facts, rules: Rules, now: Worth, mark: Decimal
) -> Size:
    """The quantity for an intent at `mark`. It may be zero; the gate decides what too little means."""
    limits, filters = rules.limits, rules.filters[intent.symbol]
    wanted = now.equity * limits.risk_per_trade * intent.conviction / intent.stop_pct
    open_now = exposures(state, account, facts)
    caps = (
        *exposure_caps(rules, now, open_now, intent.symbol),
        ("cap.margin", _margin_notional(account, rules, filters)),
        ("cap.gap_budget", gap_notional(rules, now, gap_used(rules, state, open_now), intent.symbol)),
        ("cap.max_quantity", _most(filters) * mark),
    )
    name, least = min(caps, key=lambda cap: cap[1])
    allowed = max(ZERO, min(wanted, least))
    # The wanted size itself is rounded first: only a cap that costs a whole step reduced anything.
    free = floor_to(max(ZERO, wanted) / mark, filters.market_step)
    quantity = floor_to(allowed / mark, filters.market_step)
    return Size(quantity=quantity, wanted=wanted, allowed=allowed, bound=name if quantity < free else "", caps=caps)


def exposure_caps(
    rules: Rules, now: Worth, open_now: tuple[tuple[str, Decimal], ...], symbol: str
) -> tuple[tuple[str, Decimal], ...]:
    """Notional that position, gross and leverage caps leave for `symbol`."""
    limits, equity = rules.limits, now.equity
    gross = sum((notional for _, notional in open_now), ZERO)
    here = sum((notional for name, notional in open_now if name == symbol), ZERO)
    return (
        ("cap.position", equity * limits.max_position - here),
        ("cap.gross", equity * limits.max_gross - gross),
        ("cap.leverage", equity * limits.max_leverage - gross),
    )


def gap_notional(rules: Rules, now: Worth, used: Decimal, symbol: str) -> Decimal:
    """Notional whose stressed gap still fits in the least loss budget, after what is open took `used` of it."""
    return (now.left - used) / entry_cost(rules, symbol)


def leverage(rules: Rules, filters: SymbolRules) -> int:
    """The leverage set at the venue before an entry."""
    return min(rules.limits.max_leverage, filters.max_leverage)


def _margin_notional(account: AccountFact, rules: Rules, filters: SymbolRules) -> Decimal:
    # One USDT of notional takes 1/leverage of margin, and its fee and slippage come from the same purse.
    limits = rules.limits
    per_usdt = ONE / leverage(rules, filters) + 2 * limits.taker_fee + limits.slippage_reserve
    return account.available * limits.margin_use / per_usdt


def _most(filters: SymbolRules) -> Decimal:
    return min(filters.max_quantity, filters.market_max_quantity)
