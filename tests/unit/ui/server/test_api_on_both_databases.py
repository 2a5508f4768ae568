"""REST tells the same of a ledger, whichever database it is in."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from config.loader import load_desk
from crews.record.bookkeeping import DATABASE_VARIABLE
from crews.running.services import Folder
from desk.ledger import sqlite_url
from desk.ledger.copying import copy_ledger
from tests.postgres_server import PostgresServer
from tests.unit.ui.conftest import ORIGIN, PLACE, StepClock
from ui.controls import Controls
from ui.server.access import Access, Scope
from ui.server.house import House
from ui.server.hub import Hub
from ui.server.roof import build
from ui.window import Window

STORE = Path(__file__).parents[2] / "desk" / "ledger" / "store_0001.sql"
READS = (
    "signals?limit=2",
    "signals?symbol=BTCUSDT&since=2026-03-01T12:01:00Z",
    "signals?direction=SHORT",
    "signals/stats",
    "trades",
    "trades?state=closed",
    "trades?state=open&limit=1&offset=1",
    "equity?until=2026-03-01T12:02:00Z",
    "context/history",
    "breaker",
    "costs?agent=risk",
    "agents/scores",
    "decisions?verdict=approved&limit=2",
    "performance",
    "performance?since=2026-03-01T00:00:00Z",
    "performance/breakdown",
    "performance/breakdown?since=2026-03-01T00:00:00Z",
    "trades?certificate=uncertified",
)


def told(home: Path) -> dict[str, Any]:
    """Every read's answer from a house of its own."""
    config, folder = load_desk("demo", environ={}), Folder(home / "demo")
    window = Window(config, folder)
    access = Access(home / ".access" / "access.sqlite", StepClock())
    controls = Controls(window, lambda: config)
    house = House(window=window, controls=controls, access=access, place=PLACE, hub=Hub(), version="0")
    headers = {"Authorization": f"Bearer {access.new_token('reader', Scope.READ)}"}
    with TestClient(build(house), base_url=ORIGIN, headers=headers) as client:
        found = {read: client.get(f"/api/v1/{read}") for read in READS}
    house.close()
    assert {answer.status_code for answer in found.values()} == {200}
    return {read: answer.json() for read, answer in found.items()}


def test_every_read_is_the_same_from_a_file_and_from_a_server(
    tmp_path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DATABASE_VARIABLE, raising=False)
    file = tmp_path / "file" / "demo" / "ledger.sqlite"
    file.parent.mkdir(parents=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(STORE.read_text())
    server = postgres.database()
    copy_ledger(sqlite_url(file), server)
    from_file = told(tmp_path / "file")
    monkeypatch.setenv(DATABASE_VARIABLE, server)
    assert told(tmp_path / "server") == from_file
    assert not (tmp_path / "server" / "demo" / "ledger.sqlite").exists()
    assert len(from_file["trades"]["items"]) == 3
    assert from_file["performance"]["pnl"] == "-104.9193"
