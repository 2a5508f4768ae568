"""What the ledger keeps, page by page: signals, trades, equity, contexts, breaker events, costs, agents' records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from pydantic import BaseModel

from crews.learning.scoring import Scorer, standings
from crews.seating import setup_of
from desk.domain.money import ZERO
from desk.ledger import BreakerRow, ContextRow, CostRow, EquityRow, SignalRow, TradeRow
from desk.ledger.pages import Pages, SignalCount
from memory.standing import weight
from ui.server.api.asked import Bounds, Page, page
from ui.server.house import House, house_of

router = APIRouter(tags=["ledger"])
T = TypeVar("T")


class State(StrEnum):
    """Which trades."""

    ANY = ""
    OPEN = "open"
    CLOSED = "closed"


class SignalStats(BaseModel):
    """How often each score was seen."""

    items: tuple[SignalCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One agent's forecasts against what came: hits in an interval, what chance hits, and what its word counts for."""

    agent: str
    calls: int
    observations: float
    hits: float
    low: float
    high: float
    chance: float
    brier: float
    weight: str
    basis: str


class Scores(BaseModel):
    """Every agent's record."""

    items: list[Score]


@router.get("/signals")
def signals(request: Request, asked: Bounds, interval: str = "", direction: str = "") -> Page[SignalRow]:
    """Weighted signals, newest first."""
    asked = replace(asked, where=(("interval", interval[:4]), ("direction", direction[:10])))
    return page(request, asked, read(request, lambda pages: pages.signals(asked)))


@router.get("/signals/stats")
def signal_stats(request: Request, asked: Bounds) -> SignalStats:
    """The histogram of the signal: how often each score was seen, by symbol."""
    return SignalStats(items=read(request, lambda pages: pages.signal_counts(asked)))


@router.get("/trades")
def trades(
    request: Request, asked: Bounds, state: State = State.ANY, strategy: str = "", certificate: str = ""
) -> Page[TradeRow]:
    """Trades from opening to close, newest first; the closing values of an open one are null.

    `certificate` is the mark of the proof a trade was opened under, or `uncertified`; null of one entered before.
    """
    asked = replace(asked, where=(("strategy", strategy[:80]), ("certificate", certificate[:32])))
    return page(request, asked, read(request, lambda pages: pages.trades(asked, state=state.value)))


@router.get("/equity")
def equity(request: Request, asked: Bounds) -> Page[EquityRow]:
    """The equity curve, newest first. `transfers` is all that was paid in by then less what was taken out, or null."""
    asked = replace(asked, symbol="")
    return page(request, asked, read(request, lambda pages: pages.equity(asked)))


@router.get("/context/history")
def contexts(request: Request, asked: Bounds) -> Page[ContextRow]:
    """The market at large as each decision saw it, newest first; a figure nobody told is null."""
    return page(request, asked, read(request, lambda pages: pages.contexts(asked)))


@router.get("/breaker")
def breaker(request: Request, asked: Bounds) -> Page[BreakerRow]:
    """What the breaker did, newest first."""
    asked = replace(asked, symbol="")
    return page(request, asked, read(request, lambda pages: pages.breaker(asked)))


@router.get("/costs")
def costs(request: Request, asked: Bounds, agent: str = "") -> Page[CostRow]:
    """What each agent spent on each decision, newest first."""
    asked = replace(asked, symbol="", where=(("agent", agent[:40]),))
    return page(request, asked, read(request, lambda pages: pages.costs(asked)))


@router.get("/agents/scores")
def scores(request: Request) -> Scores:
    """Each agent's reports against what came of them, with the interval, and what its word counts for by it."""
    return Scores(items=scores_of(house_of(request)))


def scores_of(house: House) -> list[Score]:
    """Every agent's record as of the newest decision; empty before the first forecast has come due."""
    ledger = house.window.books.ledger()
    if ledger is None:
        return []
    setup, now = setup_of(house.window.config), house.window.now()
    measure, prior = setup.trust.measure, setup.trust.prior
    records = standings(Scorer(ledger, setup).known(now), now, measure)
    found: list[Score] = []
    for (agent, model, regime), one in records.items():
        if model or regime:
            continue
        worth = weight(one, prior.get(agent, ZERO), measure)
        told: dict[str, Any] = {name: getattr(one, name) for name in _FIGURES}
        found.append(Score(agent=agent, **told, weight=f"{worth.value}", basis=worth.basis.value))
    return found


_FIGURES = ("calls", "observations", "hits", "low", "high", "chance", "brier")


def read(request: Request, reading: Callable[[Pages], tuple[T, ...]]) -> tuple[T, ...]:
    """What the ledger tells; nothing where nothing was written yet."""
    pages = house_of(request).window.books.pages()
    return () if pages is None else reading(pages)
