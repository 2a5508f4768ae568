"""Every command of the runbook is executed, in its order, on a desk that is up; every alert has its chapter."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner

from tests.crew_command import Operator
from ui.cli import build

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
_BLOCK = re.compile(r"^```crew\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"crew (?P<words>[^#]+?)\s*(?:# exits (?P<code>\d+))?")


def commands() -> list[tuple[list[str], int]]:
    """What the runbook tells to type, and the exit code it has there."""
    found = [_LINE.fullmatch(line) for block in _BLOCK.findall(RUNBOOK) for line in block.splitlines()]
    assert all(found)
    return [(shlex.split(one["words"]), int(one["code"] or 0)) for one in found if one]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Operator]:
    operator = Operator(tmp_path)
    began = operator.crew("up", "exchange", "guard", "schedule")
    assert began.code == 0, began.err
    monkeypatch.chdir(tmp_path)
    for name, value in operator.environment().items():
        if name.startswith(("CREWDESK", "COLUMNS", "NO_COLOR")):
            monkeypatch.setenv(name, value)
    yield operator
    operator.crew("down")


@pytest.mark.timeout(300)
def test_every_command_of_the_runbook_does_what_it_says(desk: Operator, capfd: pytest.CaptureFixture[str]) -> None:
    app, runner, code = build(), CliRunner(), ""
    assert isinstance(app, typer.Typer)
    for words, expected in commands():
        # The console takes seconds to start and is like any other service to its keeper.
        typed = [{"CODE": code, "console": "schedule"}.get(word, word) for word in words]
        ended = runner.invoke(app, typed)
        told = capfd.readouterr()
        assert ended.exit_code == expected, f"crew {' '.join(typed)}: {told.out}{told.err}{ended.exception or ''}"
        shown = re.search(r"Code (\S+), shown once", told.out)
        code = shown[1] if shown else code
    assert code


def test_every_alert_of_prometheus_has_its_chapter() -> None:
    groups = yaml.safe_load((ROOT / "deploy" / "prometheus" / "rules.yml").read_text())["groups"]
    chapters = set(re.findall(r"^## (.+)$", RUNBOOK, re.MULTILINE))
    assert [rule["alert"] for group in groups for rule in group["rules"] if rule["alert"] not in chapters] == []
