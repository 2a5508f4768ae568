"""Guesses: counted before they are looked at, slower each time, and locked over restarts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.unit.ui.conftest import PASSWORD, StepClock
from ui.server.access import Access
from ui.server.access.identity import Role


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "access.sqlite"


@pytest.fixture
def access(path: Path, clock: StepClock) -> Access:
    opened = Access(path, clock)
    opened.set_password("operator", PASSWORD, role=Role.OPERATOR)
    return opened


def looked_at(access: Access, clock: StepClock, tries: int, every: float, name: str = "operator") -> int:
    """How many of these guesses were looked at."""
    count = 0
    for _ in range(tries):
        count += access.guesses.admit(name) == 0
        clock.step(every)
    return count


def test_a_thousand_guesses_in_ten_minutes_are_worth_five(access: Access, clock: StepClock) -> None:
    assert looked_at(access, clock, 1_000, 0.6) <= 5


def test_hundreds_of_guesses_at_once_are_worth_one(access: Access) -> None:
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: access.guesses.admit("operator"), range(300)))
    assert sum(wait == 0 for wait in waits) == 1


def test_each_guess_waits_longer_than_the_one_before(access: Access, clock: StepClock) -> None:
    waits = []
    for _ in range(4):
        assert access.guesses.admit("operator") == 0
        waits.append(access.guesses.admit("operator"))
        clock.step(waits[-1])
    assert waits == [1, 2, 4, 8]


def test_the_fifth_failure_locks_for_a_quarter_of_an_hour_and_the_next_lock_is_twice_as_long(
    access: Access, clock: StepClock
) -> None:
    locks = []
    for _ in range(3):
        for _ in range(5):
            clock.step(access.guesses.admit("operator"))
            clock.step(10)
        locks.append(access.guesses.admit("operator"))
        clock.step(locks[-1])
    assert [round(lock / 900, 1) for lock in locks] == pytest.approx([1.0, 2.0, 4.0], abs=0.05)


def test_a_restart_does_not_lift_a_lockout(access: Access, path: Path, clock: StepClock) -> None:
    looked_at(access, clock, 40, 1.0)
    access.close()
    again = Access(path, clock)
    assert again.log_in("operator", PASSWORD).wait > 0
    again.close()


def test_a_right_password_after_the_lockout_opens_and_forgets(access: Access, clock: StepClock) -> None:
    looked_at(access, clock, 40, 1.0)
    clock.step(901)
    assert access.log_in("operator", PASSWORD).opened is not None
    assert access.guesses.admit("operator") == 0


def test_names_nobody_has_are_counted_too_and_together(access: Access, clock: StepClock) -> None:
    for number in range(200):
        access.guesses.admit(f"guess{number}")
    assert access.guesses.admit("operator") > 0


def test_a_right_password_while_locked_is_not_looked_at(access: Access, clock: StepClock) -> None:
    looked_at(access, clock, 40, 1.0)
    told = access.log_in("operator", PASSWORD)
    assert told.opened is None
    assert told.wait > 0
