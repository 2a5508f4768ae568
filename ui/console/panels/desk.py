"""Under the chart: what is held and what protects it, working orders, the account's budgets, the newest decisions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from crews.judgement.decide import decision_id_of
from desk.domain.errors import GuardUnreachableError
from desk.domain.money import ZERO
from desk.guard.vocabulary.state import Phase
from desk.guard.vocabulary.status import GuardStatus
from ui.away import to_liquidation, to_stop
from ui.console.panels.wanted import Wanted
from ui.console.rendering import render, trouble
from ui.proof import proof_chip, strategies_of
from ui.server.house import House

VIEWS = ("positions", "orders", "account", "newest")
_NEWEST = 12
# Phases in which the entry's own order may still be filled further.
_ON_ITS_WAY = frozenset({Phase.ENTRY_SENT.value, Phase.ENTRY_UNKNOWN.value})


def under(house: House, wanted: Wanted) -> str:
    """One of the four views."""
    view = wanted.name("view")
    view = view if view in VIEWS else VIEWS[0]
    if view == "newest":
        return render("desk_newest.html", rows=house.window.record.decisions(limit=_NEWEST))
    seen = house.window.guard.look()
    if seen.blind or seen.status is None:
        told = seen.status.trouble if seen.status else seen.trouble
        hint = "Nothing old is shown in its place. Stops keep resting at the venue."
        return trouble(GuardUnreachableError(told, hint=hint))
    return render(
        f"desk_{view}.html",
        guard=seen.status,
        to_stop=to_stop,
        to_liquidation=to_liquidation,
        budgets=_budgets(seen.status),
        under=strategies_of(seen.status),
        proof=proof_chip,
        orders=list(_orders(seen.status)) if view == "orders" else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order of the desk: an entry on its way, or the stop or target that rests at the venue for a position.

    `price` and `away` (of the mark) are None for an entry, which takes what the market gives within its collar.
    """

    symbol: str
    what: str
    side: str
    quantity: Decimal
    state: str
    price: Decimal | None
    away: Decimal | None
    strategy_id: str
    decision: str


def _orders(told: GuardStatus) -> Iterator[Order]:
    """What works at the venue for the desk: entries that are not yet filled, then stops and targets."""
    held = {one.symbol: one for one in told.positions}
    for asked in told.open_intents:
        decision = decision_id_of(asked.run_id, asked.symbol)
        about = {"symbol": asked.symbol, "strategy_id": asked.strategy_id, "decision": decision}
        waits = asked.quantity - asked.filled
        if asked.phase in _ON_ITS_WAY and waits > ZERO:
            side, state = asked.side.lower(), asked.phase
            yield Order(what="entry", side=side, quantity=waits, state=state, price=None, away=None, **about)
        position = held.get(asked.symbol)
        if position is None:
            continue
        side = "sell" if position.quantity > ZERO else "buy"
        for what, price in (("stop", position.stop), ("target", position.target)):
            if price:
                away = abs(price - position.mark) / position.mark if position.mark else None
                size = abs(position.quantity)
                yield Order(what=what, side=side, quantity=size, state=asked.phase, price=price, away=away, **about)


def _budgets(told: GuardStatus) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    """What may still be lost: name, left, limit, and the share that is left."""
    limits = (
        ("today (UTC)", told.day.left, told.day.limit),
        ("in any 24 hours", told.rolling.left, told.rolling.loss + told.rolling.left),
        ("to a sudden gap", told.gap_budget.left, told.gap_budget.used + told.gap_budget.left),
    )
    return [(name, left, limit, left / limit if limit > ZERO else ZERO) for name, left, limit in limits]
