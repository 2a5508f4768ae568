"""The market: candles now, and the readings of the newest decision, which say how old they are."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from desk.domain.errors import PrerequisiteError
from desk.domain.market import Bar
from ui.server.api.asked import Symbol
from ui.server.house import House, house_of
from ui.window.intelligence import Intelligence

router = APIRouter(tags=["market"])


class Span(StrEnum):
    """The length of a candle."""

    M1 = "1m"
    M5 = "5m"
    M15 = "15m"
    H1 = "1h"
    H4 = "4h"
    D1 = "1d"


class CandlesTold(BaseModel):
    """Finished candles, oldest first, the unfinished one, and the mark price with its time."""

    symbol: str
    interval: Span
    bars: tuple[Bar, ...]
    forming: Bar | None
    mark: Decimal
    at: datetime


class ReadingTold(BaseModel):
    """A tool's result on the snapshot of a decision; `hearsay` where strangers can write what it is computed from."""

    symbol: str
    decision_id: str
    at: datetime
    tool: str
    result: dict[str, Any]
    trouble: str
    hearsay: bool


class Readings(BaseModel):
    """Several of them."""

    items: list[ReadingTold]


@router.get("/candles/{symbol}")
def candles(
    request: Request,
    symbol: Symbol,
    interval: Span = Span.M15,
    limit: Annotated[int, Query(ge=1, le=1000)] = 300,
) -> CandlesTold:
    """Candles as the venue shows them now."""
    house = house_of(request)
    _refuse_strangers(house, symbol)
    found = house.window.market.candles(symbol, interval.value, limit)
    return CandlesTold(
        symbol=symbol,
        interval=interval,
        bars=found.bars,
        forming=found.forming,
        mark=found.mark.price,
        at=found.mark.at,
    )


@router.get("/chart/{symbol}")
def chart(request: Request, symbol: Symbol) -> ReadingTold:
    """The chart's reading: trend, levels, patterns, score, recommendation."""
    return _reading(_look(request, symbol), "read_chart")


@router.get("/context")
def context(request: Request, symbol: str = "") -> ReadingTold:
    """The market at large as the newest decision saw it: leaders, dominance, Fear & Greed, appetite for risk."""
    house = house_of(request)
    return _reading(_look(request, symbol or house.window.symbols[0]), "get_market_context")


@router.get("/intelligence/{symbol}")
def intelligence(request: Request, symbol: Symbol) -> Readings:
    """Every reading of the newest decision on a symbol: regime, signal, spikes, news, profile, correlation, risk."""
    seen = _look(request, symbol)
    return Readings(items=[_reading(seen, name) for name in seen.readings])


def _look(request: Request, symbol: str) -> Intelligence:
    house = house_of(request)
    _refuse_strangers(house, symbol)
    return house.window.intelligence.look(symbol)


def _reading(seen: Intelligence, tool: str) -> ReadingTold:
    found = seen.readings[tool]
    return ReadingTold(
        symbol=seen.symbol,
        decision_id=seen.decision_id,
        at=seen.at,
        tool=tool,
        result=dict(found.told),
        trouble=found.trouble,
        hearsay=found.hearsay,
    )


def _refuse_strangers(house: House, symbol: str) -> None:
    if symbol not in house.window.symbols:
        raise PrerequisiteError(f"{symbol[:20]} is not on the desk's list", hint="/api/v1/info names them")
