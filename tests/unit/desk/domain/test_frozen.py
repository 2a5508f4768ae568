"""A frozen value changed by `replace` is what `dataclasses.replace` would have made of it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import pytest

from desk.domain.frozen import replace
from desk.guard.vocabulary.state import GuardState, Mode


@dataclass(frozen=True, slots=True)
class Lonely:
    """One field alone."""

    only: int


@dataclass(frozen=True)
class Open:
    """No slots: there is nowhere to write past the freeze."""

    only: int


def test_what_is_replaced_is_what_dataclasses_would_have_made() -> None:
    before = GuardState(why="before", serial=3)
    changes = {"mode": Mode.LOCKED, "serial": 4}
    assert replace(before, **changes) == dataclasses.replace(before, **changes)
    assert before == GuardState(why="before", serial=3)


def test_a_value_of_one_field_is_replaced_too() -> None:
    assert replace(Lonely(1), only=2) == Lonely(2)


def test_what_was_made_is_as_frozen_as_what_it_was_made_of() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        replace(Lonely(1), only=2).only = 3  # type: ignore[misc]


def test_a_field_that_does_not_exist_is_no_change() -> None:
    with pytest.raises(TypeError, match="no field 'bypass_risk'"):
        replace(GuardState(), bypass_risk=True)


def test_a_class_without_slots_is_refused_rather_than_half_copied() -> None:
    with pytest.raises(TypeError, match="Open"):
        replace(Open(1), only=2)
