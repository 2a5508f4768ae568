"""A running guard's limits move one way: stricter, for ever, until a human resets them in two steps."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.errors import DataError, GuardError
from desk.guard.bounds.limits import STRICTER, Limits, stricter
from desk.guard.record.replay import replay
from desk.guard.vocabulary.state import state_hash
from tests.unit.desk.guard.bench import ROOMY, Bench

D = Decimal
# What a file alone may say: when and where, how a position is led, and how long a code works.
IN_THE_FILE = {
    "gap_stress",
    "groups",
    "closed_hours",
    "blackouts",
    "breakeven_at",
    "trailing",
    "code_seconds",
}


def test_every_limit_says_which_way_is_stricter_or_stands_in_the_file_alone() -> None:
    assert set(STRICTER) | IN_THE_FILE == set(Limits.model_fields)
    assert not set(STRICTER) & IN_THE_FILE


def test_a_tightened_limit_binds_the_next_intent(bench: Bench) -> None:
    bench.guard.tighten({"max_position": "0.1", "daily_loss": "0.01"})
    verdict = bench.propose().verdict
    assert (verdict.rule, verdict.quantity) == ("cap.position", D("0.02"))
    assert bench.guard.status().day.limit == D(100)
    assert bench.guard.status().limits["max_position"] == "0.1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_position", "0.5"),
        ("max_position", "0.51"),
        ("daily_loss", "0.2"),
        ("stop_min", "0.001"),
        ("cooldown_seconds", "1"),
    ],
)
def test_the_same_or_a_looser_value_is_refused(bench: Bench, name: str, value: str) -> None:
    before = state_hash(bench.guard.state)
    with pytest.raises(GuardError, match=r"limits\.loosen"):
        bench.guard.tighten({name: value})
    assert state_hash(bench.guard.state) == before


@pytest.mark.parametrize(
    "changes",
    [{}, {"no_limit": "1"}, {"gap_stress": "{}"}, {"daily_loss": "NaN"}, {"daily_loss": "-1"}, {"drawdown": "0.01"}],
)
def test_nonsense_changes_nothing(bench: Bench, changes: dict[str, str]) -> None:
    with pytest.raises(GuardError, match=r"limits\."):
        bench.guard.tighten(changes)
    assert bench.guard.state.tightened == ()


def test_all_or_none(bench: Bench) -> None:
    with pytest.raises(GuardError):
        bench.guard.tighten({"max_position": "0.1", "max_gross": "9"})
    assert bench.guard.state.tightened == ()


def test_a_restart_and_a_looser_file_keep_what_was_tightened(bench: Bench) -> None:
    bench.guard.tighten({"max_position": "0.1"})
    bench.start(ROOMY.model_copy(update={"max_position": D(1)}))
    assert bench.propose().verdict.rule == "cap.position"
    assert replay(bench.journal.rows()).state == bench.guard.state


def test_a_stricter_file_wins_over_what_was_tightened(bench: Bench) -> None:
    bench.guard.tighten({"max_position": "0.1"})
    bench.start(ROOMY.model_copy(update={"max_position": D("0.05")}))
    assert bench.propose().verdict.quantity == D("0.01")


def test_only_a_human_gives_the_file_its_word_back(bench: Bench) -> None:
    bench.guard.tighten({"max_position": "0.1", "cooldown_seconds": "120"})
    code, _ = bench.guard.request_reset("it was a drill")
    bench.clock.advance(119)
    with pytest.raises(GuardError, match="cool_down"):
        bench.guard.confirm_reset(code)
    bench.clock.advance(2)
    bench.guard.confirm_reset(code)
    assert bench.guard.state.tightened == ()
    assert bench.propose().verdict.rule == "size.risk"


def test_the_breaker_trips_at_the_tightened_limit(bench: Bench) -> None:
    bench.guard.tighten({"daily_loss": "0.001"})
    bench.open()
    bench.venue.move("BTCUSDT", "49200")
    bench.look()
    assert bench.guard.state.latch is not None
    assert bench.guard.state.latch.reason == "loss.day"


@given(name=st.sampled_from(sorted(STRICTER)), value=st.decimals(min_value=0, max_value=100, places=3))
def test_no_change_ever_loosens(name: str, value: Decimal) -> None:
    before = Limits()
    text = format(value.normalize(), "f")
    try:
        after = stricter(before, ((name, text),))
    except DataError:
        return
    for one, way in STRICTER.items():
        assert (getattr(after, one) - getattr(before, one)) * way >= 0
