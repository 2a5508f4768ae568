"""A word of the command line loads the room that answers it and no other; what is no word is met by all of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from ui.cli import COMMANDS, build
from ui.groups import GROUPS

ROOT = Path(__file__).resolve().parents[3]
EVERY = [one.name for one in (*COMMANDS, *GROUPS)]


def known(typed: str = "") -> list[str]:
    return list(typer.main.get_command(build(typed)).commands)  # type: ignore[attr-defined]  # the root is a group


def test_a_word_loads_neither_the_rooms_of_others_nor_what_they_need() -> None:
    code = "import json, sys; from ui.cli import build; build('status'); print(json.dumps(list(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    loaded = set(json.loads(ran.stdout))
    assert {name for name in loaded if name.startswith("ui.commands.")} >= {"ui.commands.account"}
    assert loaded & {"ui.commands.backtest", "ui.commands.exchange", "numpy", "sqlalchemy", "structlog"} == set()


def test_a_word_is_answered_alike_alone_and_among_all(capsys: pytest.CaptureFixture[str]) -> None:
    among = typer.main.get_command(build())
    for word in EVERY:
        told = []
        for command in (typer.main.get_command(build(word)), among):
            command.main([word, "--help"], prog_name="crew", standalone_mode=False)
            told.append(capsys.readouterr().out)
        assert told[0] == told[1] != ""
        assert known(word) == [word]


@pytest.mark.parametrize("typed", ["", "--help", "frobnicate", "stat"])
def test_what_is_no_word_meets_every_word(typed: str) -> None:
    assert sorted(known(typed)) == sorted(EVERY)
