"""The paper exchange's own endpoints, which Binance has not: its status, its clock, the headlines of its market.

They move no money and place no order. Moving a stepped clock needs the admin token.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final, cast

import orjson

from desk.domain.errors import DataError
from desk.domain.moments import to_ms
from desk.venues.paper.engine.values import Refusal
from desk.venues.paper.wire import errors
from desk.venues.paper.wire.calls import Desk
from desk.venues.paper.wire.figures import Json
from desk.venues.paper.wire.requests.params import Params

PREFIX: Final = "/paper/v1/"


def status(desk: Desk) -> Json:
    """GET status."""
    venue = desk.venue
    about = dict(venue.source.about())
    seed = about.get("seed")
    clock = venue.time.clock
    return {
        "source": about.get("kind", ""),
        "about": about,
        "clock": clock.mode.value,
        "speed": clock.speed,
        "now": venue.now_ms(),
        "ended": clock.ended,
        "symbols": list(desk.tape.symbols),
        "seed": int(seed) if seed is not None and seed.isdigit() else None,
        "profile": desk.profile,
        "trouble": venue.source.trouble(venue.now_ms()),
        "quotes": venue.quotes_met,
    }


def headlines(desk: Desk, params: Params) -> list[Json]:
    """GET headlines: from `since` (ms UTC) to the venue's present."""
    rows = desk.venue.source.headlines(params.integer("since") or 0, desk.venue.now_ms())
    return [
        {
            "at": to_ms(row.at),
            "source": row.source,
            "title": row.title,
            "symbols": list(row.symbols),
        }
        for row in rows
    ]


def advance(desk: Desk, body: bytes, token: str | None, expected: str) -> Json:
    """POST clock/advance {"to": ms}: move a stepped clock; what is due on the way happens before this answers."""
    if not token or not hmac.compare_digest(token.encode(), expected.encode()):
        raise Refusal(-2015)
    to_ms = _target(body)
    try:
        desk.venue.time.clock.advance_to(to_ms)
    except DataError as error:
        raise Refusal(-1128, message=error.message) from error
    return {"now": desk.venue.now_ms(), "quotes": desk.venue.catch_up()}


def _target(body: bytes) -> int:
    try:
        asked: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise errors.mandatory("to") from None
    to_ms = cast("Mapping[str, object]", asked).get("to") if isinstance(asked, dict) else None
    if not isinstance(to_ms, int) or isinstance(to_ms, bool):
        raise errors.mandatory("to")
    return to_ms
