"""A house of the demo profile in an empty home: nothing runs, and time moves when a test says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from config.loader import load_desk
from crews.running.services import Folder
from ui.controls import Controls
from ui.server.access import Access, Scope
from ui.server.access.identity import Role
from ui.server.door import Place
from ui.server.house import House
from ui.server.hub import Hub
from ui.server.roof import build
from ui.window import Window

PASSWORD = "a right long word"
PLACE = Place(host="127.0.0.1", port=8600)
ORIGIN = "http://127.0.0.1:8600"


@dataclass
class StepClock:
    """A clock that a test moves."""

    at: datetime = field(default_factory=lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))
    ticks: float = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.ticks

    def step(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.ticks += seconds


@pytest.fixture
def clock() -> StepClock:
    return StepClock()


@pytest.fixture
def house(tmp_path: Path, clock: StepClock) -> Iterator[House]:
    config, folder = load_desk("demo", environ={}), Folder(tmp_path / "demo")
    window = Window(config, folder)
    opened = House(
        window=window,
        controls=Controls(window, lambda: config),
        access=Access(tmp_path / ".access" / "access.sqlite", clock),
        place=PLACE,
        hub=Hub(),
        version="0.0.0",
    )
    yield opened
    opened.close()


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    """A browser that has not logged in."""
    with TestClient(build(house), base_url=ORIGIN, follow_redirects=False) as opened:
        yield opened


@pytest.fixture
def operator(client: TestClient, house: House) -> TestClient:
    """The same browser, logged in, whose page proves itself as ours does."""
    house.access.set_password("operator", PASSWORD, role=Role.OPERATOR)
    answer = client.post("/login", data={"name": "operator", "secret": PASSWORD}, headers={"Origin": ORIGIN})
    assert answer.status_code == 303, answer.text
    client.headers["X-CSRF-Token"] = client.cookies["crew_csrf"]
    return client


@pytest.fixture
def bearer(house: House) -> dict[str, str]:
    """The headers of a program that may read."""
    return {"Authorization": f"Bearer {house.access.new_token('reader', Scope.READ)}"}
