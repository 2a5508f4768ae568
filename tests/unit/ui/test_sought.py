"""A filter finds what is old, page by page, and says how far it looked."""

from __future__ import annotations

import pytest

from tests.unit.ui.written import decided
from ui.console.panels import PANELS, Wanted
from ui.server.house import House
from ui.window.sought import PAGE, Sought

COUNT = PAGE + 30


def name(index: int) -> str:
    return f"d{index:024x}"


@pytest.fixture
def desk(house: House) -> House:
    """A desk whose only trade is its very first decision."""
    decided(house, name(0), "OPEN_LONG", verdict="approved")
    for index in range(1, COUNT):
        decided(house, name(index), "HOLD", symbol="ETHUSDT" if index % 2 else "BTCUSDT")
    return house


def test_what_is_old_passes_a_filter_too(desk: House) -> None:
    found = desk.window.record.sought(Sought(action="open_long"))
    assert [one.decision_id for one in found.rows] == [name(0)]
    assert (found.more, found.farthest) == (False, None)


def test_every_decision_stands_on_one_page(desk: House) -> None:
    first = desk.window.record.sought(Sought())
    second = desk.window.record.sought(Sought(skip=PAGE))
    assert (first.more, second.more) == (True, False)
    ids = [one.decision_id for one in (*first.rows, *second.rows)]
    assert ids == [name(index) for index in reversed(range(COUNT))]


def test_the_list_offers_the_older_ones_and_the_way_back(desk: House) -> None:
    first = PANELS["decisions"](desk, Wanted(said={}))
    assert f'data-value="{PAGE}">Older' in first
    assert "Newer" not in first
    second = PANELS["decisions"](desk, Wanted(said={"skip": str(PAGE)}))
    assert 'data-value="">Newer' in second
    assert "Older" not in second


def test_the_open_decision_stays_marked(desk: House) -> None:
    told = PANELS["decisions"](desk, Wanted(said={"decision": name(COUNT - 3)}))
    assert told.count('aria-selected="true"') == 1


def test_a_new_decision_is_found_at_once(desk: House) -> None:
    record = desk.window.record
    assert len(record.sought(Sought(verdict="refused")).rows) == 0
    decided(desk, name(COUNT), "OPEN_SHORT", verdict="refused")
    assert len(record.sought(Sought(verdict="refused")).rows) == 1
