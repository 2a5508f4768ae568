"""A policy on disk is the policy that was put there, or no policy at all."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from desk.domain.errors import DataError, PrerequisiteError
from desk.learning.method import Method
from desk.learning.policy import Episode, Origin, Policy
from desk.learning.rewards import CHARACTERS
from desk.learning.shelf import BACKUPS_KEPT, PolicyShelf, read_policy
from tests.unit.desk.learning.markets import SPACE

AT = datetime(2026, 3, 1, tzinfo=UTC)
ORIGIN = Origin(
    made_at=AT, seed=7, symbols=("BTCUSDT",), interval="1h", leader="BTCUSDT",
    learnt_from=AT - timedelta(days=900), held_from=AT - timedelta(days=200), held_until=AT,
    data={"BTCUSDT": "d" * 64},
)  # fmt: skip


def policy(seed: int = 0) -> Policy:
    rng = np.random.default_rng(seed)
    shape = (SPACE.size * 3, 3)
    return Policy(
        space=SPACE,
        method=Method(reward=CHARACTERS["contrarian"]),
        table=rng.normal(size=shape),
        visits=rng.integers(0, 50, shape),
        origin=ORIGIN,
        curve=(Episode(number=1, curiosity=1.0, reward=-3.5, trades=4, net=-0.01, known=0.2, held_out=None),),
    )


def test_what_was_put_is_what_is_got(tmp_path: Path) -> None:
    shelf, one = PolicyShelf(tmp_path), policy()
    put = shelf.put(one)
    got = shelf.get(put.name[:6])
    assert (got.name, got.digest) == (put.name, put.digest)
    np.testing.assert_array_equal(got.policy.table, one.table)
    np.testing.assert_array_equal(got.policy.visits, one.visits)
    assert (got.policy.method, got.policy.origin, got.policy.curve) == (one.method, one.origin, one.curve)


def test_the_same_policy_has_one_name_and_another_has_another(tmp_path: Path) -> None:
    shelf = PolicyShelf(tmp_path)
    assert shelf.put(policy()).name == shelf.put(policy()).name != shelf.put(policy(1)).name
    assert len(list(shelf.all())) == 2


@pytest.mark.parametrize("file", ["policy.npz", "policy.json", "SHA256SUMS"])
@pytest.mark.parametrize("harm", ["cut", "flip", "gone"])
def test_a_harmed_policy_is_none(tmp_path: Path, file: str, harm: str) -> None:
    shelf = PolicyShelf(tmp_path)
    path = tmp_path / shelf.put(policy()).name / file
    content = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(content[:-9] if harm == "cut" else content[:40] + bytes([content[40] ^ 1]) + content[41:])
    with pytest.raises(DataError):
        read_policy(path.parent)


def test_anybodys_sha256sum_agrees(tmp_path: Path) -> None:
    folder = tmp_path / PolicyShelf(tmp_path).put(policy()).name
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=folder, check=True, capture_output=True)


def test_of_all_backups_the_newest_ten_stay(tmp_path: Path) -> None:
    shelf = PolicyShelf(tmp_path)
    for episode in range(50, 50 * 14, 50):
        shelf.backup(replace(policy(), origin=replace(ORIGIN, seed=episode)), episode)
    kept = sorted((tmp_path / "backups").glob("*"))
    assert len(kept) == BACKUPS_KEPT
    assert "episode-650" in kept[-1].name
    assert read_policy(kept[-1]).policy.origin.seed == 650
    assert list(shelf.all()) == []


def test_a_name_that_means_none_or_several_is_told(tmp_path: Path) -> None:
    shelf = PolicyShelf(tmp_path)
    with pytest.raises(PrerequisiteError, match="no policy is called"):
        shelf.get("abc")
    with pytest.raises(PrerequisiteError, match="no policy is called"):
        shelf.get("")
