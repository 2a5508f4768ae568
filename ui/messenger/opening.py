"""From alerts.yaml to collaborators: the rules, and the channels with their secrets."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import time as clock_time
from datetime import timedelta
from zoneinfo import ZoneInfo

from config.alerts import AlertSettings, QuietHours, secret_of
from config.webhooks import secret_of_webhook, url_of
from desk.alerts import Kind, Level
from desk.alerts.channels import AppriseChannel
from desk.alerts.courier import Channel
from desk.alerts.hooks import SignedHook
from desk.alerts.rules import Quiet, Rules
from desk.domain.errors import PrerequisiteError
from desk.fetch.client import GuardedClient
from desk.guard.process.clock import SystemClock

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
