"""A slot is anybody's who claims it first, and only ever forwards in time, whoever asks."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from crews.schedule.store import ScheduleStore
from tests.unit.crews.schedule.desks import NOON

QUARTER = timedelta(minutes=15)


def test_of_two_who_claim_one_slot_one_gets_it_and_nobody_claims_what_lies_behind(tmp_path: Path) -> None:
    one, other = (ScheduleStore(tmp_path / "schedule.sqlite") for _ in range(2))
    one.know("desk", "every 15 min", NOON)
    slot = NOON + 2 * QUARTER
    assert [store.claim("desk", slot, slot) is not None for store in (one, other)] == [True, False]
    assert other.miss("desk", slot, slot, "late") is None
    assert other.claim("desk", slot - QUARTER, slot) is None
    assert len(one.history()) == 1
    assert other.claim("desk", slot + QUARTER, slot) is not None
    for store in (one, other):
        store.close()


def test_a_new_timetable_owes_nothing_from_before_it(tmp_path: Path) -> None:
    store = ScheduleStore(tmp_path / "schedule.sqlite")
    store.know("desk", "every 15 min", NOON)
    store.know("desk", "every 15 min", NOON + QUARTER)
    standing = store.standing("desk")
    assert standing is not None
    assert standing.frontier == NOON
    store.know("desk", "every 5 min", NOON + QUARTER)
    standing = store.standing("desk")
    assert standing is not None
    assert standing.frontier == NOON + QUARTER
    store.close()
