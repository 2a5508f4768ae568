"""People, programs, sessions and confirmations: what each of them opens, and when it no longer does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.domain.errors import PrerequisiteError
from tests.unit.ui.conftest import PASSWORD, StepClock
from ui.server.access import Access, Scope
from ui.server.access.identity import Role


@pytest.fixture
def access(tmp_path: Path, clock: StepClock) -> Iterator[Access]:
    opened = Access(tmp_path / "access.sqlite", clock)
    opened.set_password("ann", PASSWORD, role=Role.VIEWER)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "weak", ["12345", "111111", "123456", "987654", "short", "aaaaaaaaaaaa", "x" * 201, "tab\there.."]
)
def test_what_anybody_would_try_is_no_password(access: Access, weak: str) -> None:
    with pytest.raises(PrerequisiteError):
        access.set_password("ann", weak, role=Role.VIEWER)


def test_a_pin_of_six_digits_will_do(access: Access) -> None:
    access.set_password("ann", "502917", role=Role.VIEWER)
    assert access.log_in("ann", "502917").opened is not None


def test_the_first_start_makes_an_operator_and_no_later_one_does(tmp_path: Path, clock: StepClock) -> None:
    access = Access(tmp_path / "new.sqlite", clock)
    password = access.begin()
    assert access.begin() == ""
    assert access.log_in("operator", password).opened is not None
    access.close()


def test_no_secret_stands_in_the_file(access: Access, tmp_path: Path) -> None:
    token = access.new_token("bot", Scope.READ)
    opened = access.log_in("ann", PASSWORD).opened
    assert opened is not None
    kept = (tmp_path / "access.sqlite").read_bytes()
    assert not any(secret.encode() in kept for secret in (PASSWORD, token, opened.token))
    assert (tmp_path / "access.sqlite").stat().st_mode & 0o077 == 0


def test_a_session_ends_half_an_hour_after_the_last_sign_of_life(access: Access, clock: StepClock) -> None:
    opened = access.log_in("ann", PASSWORD).opened
    assert opened is not None
    for _ in range(3):
        clock.step(1700)
        assert access.sessions.find(opened.token) is not None
    clock.step(1801)
    assert access.sessions.find(opened.token) is None


def test_what_a_page_asks_by_itself_is_no_sign_of_life(access: Access, clock: StepClock) -> None:
    opened = access.log_in("ann", PASSWORD).opened
    assert opened is not None
    clock.step(1700)
    assert access.sessions.find(opened.token, touch=False) is not None
    clock.step(200)
    assert access.sessions.find(opened.token) is None


def test_no_session_lasts_longer_than_half_a_day(access: Access, clock: StepClock) -> None:
    opened = access.log_in("ann", PASSWORD).opened
    assert opened is not None
    for _ in range(45):
        clock.step(1000)
        access.sessions.find(opened.token)
    assert access.sessions.find(opened.token) is None


def test_a_new_password_ends_what_was_open(access: Access) -> None:
    opened = access.log_in("ann", PASSWORD).opened
    assert opened is not None
    access.set_password("ann", "another long word", role=Role.VIEWER)
    assert access.sessions.find(opened.token) is None


def test_a_revoked_token_opens_nothing(access: Access) -> None:
    token = access.new_token("bot", Scope.OPERATE)
    found = access.program(token)
    assert found is not None
    assert found.operates
    access.revoke("bot")
    assert access.program(token) is None


def test_a_confirmation_is_of_one_session_one_act_and_one_time(access: Access, clock: StepClock) -> None:
    words = access.confirmations
    word = words.ask("one", "halt", {"why": "x"})
    assert words.redeem("one", "halt", word) == {"why": "x"}
    assert words.redeem("one", "halt", word) is None
    assert words.redeem("two", "halt", words.ask("one", "halt")) is None
    assert words.redeem("one", "flatten", words.ask("one", "halt")) is None
    late = words.ask("one", "halt")
    clock.step(30.1)
    assert words.redeem("one", "halt", late) is None


def test_of_a_thousand_confirmations_repeated_none_is_taken_twice(access: Access) -> None:
    words = access.confirmations
    asked = [words.ask("one", "halt") for _ in range(900)]
    assert sum(words.redeem("one", "halt", word) is not None for word in asked) == 900
    assert sum(words.redeem("one", "halt", word) is not None for word in asked) == 0
