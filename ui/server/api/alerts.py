"""Alerts: what people were told and how loud, on which channels it travels, and whether somebody has seen it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel

from desk.alerts import Kind, Level
from desk.alerts.values import Way
from ui.server.api.asked import Page, Span, page
from ui.server.house import house_of
from ui.window.unattended import AlertSeen

router = APIRouter(tags=["alerts"])


class AlertTold(BaseModel):
    """One alert. `count` is how often it happened, `last` when it last did; `data` is the same for programs.

    `waits` is true while it is critical and nobody has acknowledged it; `by` says who did, `acted` what the desk did by
    itself because nobody had.
    """

    number: int
    at: datetime
    last: datetime
    kind: Kind
    level: Level
    title: str
    text: str
    data: dict[str, Any]
    count: int
    channels: dict[str, Way]
    waits: bool
    acknowledged: datetime | None
    by: str
    acted: str


@router.get("/alerts")
def alerts(request: Request, asked: Span, level: Level | None = None, waiting: bool = False) -> Page[AlertTold]:
    """What was told, newest first: of one level, of a span of time, or only what waits to be acknowledged."""
    found = house_of(request).window.unattended.told(asked, level=level, waiting=waiting)
    return page(request, asked, [_told(one) for one in found])


def _told(seen: AlertSeen) -> AlertTold:
    posted, alert = seen.posted, seen.posted.alert
    return AlertTold(
        number=posted.number,
        at=posted.at,
        last=posted.last,
        kind=alert.kind,
        level=alert.level,
        title=alert.title,
        text=alert.text,
        data=dict(alert.data),
        count=posted.count,
        channels=dict(seen.channels),
        waits=posted.waits,
        acknowledged=posted.acknowledged,
        by=posted.by,
        acted=posted.acted,
    )
