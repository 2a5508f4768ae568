"""`crew backup` and `crew restore` as an operator types them."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from crews.running.services import HOME_VARIABLE, folder_of
from memory.audit import AuditLog
from ops.running import sole_keeper
from tests.unit.memory.conftest import TestClock
from ui.cli import build
from ui.exits import Exit


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    return tmp_path


def crew(capfd: pytest.CaptureFixture[str], *words: str, code: int = 0) -> tuple[dict[str, Any], str]:
    ran = CliRunner().invoke(build(), list(words))
    told, aside = capfd.readouterr()
    assert ran.exit_code == code, told + aside + ran.output
    return (json.loads(told) if told.startswith("{") else {}), told + aside + ran.output


def decided() -> None:
    with closing(AuditLog(folder_of("demo").audit, TestClock())) as audit:
        audit.append("d1", "error", {"stage": "work", "error": "None", "message": "kept"})


def test_there_is_nothing_to_keep_of_a_desk_that_never_ran(capfd: pytest.CaptureFixture[str]) -> None:
    assert "has nothing to keep yet" in crew(capfd, "backup", code=Exit.PREREQUISITE)[1]


def test_a_backup_is_restored_over_data_only_with_a_word(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    decided()
    told, _ = crew(capfd, "backup", "--json")
    assert (told["audit_rows"], told["gone"]) == (1, 0)
    assert Path(told["backup"]).parent == home / "backups"
    assert "--replace" in crew(capfd, "restore", told["backup"], code=Exit.PREREQUISITE)[1]
    back, _ = crew(capfd, "restore", told["backup"], "--replace", "--json")
    assert (back["profile"], back["latched"], back["halted"]) == ("demo", "", False)
    assert Path(back["aside"]).exists()


def test_a_desk_that_is_kept_running_is_not_restored_over(capfd: pytest.CaptureFixture[str]) -> None:
    decided()
    told, _ = crew(capfd, "backup", "--json")
    with sole_keeper(folder_of("demo")):
        crew(capfd, "restore", told["backup"], "--replace", code=Exit.PREREQUISITE)
    assert folder_of("demo").audit.exists()


def test_a_file_that_is_no_backup_is_told_as_such(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (home / "notes.txt").write_text("no archive")
    assert "is no backup" in crew(capfd, "restore", str(home / "notes.txt"), code=Exit.PREREQUISITE)[1]
