"""The trading key is the guard's alone: neither the crew, once services open, nor any other process has it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.loader import DeskConfig, load_desk
from crews.running import services
from crews.running.processes import Program, Running
from crews.running.services import Folder, Services, guard_settings
from ui.cli import build

KEY, SECRET, MODEL = "planted-key-" + "k1" * 26, "planted-secret-" + "s2" * 26, "sk-planted-" + "m3" * 20
PLANTED = {"BINANCE_TESTNET_KEY": KEY, "BINANCE_TESTNET_SECRET": SECRET, "OPENAI_API_KEY": MODEL}


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> dict[str, Mapping[str, str]]:
    """What each process was given, by name; none is started."""
    for name, value in PLANTED.items():
        monkeypatch.setenv(name, value)
    seen: dict[str, Mapping[str, str]] = {}

    def ensure(program: Program, environ: Mapping[str, str]) -> Running:
        seen[program.name] = environ
        return Running(name=program.name, pid=1, url="http://127.0.0.1:1", started_here=False)

    monkeypatch.setattr(services.processes, "ensure", ensure)
    monkeypatch.setattr(services.processes, "find", lambda program: None)
    monkeypatch.setattr(services.processes, "find_hung", lambda program: None)
    return seen


def opened(profile: str, tmp_path: Path) -> DeskConfig:
    config = load_desk(profile, environ={})
    Services(config=config, folder=Folder(tmp_path)).open()
    return config


def test_the_guard_is_given_its_key_and_no_models(given: dict[str, Mapping[str, str]], tmp_path: Path) -> None:
    opened("testnet", tmp_path)
    assert given["guard"]["BINANCE_TESTNET_SECRET"] == SECRET
    assert MODEL not in given["guard"].values()


def test_the_crew_forgets_the_key_as_it_starts_the_guard(given: dict[str, Mapping[str, str]], tmp_path: Path) -> None:
    opened("testnet", tmp_path)
    assert given
    assert not {KEY, SECRET} & set(os.environ.values())
    assert MODEL in os.environ.values()


def test_the_exchange_is_given_no_key_at_all(given: dict[str, Mapping[str, str]], tmp_path: Path) -> None:
    opened("demo", tmp_path)
    assert MODEL not in given["paper exchange"].values()


def test_no_settings_file_holds_a_key(given: dict[str, Mapping[str, str]], tmp_path: Path) -> None:
    config = opened("testnet", tmp_path)
    written = "".join(file.read_text() for file in tmp_path.rglob("*.json"))
    told = json.dumps(guard_settings(config, Folder(tmp_path), "http://127.0.0.1:1"))
    assert "BINANCE_TESTNET_KEY" in written
    assert not [secret for secret in PLANTED.values() if secret in written + told + config.to_json()]


@pytest.mark.parametrize("profile", ["demo", "testnet", "live"])
@pytest.mark.parametrize("command", [["doctor"], ["config", "check"], ["status"], ["audit", "list"]])
def test_no_command_prints_a_key(
    command: list[str], profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, value in {**PLANTED, "BINANCE_LIVE_KEY": KEY, "BINANCE_LIVE_SECRET": SECRET}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CREWDESK_HOME", str(tmp_path))
    ran = CliRunner().invoke(build(), [*command, "--profile", profile, "--json"])
    told = "".join((ran.output, ran.stderr, repr(ran.exception), *capfd.readouterr()))
    assert len(told) > len("None")
    assert not [secret for secret in (KEY, SECRET, MODEL) if secret in told]
