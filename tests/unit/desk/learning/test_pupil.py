"""The learner that goes on: once a bar, kept every ten lessons, and the same after a restart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from desk.domain.errors import DataError
from desk.learning.pupil import LivePupil
from desk.learning.shelf import read_policy
from tests.unit.desk.learning.markets import SPACE
from tests.unit.desk.learning.test_shelf import policy


def pupil(root: Path, name: str = "9f") -> LivePupil:
    return LivePupil(root=root, name=name, policy=policy())


def live(one: LivePupil, first: int, last: int, symbol: str = "BTCUSDT") -> None:
    for bar in range(first, last):
        rng = np.random.default_rng(bar)
        mark = 100.0 * float(np.exp(rng.normal(0, 0.01)))
        one.look(symbol, bar=bar, state=int(rng.integers(0, SPACE.size)), lean=1, mark=mark)


def copies(root: Path) -> list[Path]:
    return sorted((root / "backups").glob("*"))


def test_a_bar_is_a_lesson_once(tmp_path: Path) -> None:
    one = pupil(tmp_path)
    live(one, 0, 4)
    assert one.lessons == 3
    assert not one.look("BTCUSDT", bar=3, state=0, lean=0, mark=1.0)
    assert one.lessons == 3


def test_it_is_kept_every_ten_lessons_and_knows_more_than_before(tmp_path: Path) -> None:
    one = pupil(tmp_path)
    live(one, 0, 10)
    assert copies(tmp_path) == []
    live(one, 10, 21)
    assert len(copies(tmp_path)) == 2
    kept = read_policy(copies(tmp_path)[-1]).policy
    assert kept.visits.sum() == policy().visits.sum() + 20
    assert not np.array_equal(kept.table, policy().table)


def test_a_restart_goes_on_from_the_newest_copy(tmp_path: Path) -> None:
    live(pupil(tmp_path), 0, 14)
    again = pupil(tmp_path)
    assert again.lessons == 10
    live(again, 11, 21)
    assert again.lessons == 20
    assert read_policy(copies(tmp_path)[-1]).policy.visits.sum() == policy().visits.sum() + 20


def test_symbols_do_not_share_a_trade(tmp_path: Path) -> None:
    one = pupil(tmp_path)
    for bar in range(6):
        for symbol in ("BTCUSDT", "ETHUSDT"):
            live(one, bar, bar + 1, symbol)
    assert one.lessons == 10


def test_another_policys_diary_is_begun_anew(tmp_path: Path) -> None:
    live(pupil(tmp_path), 0, 12)
    assert pupil(tmp_path, "77").lessons == 0


def test_a_diary_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "diary.json").write_text("[]")
    with pytest.raises(DataError, match="diary"):
        pupil(tmp_path)
