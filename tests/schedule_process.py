"""A schedule as a process of its own, sixty times as fast: `FOLDER BASE SCRIPT`. Its jobs only note that they ran."""

from __future__ import annotations

import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

from config.loader import load_desk
from crews.running.services import Folder
from crews.schedule.service import run_schedule
from crews.schedule.working import Command, Commands
from desk.domain.moments import from_ms
from desk.guard.secrets.veil import Veil
from tests.unit.crews.schedule.desks import settings

SPEED = 60


class FastClock:
    """Sixty seconds a second since a moment that all processes of a test share."""

    def __init__(self, base: float) -> None:
        self._base = base

    def now(self) -> datetime:
        return from_ms(int(self._base * 1000)) + timedelta(seconds=(time.time() - self._base) * SPEED)

    def monotonic(self) -> float:
        return time.monotonic()


def main(folder: Path, base: float, script: Path) -> None:
    every = {"every_minutes": 0.25, "grace_seconds": 60}
    timetable = settings(desk=every, charts={**every, "work": "charts", "misfire": "once"})
    command = Command(words=(sys.executable, "-S", "-E", str(script), str(folder / "ran")), profile="demo")
    workers = Commands(command, folder / "logs", environ={}, veil=Veil())
    run_schedule(
        load_desk("demo", environ={}),
        Folder(folder / "demo"),
        timetable,
        workers,
        stopped=threading.Event(),
        clock=FastClock(base),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]))
