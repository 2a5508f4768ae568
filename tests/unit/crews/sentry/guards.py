"""The state of a calm guard, with what a test changes of it."""

from __future__ import annotations

from desk.guard.vocabulary.status import GuardStatus
from tests.unit.crews.fakes import FakeGuard, FixedClock


def status(**changes: object) -> GuardStatus:
    """A calm guard's state, but for these."""
    return FakeGuard(FixedClock()).state().model_copy(update=changes)
