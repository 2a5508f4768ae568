"""`/api/v1/alerts`: what was told, by level and by time, page by page, for whoever may read and nobody else."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from desk.alerts import Alert, Kind, Level, Outbox
from desk.alerts.values import Way
from tests.unit.ui.conftest import StepClock
from ui.server.house import House

LEVELS = (Level.INFO, Level.WARNING, Level.CRITICAL)


@pytest.fixture
def posted(house: House, clock: StepClock) -> list[datetime]:
    """Nine alerts a minute apart, one level after the other; the moments at which they were posted."""
    moments: list[datetime] = []
    with closing(Outbox(house.window.folder.alerts, clock)) as outbox:
        for number in range(9):
            moments.append(clock.now())
            alert = Alert(kind=Kind.TEST, level=LEVELS[number % 3], title=f"{number}", key=f"{number}")
            outbox.post(alert)
            clock.step(60)
        outbox.spread({"phone": (Level.WARNING, frozenset())})
        sent = outbox.next("phone")
        assert sent is not None
        outbox.settle(sent, Way.SENT)
        outbox.acknowledge(3, "ann")
    return moments


def asked(client: TestClient, bearer: dict[str, str], **bounds: object) -> list[dict[str, Any]]:
    answer = client.get("/api/v1/alerts", params={name: str(value) for name, value in bounds.items()}, headers=bearer)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_they_are_filtered_by_level_by_time_and_by_whether_they_wait(
    client: TestClient, bearer: dict[str, str], posted: list[datetime]
) -> None:
    def titles(**bounds: object) -> str:
        return "".join(one["title"] for one in asked(client, bearer, **bounds))

    assert titles() == "876543210"
    assert titles(level="WARNING") == "741"
    assert titles(since=posted[3].isoformat(), until=posted[6].isoformat()) == "543"
    assert titles(waiting="true") == "85"
    assert titles(level="CRITICAL", until=posted[5].isoformat()) == "2"


def test_each_says_how_far_it_came_and_who_has_seen_it(
    client: TestClient, bearer: dict[str, str], posted: list[datetime]
) -> None:
    told = {one["number"]: one for one in asked(client, bearer)}
    assert [told[number]["channels"] for number in (1, 3, 6)] == [{}, {"phone": "sent"}, {"phone": "queued"}]
    assert (told[3]["by"], told[3]["waits"], told[6]["waits"]) == ("ann", False, True)
    assert datetime.fromisoformat(told[1]["at"]) == posted[0]


def test_its_pages_follow_one_another_without_a_gap(
    client: TestClient, bearer: dict[str, str], posted: list[datetime]
) -> None:
    until = f"{posted[-1] + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    found, path = [], f"/api/v1/alerts?limit=2&until={until}"
    while path:
        told = client.get(path, headers=bearer).json()
        found += [one["number"] for one in told["items"]]
        path = told["next"]
    assert found == [9, 8, 7, 6, 5, 4, 3, 2, 1]


def test_whoever_has_not_logged_in_is_told_nothing(client: TestClient, posted: list[datetime]) -> None:
    del posted
    assert client.get("/api/v1/alerts").status_code == 401


def test_a_level_that_is_none_is_refused_in_one_line(client: TestClient, bearer: dict[str, str]) -> None:
    answer = client.get("/api/v1/alerts?level=LOUD", headers=bearer)
    assert answer.status_code == 422
    assert set(answer.json()) == {"error", "hint"}
