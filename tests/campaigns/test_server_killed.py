"""A server that is killed has lost nothing it had acknowledged; a writer that says so too early is found out."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.server_killed import kill_the_server, kill_the_writer
from tests.postgres_server import programs, serving

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


def test_a_row_that_was_acknowledged_before_it_was_written_is_missed(tmp_path: Path) -> None:
    assert kill_the_writer(tmp_path, kills=4, seed=3, planted=True).lost
