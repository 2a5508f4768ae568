"""Who ends is started again after a growing pause, and given up after too many ends within the window."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from config.services import Restarts
from ops.patience import Patience

RULE = Restarts(first_seconds=1, longest_seconds=60, most=8, window_seconds=900, mute_seconds=60)


@given(st.lists(st.floats(0, 500), max_size=40))
def test_no_more_restarts_than_the_rule_allows_within_any_window(gaps: list[float]) -> None:
    patience, now, granted = Patience(RULE), 0.0, []
    for gap in gaps:
        now += gap
        pause = patience.after_end(now)
        if pause is not None:
            assert RULE.first_seconds <= pause <= RULE.longest_seconds
            granted.append(now)
    for since in granted:
        assert sum(since <= one < since + RULE.window_seconds for one in granted) <= RULE.most


def test_each_pause_is_twice_the_one_before() -> None:
    patience = Patience(RULE)
    assert [patience.after_end(float(second)) for second in range(9)] == [1, 2, 4, 8, 16, 32, 60, 60, None]


def test_a_quiet_window_makes_the_pause_short_again() -> None:
    patience = Patience(RULE)
    for second in range(5):
        patience.after_end(float(second))
    assert patience.after_end(5000.0) == RULE.first_seconds


def test_a_humans_new_start_forgets_what_was() -> None:
    patience = Patience(RULE)
    for second in range(12):
        patience.after_end(float(second))
    patience.forget()
    assert patience.after_end(13.0) == RULE.first_seconds
