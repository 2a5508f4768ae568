"""An operator seats a role of their own with two entries of YAML: it works in the next kickoff, and replays."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

import pytest

from tests.crew_command import Operator

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("kickoff")]

AGENT = """
contrarian:
  role: Contrarian
  goal: Say what the crowd overlooks.
  backstory: You have been early more often than wrong.
  llm: default
  tools: [get_order_book, get_weighted_signal]
  max_iter: 2
"""
TASK = """
contrarian:
  agent: contrarian
  description: Report your view on {symbol}.
  expected_output: One JSON object of the given schema and nothing else.
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    with resources.as_file(resources.files("config")) as packaged:
        for name in ("agents.yaml", "tasks.yaml", "desk.yaml"):
            shutil.copy(packaged / name, folder / name)
    for name, more in (("agents.yaml", AGENT), ("tasks.yaml", TASK)):
        with (folder / name).open("a") as file:
            file.write(more)
    return folder


def test_a_role_in_yaml_works_in_the_next_kickoff(own: Path, tmp_path: Path) -> None:
    operator = Operator(tmp_path)
    kickoff = ("kickoff", "BTCUSDT", "--config", str(own), "--json")
    refused = operator.crew(*kickoff)
    assert refused.code == 3
    assert "budget.requests: too few for the seats: 14 are needed" in refused.err
    assert not (tmp_path / "var").exists()

    desk = own / "desk.yaml"
    desk.write_text(desk.read_text().replace("requests: 13", "requests: 14"))
    ran = operator.crew(*kickoff)
    assert ran.code == 0, ran.err
    [decision] = ran.lines
    assert decision["requests"] == 14
    assert set(decision["reports"]["contrarian"]) == {"note", "lean", "confidence"}
    assert decision["reports"]["contrarian"]["note"].startswith("offline rules: ")
    told = operator.crew("audit", "why", str(decision["decision_id"]))
    assert "contrarian" in told.out
    # The role is in the record, so no folder is needed to decide again.
    replayed = operator.crew("audit", "replay", str(decision["decision_id"]), "--json")
    assert replayed.lines[0]["equal"] is True, replayed.out
