"""`crew db`: status, up, down and a copy, as an operator types them, on a file and on a server."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crews.record.bookkeeping import DATABASE_VARIABLE
from crews.running.services import HOME_VARIABLE, folder_of
from desk.ledger import EquityRow, Ledger, sqlite_url
from desk.ledger.revisions import HEAD
from tests.postgres_server import PostgresServer
from ui.cli import build
from ui.exits import Exit

ROW = EquityRow(at=datetime(2026, 3, 1, tzinfo=UTC), equity=Decimal("1.5"), wallet=Decimal(1), unrealized=Decimal(0))


def crew(capfd: pytest.CaptureFixture[str], *words: str, code: int = 0) -> tuple[dict[str, object], str]:
    ran = CliRunner().invoke(build(), ["db", *words])
    told, aside = capfd.readouterr()
    assert ran.exit_code == code, told + aside + ran.output
    return (json.loads(told) if told.startswith("{") else {}), told + aside + ran.output


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A ledger of the demo profile with one row."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    monkeypatch.delenv(DATABASE_VARIABLE, raising=False)
    url = sqlite_url(folder_of("demo").ledger)
    opened = Ledger(url)
    opened.record(ROW)
    opened.close()
    return url


def test_before_the_first_kickoff_there_is_no_ledger_and_none_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    told, _ = crew(capfd, "status", "--json")
    assert (told["revision"], told["current"]) == ("", False)
    _, words = crew(capfd, "upgrade", code=Exit.PREREQUISITE)
    assert "has no ledger yet" in words
    assert not folder_of("demo").ledger.exists()


def test_down_and_up_tells_where_the_copies_are(ledger: str, capfd: pytest.CaptureFixture[str]) -> None:
    down, _ = crew(capfd, "downgrade", "0001", "--json")
    assert (down["from"], down["to"]) == (HEAD, "0001")
    assert crew(capfd, "status", "--json")[0]["current"] is False
    up, _ = crew(capfd, "upgrade", "--json")
    assert (up["from"], up["to"]) == ("0001", HEAD)
    for kept in (down["kept"], up["kept"]):
        opened = Ledger(sqlite_url(Path(str(kept))))
        assert opened.equity() == (ROW,)
        opened.close()
    assert crew(capfd, "upgrade", "--json")[0]["kept"] is None


def test_a_copy_to_a_server_is_compared_and_never_goes_over_rows(
    ledger: str, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    server = postgres.database()
    told, _ = crew(capfd, "copy", "--to", server, "--json")
    assert told["tables"]["equity"] == 1  # type: ignore[index]  # JSON as it was told
    _, words = crew(capfd, "copy", "--to", server, code=Exit.PREREQUISITE)
    assert "has rows in equity already" in words
    monkeypatch.setenv(DATABASE_VARIABLE, server)
    assert crew(capfd, "status", "--json")[0]["current"] is True
    opened = Ledger(server)
    assert opened.equity() == (ROW,)
    opened.close()


def test_a_password_is_never_told(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATABASE_VARIABLE, "postgresql+psycopg://desk:hunter2@127.0.0.1:1/desk")
    _, words = crew(capfd, "status", "--json", code=Exit.TAMPERED)
    assert "hunter2" not in words
