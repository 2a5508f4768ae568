"""Health: what runs, what is mute, how the streams fare, the disk, and the logs."""

from __future__ import annotations

from collections.abc import Mapping

from desk.domain.errors import DeskError
from ui.console.panels.wanted import Wanted
from ui.console.rendering import render
from ui.server.api.health import parts_of
from ui.server.house import House
from ui.venue_clock import clock_words

_LINES = 250
_OFFSET = "clock_offset_ms"


def health(house: House, wanted: Wanted) -> str:
    """Processes, parts, streams, budget of requests, disk and database, the schedule and what was told."""
    del wanted
    window = house.window
    free, taken = window.services.disk()
    return render(
        "health.html",
        parts=parts_of(house),
        services=window.services.services(),
        needed=("guard",) if window.config.profile.venue.base_url else ("guard", "paper exchange"),
        streams=_with_clock(house, window.services.streams()),
        venue=_venue(house),
        free=free,
        taken=taken,
        place=house.place,
        version=house.version,
        ledger=window.books.ledger() is not None,
        database=window.books.database,
        jobs=window.unattended.jobs(),
        alerts=window.unattended.alerts(),
    )


def log(house: House, wanted: Wanted) -> str:
    """The newest lines of every log that pass the filters, the newest on top: it is what is looked for."""
    lines = house.window.services.lines(level=wanted.level, words=wanted.words, limit=_LINES)
    return render("log.html", lines=lines[::-1], filtered=bool(wanted.level or wanted.words))


def _venue(house: House) -> dict[str, object]:
    """How the guard's side of the venue fares; empty where no guard tells."""
    try:
        with house.window.guard.client() as guard:
            return _with_clock(house, guard.venue())
    except DeskError:
        return {}


def _with_clock(house: House, told: Mapping[str, object]) -> dict[str, object]:
    """What a side of the venue tells, its clock in words that are true of this market."""
    shown = dict(told)
    if _OFFSET in shown:
        status = house.window.guard.look().status
        heard = status.venue_time if status else None
        shown["clock"] = clock_words(house.window.config.profile.clock, shown.pop(_OFFSET), heard)
    return shown
