"""The Health tab shows the schedule and the alerts, and an alert is acknowledged in the chat."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

from crews.schedule.store import ScheduleStore
from desk.alerts import Alert, Kind, Level, Outbox
from desk.guard.process.clock import SystemClock
from ui.console.chat import Chat
from ui.console.panels import PANELS, Wanted
from ui.server.access import Identity
from ui.server.house import House
from ui.steps_screen import step_of

OPERATOR = Identity(name="operator", operates=True, session="s", csrf="c")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOSTILE = "<img src=x onerror=alert(1)>"


def post(house: House) -> None:
    with closing(Outbox(house.window.folder.alerts, SystemClock())) as outbox:
        outbox.post(Alert(kind=Kind.TRIP, level=Level.CRITICAL, title=f"tripped {HOSTILE}", key="a"))


def test_health_shows_jobs_and_alerts_and_a_strangers_text_is_text(house: House) -> None:
    with closing(ScheduleStore(house.window.folder.schedule)) as store:
        store.know("desk", "every 15 min", NOON)
        store.pause("desk", "a rate decision", NOON)
    post(house)
    told = PANELS["health"](house, Wanted(said={}))
    assert "desk" in told
    assert "paused" in told
    assert "say /ack 1" in told
    assert "<img" not in told


def test_an_alert_is_acknowledged_in_the_chat_by_who_may_and_the_record_says_who(house: House) -> None:
    post(house)
    asks = [Identity(name="ann", operates=False, session="s"), OPERATOR]
    told = [list(Chat(house).answer("/ack 1", one))[-1].text for one in asks]
    assert "needs an operator" in told[0]
    assert told[1] == "1 alert acknowledged."
    [row] = house.window.record.log().rows("acts")
    assert step_of(row).words == "ack 1, by operator: 1 acknowledged"
