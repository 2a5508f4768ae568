"""How far apart the venue's clock and ours are, said so that it is true on a market whose time is not ours.

Where a market is stepped or runs faster, the difference in milliseconds is weeks and says nothing; its own time does.
"""

from __future__ import annotations

from config.profile import ClockSettings
from ui.figures import moment


def clock_words(clock: ClockSettings, offset_ms: object, venue_ms: int | None) -> str:
    """The venue's clock in a few words. `venue_ms` is its time in ms UTC as somebody last heard it, if anybody did."""
    at = f", at {moment(venue_ms)}" if venue_ms else ""
    match clock.mode:
        case "stepped":
            return f"stepped market{at}"
        case "faster":
            return f"the market's own: {clock.speed} times as fast as ours{at}"
        case "real":
            return "not measured yet" if offset_ms is None else f"{offset_ms} ms off ours"
