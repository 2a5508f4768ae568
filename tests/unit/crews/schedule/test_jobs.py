"""Slots stand where they stand: after a restart, over a change of the clocks, with a jitter that is drawn once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from config.schedule import ScheduleSettings
from crews.schedule.jobs import EPOCH, Job, jobs_of
from tests.unit.crews.schedule.desks import NOON, settings


def job(timezone: str = "UTC", **told: object) -> Job:
    made = ScheduleSettings(timezone=timezone, seed=7, jobs=settings(one=told).jobs)
    return jobs_of(made, "demo", ())["one"]


@given(
    st.integers(1, 10_000),
    st.integers(0, 40_000_000).map(lambda minutes: EPOCH + timedelta(days=7_300, minutes=minutes)),
)
def test_an_interval_is_counted_from_1970_so_that_every_restart_finds_the_same_slots(
    minutes: int, now: datetime
) -> None:
    found = job(every_minutes=minutes).newest(EPOCH, now)
    assert found is not None
    assert now - timedelta(minutes=minutes) < found <= now
    assert (found - EPOCH) % timedelta(minutes=minutes) == timedelta(0)


@given(st.integers(0, 3_000_000), st.floats(0.1, 400))
def test_the_jitter_of_a_slot_is_bounded_and_always_the_same(slot: int, most: float) -> None:
    at = NOON + timedelta(minutes=15 * slot)
    one, other = (job(every_minutes=15, jitter_seconds=most) for _ in range(2))
    assert at <= one.moment(at) <= at + timedelta(seconds=most)
    assert one.moment(at) == other.moment(at)


def test_symbols_of_one_job_are_drawn_apart() -> None:
    jobs = jobs_of(settings(d={"every_minutes": 15, "each_symbol": True, "jitter_seconds": 400}), "demo", ("A1", "B1"))
    assert len({one.moment(NOON) for one in jobs.values()}) == 2


def test_the_hour_that_comes_twice_in_autumn_is_one_slot_where_hours_are_named() -> None:
    eve = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert len(_between(job("Europe/Berlin", cron="30 2 * * *"), eve, days=2)) == 2
    assert len(_between(job("Europe/Berlin", cron="*/30 * * * *"), eve, days=2)) == 2 * 48


def test_the_hour_that_is_left_out_in_spring_costs_a_daily_job_no_day() -> None:
    eve = datetime(2026, 3, 28, 12, tzinfo=UTC)
    slots = _between(job("Europe/Berlin", cron="30 2 * * *"), eve, days=2)
    assert [slot.day for slot in slots] == [29, 30]


def test_a_weekly_slot_is_found_however_long_ago_it_was() -> None:
    weekly = job(cron="30 3 * * sun")
    assert weekly.newest(EPOCH, NOON + timedelta(days=6)) == datetime(2026, 3, 1, 3, 30, tzinfo=UTC)


def _between(one: Job, first: datetime, *, days: int) -> list[datetime]:
    found = []
    for slot in one.slots(first):
        if slot > first + timedelta(days=days):
            return found
        found.append(slot)
    return found
