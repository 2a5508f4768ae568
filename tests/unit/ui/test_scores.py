"""`crew scores` says from the first minute what every word counts, and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ui.cli import build


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREWDESK_HOME", str(tmp_path))


def told(capfd: pytest.CaptureFixture[str], *words: str) -> str:
    """What the command prints. The screen holds its own stream, so it is read where it ends."""
    assert CliRunner().invoke(build(), ["scores", *words]).exit_code == 0
    return capfd.readouterr().out


def test_on_testnet_everybody_starts_at_nothing_and_is_told_why(capfd: pytest.CaptureFixture[str]) -> None:
    assert "Nobody's word counts here before it is proven" in told(capfd, "--profile", "testnet")
    rows = told(capfd, "--profile", "testnet", "--json").splitlines()
    agents = {one["agent"]: one for one in map(json.loads, rows)}
    assert set(agents) == {"regime", "chart", "news", "spikes", "risk", "scanner", "context"}
    assert {(one["weight"], one["basis"]) for one in agents.values()} == {("0", "unproven")}
    assert agents["chart"]["why"] == "0 of 30 observations"


def test_in_the_demo_words_count_what_the_operator_lends_them_and_are_called_unproven(
    capfd: pytest.CaptureFixture[str],
) -> None:
    rows = told(capfd, "--json").splitlines()
    assert {one["basis"] for one in map(json.loads, rows)} == {"unproven"}
    assert any(one["weight"] != "0" for one in map(json.loads, rows))
