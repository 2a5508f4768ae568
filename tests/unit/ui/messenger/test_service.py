"""The alert service as a whole, on a thread: what happens is told within seconds, and what it is told is done."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.alerts import AlertSettings
from config.loader import load_desk
from crews.running.pause import paused
from crews.running.services import Folder
from crews.sentry.guard_watch import Look
from desk.alerts import Alert, Kind, Level, Outbox
from desk.domain.errors import PrerequisiteError
from desk.guard.process.clock import SystemClock
from memory.audit import AuditLog
from tests.loopback_services import Web, web_server
from ui.messenger import watching
from ui.messenger.service import run_alerts
from ui.window.guard import GuardPane

CHAT, TOKEN = 4242, "123456789:secret-of-the-bot-abcdefghijk"
SECONDS = 60.0


def until(true: Callable[[], bool]) -> None:
    """Wait for what the service's threads do."""
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def settings(web: Web) -> AlertSettings:
    return AlertSettings.model_validate(
        {
            "channels": {
                "hook": {"url_env": "CREWDESK_ALERT_HOOK"},
                "dead": {"url_env": "CREWDESK_ALERT_DEAD"},
            },
            "webhooks": {
                "books": {
                    "url": web.url + "/books",
                    "secret_env": "CREWDESK_HOOK_SECRET",
                    "kinds": ("trip",),
                    "private": True,
                }
            },
            "repeat_minutes": 10.0,
            "most_an_hour": 30,
            "digest_minutes": 15.0,
            "retry_hours": 24.0,
            "guard_silent_seconds": 3.0,
            "disk": {"warning_mb": 2, "critical_mb": 1},
            "unread": {"after_seconds": 60.0, "act": "none"},
            "telegram": {"token_env": "CREWDESK_TELEGRAM_TOKEN", "chats": (CHAT,), "base_url": web.url},
        },
        strict=False,
    )


@dataclass
class Service:
    """A service at work."""

    folder: Folder
    web: Web
    settings: AlertSettings

    @property
    def outbox(self) -> Outbox:
        return Outbox(self.folder.alerts, SystemClock())


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with web_server() as web:
        monkeypatch.setenv("CREWDESK_ALERT_HOOK", web.url.replace("http://", "json://") + "/hook")
        monkeypatch.setenv("CREWDESK_ALERT_DEAD", "json://127.0.0.1:9/dead")
        monkeypatch.setenv("CREWDESK_TELEGRAM_TOKEN", TOKEN)
        monkeypatch.setenv("CREWDESK_HOOK_SECRET", "whsec_" + "QUJD" * 8)
        made = Service(Folder(tmp_path / "demo"), web, settings(web))
        stopped, ready = threading.Event(), threading.Event()
        thread = threading.Thread(
            target=run_alerts,
            args=(lambda: load_desk("demo", environ={}), made.folder, made.settings),
            kwargs={"stopped": stopped, "ready": ready.set},
        )
        thread.start()
        try:
            assert ready.wait(SECONDS)
            yield made
        finally:
            stopped.set()
            thread.join(SECONDS)


def test_a_desk_tells_and_is_told(service: Service) -> None:
    run_file = service.folder.root / "run" / "alerts.json"
    assert run_file.exists()
    outbox = service.outbox
    outbox.post(Alert(kind=Kind.TRIP, level=Level.CRITICAL, title="the breaker tripped", key="a"))
    until(lambda: bool(service.web.sent_to("/hook")))  # a dead channel beside it delays nothing
    [told] = service.web.sent_to("/hook")
    assert told["title"] == "CRITICAL #1 the breaker tripped"
    until(lambda: bool(service.web.sent_to("/books")))
    [event] = service.web.sent_to("/books")
    assert (event["type"], event["title"]) == ("trip", "the breaker tripped")

    person = {"id": CHAT, "type": "private"}
    message = {"chat": person, "from": person, "date": int(datetime.now(UTC).timestamp()), "text": "/pause enough"}
    stranger = {"id": 666, "type": "private"}
    service.web.updates.append({"update_id": 1, "message": {**message, "chat": stranger, "from": stranger}})
    service.web.updates.append({"update_id": 2, "message": message})
    until(lambda: bool(service.web.sent_to("/sendMessage")))
    [reply] = service.web.sent_to("/sendMessage")
    assert reply["chat_id"] == CHAT
    assert paused(service.folder) is not None
    log = AuditLog(service.folder.audit, SystemClock(), create=False)
    rows = [row.payload for row in log.rows("acts", kind="act")]
    assert [(row["act"], row["by"]) for row in rows] == [
        ("wrote to the bot", "telegram 666"),
        ("pause", f"telegram {CHAT}"),
    ]
    assert log.verify().ok
    log.close()

    schedule = service.folder.root / "run" / "schedule.json"
    schedule.write_text("{}")

    os.utime(schedule, (1, 1))  # the sign of life of a schedule that was killed
    until(lambda: len(service.web.sent_to("/hook")) > 1)
    assert "the schedule has stopped" in service.web.sent_to("/hook")[1]["title"]
    outbox.close()
    with pytest.raises(PrerequisiteError, match="alerts of profile demo runs already"):
        run_alerts(lambda: load_desk("demo", environ={}), service.folder, service.settings, stopped=threading.Event())


def test_a_guard_that_lets_the_desk_wait_delays_no_other_alert(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    let_go = threading.Event()

    def asked(pane: GuardPane) -> Look:
        assert let_go.wait(SECONDS)
        return Look(status=None)

    monkeypatch.setattr(watching, "asked", asked)
    service: Service = request.getfixturevalue("service")
    try:
        with closing(service.outbox) as outbox:
            outbox.post(Alert(kind=Kind.REFUSED, level=Level.WARNING, title="refused", key="a"))
            until(lambda: bool(service.web.sent_to("/hook")))
    finally:
        let_go.set()
