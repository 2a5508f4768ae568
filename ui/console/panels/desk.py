"""Under the chart: what is held and what protects it, working orders, the account's budgets, the newest decisions."""

from __future__ import annotations

from decimal import Decimal

from desk.domain.errors import GuardUnreachableError
from desk.domain.money import ZERO
from desk.guard.vocabulary.status import GuardStatus, PositionStatus
from ui.console.panels.wanted import Wanted
from ui.console.rendering import render, trouble
from ui.proof import proof_chip, strategies_of
from ui.server.house import House

VIEWS = ("positions", "orders", "account", "newest")
_NEWEST = 12


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
        distance=_distance,
        budgets=_budgets(seen.status),
        under=strategies_of(seen.status),
        proof=proof_chip,
    )


def _distance(held: PositionStatus) -> Decimal | None:
    """How far the mark is from the stop, as a share of the mark."""
    return abs(held.mark - held.stop) / held.mark if held.stop and held.mark else None


def _budgets(told: GuardStatus) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    """What may still be lost: name, left, limit, and the share that is left."""
    limits = (
        ("today (UTC)", told.day.left, told.day.limit),
        ("in any 24 hours", told.rolling.left, told.rolling.loss + told.rolling.left),
        ("to a sudden gap", told.gap_budget.left, told.gap_budget.used + told.gap_budget.left),
    )
    return [(name, left, limit, left / limit if limit > ZERO else ZERO) for name, left, limit in limits]
