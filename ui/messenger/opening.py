"""From alerts.yaml to collaborators: the rules, the channels with their secrets, and what the sentry looks at."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from zoneinfo import ZoneInfo

from config.alerts import AlertSettings, QuietHours, secret_of
from config.webhooks import secret_of_webhook, url_of
from crews.schedule.service import run_file as schedule_file
from crews.sentry.guard_watch import GuardWatch, Look
from crews.sentry.machine_watch import DatabaseWatch, DiskWatch, ScheduleWatch
from crews.sentry.record_watch import RecordWatch
from crews.sentry.sentry import Watch
from crews.sentry.traffic_watch import TrafficWatch
from desk.alerts import Kind, Level, Outbox
from desk.alerts.channels import AppriseChannel
from desk.alerts.courier import Channel
from desk.alerts.hooks import SignedHook
from desk.alerts.rules import Quiet, Rules
from desk.alerts.values import TRAFFIC
from desk.domain.errors import PrerequisiteError
from desk.fetch.client import GuardedClient
from desk.guard.process.clock import SystemClock
from desk.ports import Clock
from ui.window import Window

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# What these say below a warning may hold an address, and with it a token.
_TALKATIVE = ("apprise", "urllib3", "httpx", "httpcore")


def rules_of(settings: AlertSettings) -> Rules:
    """The rules of every channel."""
    return Rules(
        zone=ZoneInfo(settings.timezone),
        quiet=tuple(_quiet(hours) for hours in settings.quiet_hours),
        most_an_hour=settings.most_an_hour,
        digest_every=timedelta(minutes=settings.digest_minutes),
        give_up=timedelta(hours=settings.retry_hours),
    )


def open_channels(
    settings: AlertSettings, environ: Mapping[str, str], cover: Callable[[str], str]
) -> dict[str, Channel]:
    """Every channel and webhook. Raises PrerequisiteError, naming channel or variable and never the URL."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    people = {
        name: AppriseChannel(
            name,
            secret_of(one.url_env, environ),
            least=Level(one.least),
            kinds=frozenset(Kind(kind) for kind in one.kinds),
            base_url=one.base_url,
            cover=cover,
        )
        for name, one in settings.channels.items()
    }
    programs = {
        name: SignedHook(
            name,
            url_of(one, environ),
            secret_of_webhook(one, environ),
            client=GuardedClient(private=one.private),
            clock=SystemClock(),
            least=Level(one.least),
            kinds=frozenset(Kind(kind) for kind in one.kinds),
            cover=cover,
        )
        for name, one in settings.webhooks.items()
    }
    return {**people, **programs}


def secrets_of(settings: AlertSettings, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Every secret these settings name, and the parts of a URL that are one by themselves."""
    named = (settings.telegram.token_env, *(one.url_env for one in settings.channels.values()))
    named += tuple(name for one in settings.webhooks.values() for name in (one.url_env, one.secret_env))
    values = [environ[name].strip() for name in named if environ.get(name, "").strip()]
    values += _in_files(settings)
    parts = [part for value in values for part in value.replace("@", "/").replace(":", "/").split("/")]
    whole = [value.partition("://")[2].partition("/")[0] for value in values]
    return tuple(dict.fromkeys((*values, *whole, *(part for part in parts if len(part) >= 16))))


def open_watches(settings: AlertSettings, window: Window, outbox: Outbox, clock: Clock) -> Sequence[Watch]:
    """All that the sentry looks at."""
    folder = window.folder

    def ask() -> Look:
        seen = window.guard.look()
        return Look(status=seen.status, trouble=seen.trouble)

    def read() -> None:
        ledger = window.books.ledger()
        if ledger is not None:
            ledger.decisions(limit=1)

    traffic = TRAFFIC.intersection(
        Kind(kind) for one in (*settings.channels.values(), *settings.webhooks.values()) for kind in one.kinds
    )
    return (
        *([TrafficWatch(window.record.log, outbox, traffic)] if traffic else []),
        GuardWatch(
            ask,
            (folder.root / "run" / "guard.json").exists,
            clock,
            silent_seconds=settings.guard_silent_seconds,
        ),
        RecordWatch(window.record.log, outbox),
        DiskWatch(
            lambda: shutil.disk_usage(_lasting(folder.root)).free,
            warning_mb=settings.disk.warning_mb,
            critical_mb=settings.disk.critical_mb,
        ),
        DatabaseWatch(read),
        ScheduleWatch(lambda: _touched(schedule_file(folder)), lambda: datetime.fromtimestamp(time.time(), UTC)),
    )


def _in_files(settings: AlertSettings) -> list[str]:
    """Secrets of webhooks that stand in files; one that cannot be read is told when the webhook is opened."""
    found: list[str] = []
    for one in settings.webhooks.values():
        if one.secret_file:
            with suppress(PrerequisiteError):
                found.append(secret_of_webhook(one, {}))
    return found


def _quiet(hours: QuietHours) -> Quiet:
    return Quiet(
        begins=clock_time.fromisoformat(hours.start),
        ends=clock_time.fromisoformat(hours.until),
        days=frozenset(_DAYS.index(day) for day in hours.days),
    )


def _touched(file: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        return None


def _lasting(folder: Path) -> Path:
    """The nearest folder that is there: the data may not have been begun."""
    return folder if folder.exists() else _lasting(folder.parent) if folder != folder.parent else Path("/")
