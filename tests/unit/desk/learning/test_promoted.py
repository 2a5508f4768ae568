"""One policy advises at a time, and what was rolled back from does not come back by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.domain.errors import DataError, PrerequisiteError
from desk.learning.promoted import How, Promotions

AT = datetime(2026, 3, 1, tzinfo=UTC)


def test_nobody_advises_at_first(tmp_path: Path) -> None:
    promotions = Promotions(tmp_path / "policies.json")
    assert promotions.current == ""
    with pytest.raises(PrerequisiteError, match="nothing to roll back"):
        promotions.roll_back(AT)


def test_rolling_back_walks_the_line_backwards_to_nobody(tmp_path: Path) -> None:
    promotions = Promotions(tmp_path / "policies.json")
    for name in ("a", "b", "c"):
        promotions.promote(name, AT, certified=True)
    assert [promotions.roll_back(AT).policy for _ in range(3)] == ["b", "a", ""]
    promotions.promote("d", AT, certified=False)
    assert promotions.roll_back(AT).policy == ""
    assert promotions.turns()[-2].how is How.UNCERTIFIED


def test_a_promotion_after_a_roll_back_falls_back_to_whom_it_replaced(tmp_path: Path) -> None:
    promotions = Promotions(tmp_path / "policies.json")
    for name in ("a", "b"):
        promotions.promote(name, AT, certified=True)
    promotions.roll_back(AT)
    promotions.promote("c", AT, certified=True)
    assert promotions.roll_back(AT).policy == "a"


def test_a_file_that_is_not_ours_is_told(tmp_path: Path) -> None:
    (tmp_path / "policies.json").write_text('{"policy": "a"}')
    with pytest.raises(DataError, match="which policy advises"):
        _ = Promotions(tmp_path / "policies.json").current
