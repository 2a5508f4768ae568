"""What the sentry looks at, of one profile: its files, its guard, its disk and its database."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from config.alerts import AlertSettings
from crews.running.services import Folder
from crews.schedule.service import run_file as schedule_file
from crews.sentry.guard_watch import GuardWatch, Look
from crews.sentry.journal_watch import JournalWatch
from crews.sentry.machine_watch import DatabaseWatch, DiskWatch, ScheduleWatch
from crews.sentry.record_watch import RecordWatch
from crews.sentry.sentry import Watch
from crews.sentry.traffic_watch import TrafficWatch
from desk.alerts import Kind, Outbox
from desk.alerts.values import TRAFFIC
from desk.guard.process.runfile import read_run_file
from desk.ports import Clock
from ops.identity import Identity
from ui.window import Window
from ui.window.guard import GuardPane

_FRESH_SECONDS, _PATIENCE_SECONDS = 0.4, 1.0
# A guard waits so long for a venue that answers slowly; its loop takes no longer for one thing.
_BUSY_SECONDS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watches:
    """All that is looked at: `prompt` reads files of this machine, `asking` asks somebody who may let it wait."""

    prompt: Sequence[Watch]
    asking: Sequence[Watch]


def open_watches(settings: AlertSettings, window: Window, guard: GuardPane, outbox: Outbox, clock: Clock) -> Watches:
    """All watches of a profile. `guard` is their own pane: they look more often, and wait less, than people."""
    folder = window.folder
    traffic = TRAFFIC.intersection(
        Kind(kind) for one in (*settings.channels.values(), *settings.webhooks.values()) for kind in one.kinds
    )
    schedule = schedule_file(folder)
    prompt = (
        JournalWatch(folder.journal),
        RecordWatch(window.record.log, outbox),
        *([TrafficWatch(window.record.log, outbox, traffic)] if traffic else []),
        ScheduleWatch(
            lambda: _touched(schedule), lambda: datetime.fromtimestamp(time.time(), UTC), lambda: _gone(schedule)
        ),
    )
    silence = GuardWatch(
        lambda: asked(guard, folder),
        (folder.root / "run" / "guard.json").exists,
        clock,
        silent_seconds=settings.guard_silent_seconds,
    )
    disk = DiskWatch(
        lambda: shutil.disk_usage(_lasting(folder.root)).free,
        warning_mb=settings.disk.warning_mb,
        critical_mb=settings.disk.critical_mb,
    )
    return Watches(prompt=prompt, asking=(silence, disk, DatabaseWatch(lambda: _read(window))))


def asked(pane: GuardPane, folder: Folder) -> Look:
    """What the guard says now; of one that does not, whether its door answers while its loop waits for the venue.

    Whose process is gone is seen at once, and nobody is asked for it.
    """
    exchange_gone = _gone(folder.program("venue").run_file)
    if _gone(folder.program("guard").run_file):
        return Look(status=None, gone=True, exchange_gone=exchange_gone)
    seen = pane.look()
    if seen.status is not None:
        return Look(status=seen.status, trouble=seen.trouble, exchange_gone=exchange_gone)
    silence = pane.silence()
    busy = silence is not None and silence < _BUSY_SECONDS
    return Look(status=None, trouble=seen.trouble, busy=busy, exchange_gone=exchange_gone)


def _read(window: Window) -> None:
    ledger = window.books.ledger()
    if ledger is not None:
        ledger.decisions(limit=1)


def open_guard(folder: Folder) -> GuardPane:
    """A pane that is looked through twice a second; close it after use."""
    return GuardPane(folder, fresh=_FRESH_SECONDS, patience=_PATIENCE_SECONDS)


def _touched(file: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        return None


def _gone(run_file: Path) -> bool:
    """Whether a run file names a process that is no more; one that waits for its parent to notice is none either."""
    told = read_run_file(run_file)
    return told is not None and not Identity(pid=told.pid, born=0).alive


def _lasting(folder: Path) -> Path:
    """The nearest folder that is there: the data may not have been begun."""
    return folder if folder.exists() else _lasting(folder.parent) if folder != folder.parent else Path("/")
