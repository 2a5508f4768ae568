"""A server that is killed has lost nothing it had acknowledged; a writer that says so too early is found out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.server_killed import kill_the_server, kill_the_writer
from tests.postgres_server import programs, serving

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.campaign


def test_a_killed_writer_has_lost_no_row_it_had_acknowledged(tmp_path: Path) -> None:
    found = kill_the_writer(tmp_path, kills=6, seed=3)
    assert (found.kills, found.lost, found.broken) == (6, [], [])
    assert found.acknowledged >= found.kills


def test_a_killed_database_server_has_lost_no_row_it_had_acknowledged(tmp_path: Path) -> None:
    with serving(programs(), durable=True) as server:
        found = kill_the_server(tmp_path, server, kills=3, seed=3)
    assert (found.kills, found.lost, found.broken) == (3, [], [])
    assert found.acknowledged >= found.kills


@pytest.mark.timeout(300)
def test_a_killed_console_has_lost_nothing_it_had_acknowledged() -> None:
    # In a process of its own: what a console loads stays out of this one.
    command = [sys.executable, "-m", "benchmarks.server_killed", "--store", "console", "--kills", "3", "--no-page"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"console: 3 kills, [1-9]\d* acknowledged, 0 lost, 0 broken chains", ran.stdout), ran.stdout


def test_a_row_that_was_acknowledged_before_it_was_written_is_missed(tmp_path: Path) -> None:
    assert kill_the_writer(tmp_path, kills=4, seed=3, planted=True).lost
