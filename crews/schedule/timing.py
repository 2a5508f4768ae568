"""The clock a timetable follows: this machine's; the venue's where that runs faster, so that its day has its slots."""

from __future__ import annotations

from config.loader import DeskConfig
from crews.running import processes
from crews.running.clocks import VenueTime
from crews.running.services import Folder
from desk.domain.errors import PrerequisiteError
from desk.guard.process.clock import SystemClock
from desk.ports import Clock
from desk.venues.binance.public import open_public


def clock_of(config: DeskConfig, folder: Folder) -> Clock:
    """The clock of a profile's timetable.

    Raises:
        PrerequisiteError: it is the exchange's and no exchange runs. By any other clock slots of another year were
            claimed, and those of the exchange's own day never.
    """
    if config.profile.clock.mode != "faster":
        return SystemClock()
    running = processes.find(folder.program("venue"))
    if running is None:
        raise PrerequisiteError(
            "the exchange, whose time this timetable follows, does not run",
            hint=f"crew up --profile {config.profile.name}",
        )
    return VenueTime(open_public(running.url).server_time, stands_still=False, speed=config.profile.clock.speed)
