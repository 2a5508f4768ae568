"""A study is shared by whoever reaches its database, goes on where it stopped, and asks one question."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from desk.domain.errors import DataError, PrerequisiteError
from desk.search.quests import Asker, Attempt
from desk.search.study import Place, work
from tests.unit.desk.search.worker import Hill

ROOT = Path(__file__).resolve().parents[4]
WORKER = Path(__file__).with_name("worker.py")


def place(tmp_path: Path) -> Place:
    return Place(url=f"sqlite:///{tmp_path / 'studies.sqlite'}", name="hill")


def worked(place: Place, trials: int, seed: int = 0, quest: Hill | None = None) -> tuple[int, float]:
    counted: list[Attempt] = []
    best = work(quest or Hill(), place, trials=trials, seed=seed, count=counted.append)
    return len(counted), best.parameters["x"]


def test_a_study_goes_on_where_it_stopped_and_climbs(tmp_path: Path) -> None:
    here = place(tmp_path)
    assert worked(here, 5)[0] == 5
    more, x = worked(here, 20)
    assert more == 15
    assert abs(x - 3.0) < 1.0
    assert worked(here, 20) == (0, x)


def test_a_study_asks_one_question(tmp_path: Path) -> None:
    worked(place(tmp_path), 1)
    with pytest.raises(PrerequisiteError, match="asks something else"):
        worked(place(tmp_path), 2, quest=replace(Hill(), digest="o" * 64))


def test_two_processes_share_one_study(tmp_path: Path) -> None:
    here = place(tmp_path)
    worked(here, 1)
    command = [sys.executable, str(WORKER), here.url, here.name, "10"]
    both = [
        subprocess.Popen([*command, seed], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True)
        for seed in ("1", "2")
    ]
    told = [one.communicate(timeout=100)[0].split() for one in both]
    assert [one.returncode for one in both] == [0, 0]
    made = [int(one[0]) for one in told]
    # Whoever is in the middle of a trial when the last is finished still ends it.
    assert 9 <= sum(made) <= 10
    assert max(int(one[1]) for one in told) == 1 + sum(made)


def test_parameters_that_contradict_each_other_cost_a_trial_and_are_no_try(tmp_path: Path) -> None:
    class Cliff(Hill):
        def attempt(self, asker: Asker) -> Attempt:
            if asker.suggest_float("x", 0.0, 10.0) < 5.0:
                raise DataError("stop_min must not be above stop_max")
            return Attempt(digest="d", parameters={}, daily=np.tile([0.02, -0.01], 50))

    counted: list[Attempt] = []
    best = work(Cliff(), place(tmp_path), trials=8, seed=0, count=counted.append)
    assert best.parameters["x"] >= 5.0
    assert 0 < len(counted) < 8


def test_a_database_that_is_none_is_told_without_its_url(tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"driver|answer|url") as told:
        worked(Place(url="postgresql+psycopg://desk:secret@127.0.0.1:1/none", name="x"), 1)
    assert "secret" not in str(told.value)
