"""A command speaks to a desk that there is and that is one's own; else it says so before it touches anything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crews.running.services import Folder
from ops.identity import identity_of, owner_of
from ops.standing import DeskStanding, Standing, State, standing_file, write_standing
from ui.cli import build
from ui.exits import Exit


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setenv("CREWDESK_HOME", str(tmp_path))
    monkeypatch.delenv("CREWDESK_CONFIG", raising=False)
    return Folder(tmp_path / "demo")


def crew(*words: str) -> tuple[int, str]:
    ended = CliRunner().invoke(build(), list(words))
    return ended.exit_code, " ".join(ended.output.split())


def desk_of(folder: Folder, *, manager: str = "") -> None:
    me = identity_of(os.getpid())
    console = Standing(name="console", state=State.UP, since="2026-01-05T00:00:00+00:00", process=me)
    write_standing(
        standing_file(folder),
        DeskStanding(
            profile="demo", keeper=me, since=console.since, settled=True, services=(console,), manager=manager
        ),
    )


@pytest.mark.parametrize("words", [("status",), ("down",), ("logs",), ("restart", "console"), ("pause",)])
def test_a_misspelt_profile_is_named_with_those_there_are(folder: Folder, words: tuple[str, ...]) -> None:
    del folder
    code, said = crew(*words, "--profile", "papr")
    assert code == Exit.USAGE
    assert "no profile is called papr" in said
    assert "paper" in said


def test_a_misspelt_profile_has_no_alerts_and_gets_no_file(folder: Folder) -> None:
    code, said = crew("alerts", "list", "--profile", "papr")
    assert code == Exit.CONFIG
    assert "paper" in said
    assert list(folder.root.parent.glob(".papr*")) == []


def test_a_span_that_is_none_is_named_as_it_was_typed(folder: Folder) -> None:
    del folder
    code, said = crew("logs", "--since", "yesterday")
    assert code == Exit.USAGE
    assert "--since" in said
    assert "10m" in said


def test_a_profile_of_an_operators_own_folder_is_known_by_its_data(folder: Folder) -> None:
    folder.root.with_name("mine").mkdir()
    assert crew("down", "--profile", "mine")[0] == 0


def test_a_desk_of_another_user_is_left_alone(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    desk_of(folder)
    monkeypatch.setattr("ops.identity.owner_of", lambda pid: os.geteuid() + 4242)
    code, told = crew("pause", "--reason", "as somebody else")
    assert code == Exit.PREREQUISITE
    assert "runs as another user" in told
    assert "sudo -u" in told
    assert not list(folder.root.rglob("*pause*"))


def test_whose_a_process_is_is_told_by_the_system() -> None:
    assert owner_of(os.getpid()) == os.geteuid()
    assert owner_of(2**22 + 1) is None


def test_a_desk_that_systemd_keeps_is_started_anew_by_systemd_alone(folder: Folder) -> None:
    desk_of(folder, manager="systemd")
    code, told = crew("restart")
    assert code == Exit.PREREQUISITE
    assert "systemctl restart crewdesk@demo" in told
    assert standing_file(folder).exists()


def test_a_service_that_the_desk_was_started_without_is_not_started_into_it(folder: Folder) -> None:
    desk_of(folder)
    code, told = crew("up", "schedule")
    assert code == Exit.PREREQUISITE
    assert "up without schedule" in told
