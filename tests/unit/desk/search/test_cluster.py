"""Workers on a Ray cluster share a study as processes do, and a cluster of our own is heard by nobody else."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from desk.domain.errors import PrerequisiteError
from desk.search.cluster import OnCluster, need_shared
from desk.search.study import Place
from tests.postgres_server import PostgresServer
from tests.unit.desk.search.sharing import TRIALS, was_shared
from tests.unit.desk.search.worker import meeting

ROOT = Path(__file__).resolve().parents[4]
# Not loaded to ask: how it is loaded decides where it listens.
RAY = importlib.util.find_spec("ray") is not None


@pytest.mark.skipif(not RAY, reason="Ray is not installed: the extra `cluster`")
@pytest.mark.slow
def test_two_workers_on_a_cluster_share_one_study(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    here, door = Place(url=postgres.database(), name="hill"), tmp_path / "door"
    words = [[here.url, here.name, str(TRIALS), str(door), seed] for seed in ("1", "2")]
    with meeting(door, 2):
        cluster = OnCluster(words, address="local", program="tests.unit.desk.search.worker")
        import ray

        listens_at = {node["NodeManagerAddress"] for node in ray.nodes()}
        assert cluster.wait() == [0, 0]
    was_shared(here, by=2)
    assert listens_at == {"127.0.0.1"}
    assert not ray.is_initialized()


def test_without_ray_it_is_told_which_extra_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(PrerequisiteError, match="extra `cluster`"):
        OnCluster([["search"]], address="local")


def test_machines_of_a_cluster_are_not_sent_to_a_file_of_this_one() -> None:
    in_a_file, on_a_server = (
        Place(url="sqlite:////var/studies.sqlite", name="hill"),
        Place(url="postgresql://", name=""),
    )
    with pytest.raises(PrerequisiteError, match="cannot share a study that is a file"):
        need_shared(in_a_file, "10.0.0.1:6379")
    need_shared(in_a_file, "local")
    need_shared(on_a_server, "10.0.0.1:6379")
