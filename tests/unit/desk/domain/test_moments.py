"""A moment survives the way to milliseconds and back, and what is no moment is said to be none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.errors import DataError
from desk.domain.moments import from_ms, to_ms


@given(st.integers(min_value=-(10**12), max_value=10**14))
def test_milliseconds_come_back_exactly(ms: int) -> None:
    assert to_ms(from_ms(ms)) == ms


@given(st.datetimes(timezones=st.just(UTC)))
def test_microseconds_are_rounded_down(moment: datetime) -> None:
    assert timedelta() <= moment - from_ms(to_ms(moment)) < timedelta(milliseconds=1)


def test_a_zone_changes_nothing_about_the_moment() -> None:
    here = datetime(2026, 1, 5, 14, tzinfo=timezone(timedelta(hours=2)))
    assert to_ms(here) == to_ms(datetime(2026, 1, 5, 12, tzinfo=UTC))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(DataError, match="without a zone"):
        to_ms(datetime(2026, 1, 5, 12))  # noqa: DTZ001 - the naive time is what is refused


@pytest.mark.parametrize("ms", [10**18, -(10**18), 10**30])
def test_a_time_beyond_the_calendar_is_refused(ms: int) -> None:
    with pytest.raises(DataError, match="calendar"):
        from_ms(ms)
