"""The account as the guard tells it now, and how the desk has done."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel

from desk.domain.errors import GuardUnreachableError
from desk.guard.vocabulary.status import GuardStatus, PositionStatus
from ui.proof import certified, strategies_of
from ui.server.house import house_of
from ui.window.breakdown import Breakdown
from ui.window.performance import Track

router = APIRouter(tags=["account"])


class Paused(BaseModel):
    """Why the crew pauses, and since when."""

    reason: str
    since: datetime


class Status(BaseModel):
    """The guard's state, and whether the crew pauses or works."""

    guard: GuardStatus
    paused: Paused | None
    kickoff_at_work: bool


class Held(PositionStatus):
    """An open position, the name it trades under, and whether a certificate stands behind that name."""

    strategy_id: str
    certified: bool


class Positions(BaseModel):
    """Open positions with their protection."""

    items: tuple[Held, ...]


class Summary(BaseModel):
    """One look at the whole: equity, today, what closed trades came to, what the models cost today."""

    equity: Decimal
    today: Decimal
    day_limit: Decimal
    positions: int
    uncertified_positions: int
    certified: tuple[str, ...]
    mode: str
    track: Track
    models_usd_today: Decimal
    models_usd_limit: Decimal


@router.get("/status")
def status(request: Request) -> Status:
    """Mode, latch, budgets, positions, limits. 503 when no guard answers: an old number would be worse than none."""
    house = house_of(request)
    held = house.window.paused()
    return Status(
        guard=_guard(request),
        paused=Paused(reason=held.reason, since=held.since) if held else None,
        kickoff_at_work=house.controls.kickoffs.at_work,
    )


@router.get("/positions")
def positions(request: Request) -> Positions:
    """Open positions, each with its stop, its target, the intent behind it, and whether it is certified."""
    return Positions(items=_held(_guard(request)))


@router.get("/performance")
def performance(
    request: Request, since: Annotated[AwareDatetime | None, Query(description="Trades closed from then on.")] = None
) -> Track:
    """Closed trades and equity: profit factor, win rate and Sharpe with their intervals; null of too few.

    `first` and `last` are the account's equity; what was paid in or taken out is no part of Sharpe and drawdown.
    """
    return house_of(request).window.track(since=since)


@router.get("/performance/breakdown")
def breakdown(
    request: Request, since: Annotated[AwareDatetime | None, Query(description="Trades closed from then on.")] = None
) -> Breakdown:
    """Closed trades by strategy and certificate, by regime, and by what each agent had said; null where not known."""
    return house_of(request).window.breakdown(since=since)


@router.get("/analytics/summary")
def summary(request: Request) -> Summary:
    """The figures of a first look."""
    window, told = house_of(request).window, _guard(request)
    spent = window.spending()
    return Summary(
        equity=told.equity,
        today=told.equity - told.day.baseline,
        day_limit=told.day.limit,
        positions=len(told.positions),
        uncertified_positions=sum(not one.certified for one in _held(told)),
        certified=told.certified,
        mode=told.mode,
        track=window.track(),
        models_usd_today=spent.usd,
        models_usd_limit=spent.limit,
    )


def _held(told: GuardStatus) -> tuple[Held, ...]:
    under = strategies_of(told)
    return tuple(
        Held(
            **{name: getattr(one, name) for name in PositionStatus.model_fields},
            strategy_id=under[one.symbol],
            certified=certified(under[one.symbol]),
        )
        for one in told.positions
    )


def _guard(request: Request) -> GuardStatus:
    seen = house_of(request).window.guard.look()
    if seen.status is None:
        raise GuardUnreachableError(seen.trouble, hint="crew kickoff starts one; stops keep resting at the venue")
    if seen.status.trouble:
        raise GuardUnreachableError(
            f"the guard cannot see the venue: {seen.status.trouble}", hint="nothing new is opened until it can"
        )
    return seen.status
