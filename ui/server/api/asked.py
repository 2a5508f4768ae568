"""What a caller may ask a list for, and how a page of it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict

from desk.ledger.pages import LONGEST, Asked

T = TypeVar("T")
SYMBOL = r"^[A-Z0-9]{2,20}$"
Symbol = Annotated[str, Path(pattern=SYMBOL, examples=["BTCUSDT"])]
SymbolFilter = Annotated[
    str, Query(pattern=r"^([A-Z0-9]{2,20})?$", description="Only this symbol.", examples=["BTCUSDT"])
]
DecisionId = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9:_.-]{0,79}$")]
_MOST_SKIPPED = 1_000_000


class Page(BaseModel, Generic[T]):
    """One page, newest first. `next` is the address of the following page, or null at the end."""

    model_config = ConfigDict(from_attributes=True)
    items: list[T]
    limit: int
    offset: int
    next: str | None


def _span(
    since: Annotated[AwareDatetime | None, Query(description="From this moment on.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Before this moment; keeps pages still.")] = None,
    limit: Annotated[int, Query(ge=1, le=LONGEST)] = 100,
    offset: Annotated[int, Query(ge=0, le=_MOST_SKIPPED)] = 0,
) -> Asked:
    return Asked(since=since, until=until, limit=limit, offset=offset)


Span = Annotated[Asked, Depends(_span)]
"""What of a list, by time alone."""


def _bounds(span: Span, symbol: SymbolFilter = "") -> Asked:
    return replace(span, symbol=symbol)


Bounds = Annotated[Asked, Depends(_bounds)]


def page(request: Request, asked: Asked, items: Sequence[T]) -> Page[T]:
    """A page and where the next one is."""
    following = None
    if len(items) == asked.limit and asked.offset + asked.limit <= _MOST_SKIPPED:
        url = request.url.include_query_params(offset=asked.offset + asked.limit)
        following = f"{url.path}?{url.query}"
    return Page[T](items=list(items), limit=asked.limit, offset=asked.offset, next=following)
