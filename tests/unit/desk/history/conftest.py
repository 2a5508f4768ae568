from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.history.store import HistoryStore
from tests.unit.desk.history.site import Site, serving


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> HistoryStore:
    return HistoryStore(tmp_path / "history")
