"""Run the schedule of a profile until somebody stops it: one at a time, its sign of life renewed each second."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from config import live
from config.loader import DeskConfig
from config.schedule import ScheduleSettings, Work
from crews.running.pause import paused
from crews.running.services import Folder, write_private
from crews.running.turn import holding
from crews.schedule.jobs import jobs_of
from crews.schedule.store import Run, ScheduleStore
from crews.schedule.ticking import Schedule, Workers
from desk.ports import Clock

TICK_SECONDS = 0.5
_LEAVING_SECONDS = 45.0


def run_file(folder: Folder) -> Path:
    """Where a running schedule says its pid. It is touched at every look: an old one is of a schedule that is gone."""
    return folder.root / "run" / "schedule.json"


def run_schedule(
    config: DeskConfig,
    folder: Folder,
    settings: ScheduleSettings,
    workers: Workers,
    *,
    stopped: threading.Event,
    clock: Clock,
    phrase: str = "",
    told: Callable[[Run], None] = lambda run: None,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Run until `stopped` is set, then let what is at work end.

    Raises:
        ConfigError: a kickoff on real money is on the timetable without the three opt-ins.
        PrerequisiteError: another schedule of this profile runs, or its store cannot be kept.
    """
    jobs = jobs_of(settings, config.profile.name, config.desk.symbols)
    if any(job.settings.work is Work.KICKOFF for job in jobs.values()):
        live.require_opt_ins(config, environ=os.environ, phrase=phrase)
    with holding(folder.root, "schedule", "crew schedule list and history work meanwhile"), _store(folder) as store:
        schedule = Schedule(jobs, store, workers, clock, crew_pauses=lambda: paused(folder) is not None, told=told)
        with _sign_of_life(folder) as beat:
            ready()
            while not stopped.is_set():
                schedule.tick()
                beat()
                stopped.wait(TICK_SECONDS)
            _leave(schedule, beat)


@contextmanager
def _store(folder: Folder) -> Iterator[ScheduleStore]:
    store = ScheduleStore(folder.schedule)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _sign_of_life(folder: Folder) -> Iterator[Callable[[], None]]:
    """Say that it runs for as long as it does. Only a schedule that ends in order takes its file along."""
    file = run_file(folder)
    write_private(
        file, json.dumps({"pid": os.getpid(), "url": "", "started_at": datetime.now(UTC).isoformat(timespec="seconds")})
    )

    def beat() -> None:
        with suppress(OSError):
            file.touch()

    yield beat
    file.unlink(missing_ok=True)


def _leave(schedule: Schedule, beat: Callable[[], None]) -> None:
    """Ask what is at work to end, and wait for it: the decision at hand finishes."""
    schedule.stop()
    until = time.monotonic() + _LEAVING_SECONDS
    while schedule.at_work and time.monotonic() < until:
        schedule.reap()
        beat()
        time.sleep(TICK_SECONDS / 5)
