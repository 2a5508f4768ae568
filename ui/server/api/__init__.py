"""REST under `/api/v1`: reads of everything the desk keeps, and the few acts that a token or a session may ask for.

Amounts and prices are decimal text, times ISO 8601 in UTC; floats appear only where no money is meant (candles of a
chart, shares, ratios). An error is `{"error": one sentence, "hint": what to do}` and nothing else.
"""

from fastapi import APIRouter

from ui.server.api import account, acts, alerts, events, health, market, record, series

PREFIX = "/api/v1"

router = APIRouter(prefix=PREFIX)
for room in (health, account, market, series, record, alerts, acts, events):
    router.include_router(room.router)

__all__ = ["PREFIX", "router"]
