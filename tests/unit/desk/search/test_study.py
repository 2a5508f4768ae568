"""A study is shared by whoever reaches its database, goes on where it stopped, and asks one question."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import psycopg
import pytest
import sqlalchemy
from optuna.storages._rdb import models
from optuna.trial import FrozenTrial, TrialState

from desk.domain.errors import DataError, PrerequisiteError
from desk.search.quests import Asker, Attempt
from desk.search.study import Place, work
from tests.postgres_server import PostgresServer
from tests.unit.desk.search.sharing import TRIALS, trials_of, was_shared
from tests.unit.desk.search.worker import PATIENCE_S, Hill, meeting

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
    shared_by_many(place(tmp_path), tmp_path, "1", "2")


def test_processes_begin_at_once_on_an_empty_server_and_a_killed_one_costs_its_trial(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    here = Place(url=postgres.database(), name="hill")
    shared_by_many(here, tmp_path, "1", "2", "3", "dies:4")
    left = [one for one in trials_of(here) if one.state is TrialState.RUNNING]
    assert len(left) == 1
    # What it was trying is tried again once its heart has been still for long enough, by whoever works then.
    heart_stopped_an_hour_ago(here, left[0])
    worked(here, len(trials_of(here)) + 1)
    after = trials_of(here)
    assert [one.number for one in after if one.state is TrialState.FAIL] == [left[0].number]
    assert [one.params for one in after[left[0].number + 1 :]].count(left[0].params) == 1


def shared_by_many(here: Place, folder: Path, *seeds: str) -> None:
    """Let a process a seed work at the same moment, and ask whether each made its part and no trial was made twice."""
    door = folder / "door"
    command = [sys.executable, str(WORKER), here.url, here.name, str(TRIALS), str(door), *seeds]
    with meeting(door, len(seeds)):
        ran = subprocess.run(
            command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=100
        )
    ends = ["-9" if seed.startswith("dies:") else "0" for seed in seeds]
    assert ran.stdout.split() == ends, ran.stderr
    was_shared(here, by=ends.count("0"))


def heart_stopped_an_hour_ago(here: Place, trial: FrozenTrial) -> None:
    with psycopg.connect(here.url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("DELETE FROM trial_heartbeats WHERE trial_id = %s", [trial._trial_id])
        connection.execute(
            "INSERT INTO trial_heartbeats (trial_id, heartbeat) VALUES (%s, LOCALTIMESTAMP - INTERVAL '1 hour')",
            [trial._trial_id],
        )


def test_whoever_comes_while_another_makes_the_tables_waits_and_joins(postgres: PostgresServer) -> None:
    here = Place(url=postgres.database(), name="hill")
    engine = sqlalchemy.create_engine(here.url)
    with ThreadPoolExecutor() as late:
        with engine.begin() as first:
            models.BaseModel.metadata.create_all(first)
            joined = late.submit(worked, here, 1)
            with psycopg.connect(here.url.replace("+psycopg", ""), autocommit=True) as beside:
                deadline = time.monotonic() + PATIENCE_S
                while not (joined.done() or one_waits(beside)):
                    assert time.monotonic() < deadline
            assert not joined.done()
        assert joined.result(60)[0] == 1
    engine.dispose()


def one_waits(beside: psycopg.Connection) -> bool:
    """Whether somebody of this database waits for a lock."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    row = beside.execute(asked).fetchone()
    return row is not None and row[0] > 0


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
