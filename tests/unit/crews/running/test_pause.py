"""A pause: kept beside the data, believed when it does not read, and a kickoff waits for its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.loader import load_desk
from crews.running.kickoff import Kickoff, Wish
from crews.running.pause import pause, paused, resume
from crews.running.services import Folder
from desk.domain.errors import PrerequisiteError


def test_a_pause_outlives_the_profiles_data(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    pause(folder, "rate  decision\nat six")
    assert not folder.root.exists()
    held = paused(folder)
    assert held is not None
    assert held.reason == "rate decision at six"


def test_the_first_reason_stays(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    pause(folder, "first")
    assert pause(folder, "second").reason == "first"
    assert resume(folder)
    assert not resume(folder)


def test_a_file_that_does_not_read_is_a_pause(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    (tmp_path / ".demo.paused").write_text("{")
    assert paused(folder) is not None


def test_a_paused_crew_begins_no_kickoff(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    pause(folder, "wait")
    with pytest.raises(PrerequisiteError, match="paused"), Kickoff(load_desk("demo", environ={}), folder, Wish()):
        pass
    assert not (folder.root / "run").exists()
