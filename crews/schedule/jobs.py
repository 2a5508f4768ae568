"""A job, as the schedule runs it: its slots in time, and what a late slot is worth. Pure.

Slots are moments of the timetable, the same after every restart. A slot's moment is the slot and its jitter, drawn by
lot from the seed, the job and the slot alone, so that every schedule on every machine draws the same.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from config.schedule import JobSettings, Misfire, ScheduleSettings, Work

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A slot that begins within this is on time: a tick takes a second, and a machine is not always quick.
ON_TIME = timedelta(seconds=10)
# Kickoffs of one profile hold it alone, so they share a lane and wait for each other.
DECIDING = "deciding"
_LOOKS_BACK = tuple(timedelta(**span) for span in ({"hours": 1}, {"days": 1}, {"days": 40}, {"days": 1500}))
MOST_COUNTED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job of one profile, or of one of its symbols. `lane` is what it may not overlap with."""

    name: str
    settings: JobSettings
    symbols: tuple[str, ...]
    seed: int
    trigger: BaseTrigger = field(compare=False, repr=False)

    @property
    def lane(self) -> str:
        """Jobs of one lane never run at the same time."""
        return DECIDING if self.settings.work is Work.KICKOFF else self.name

    @property
    def timetable(self) -> str:
        """When it is due, in words."""
        every = self.settings.every_minutes
        return f"cron {self.settings.cron}" if every is None else f"every {every:g} min"

    @property
    def allowance(self) -> timedelta | None:
        """How late a slot may still begin; None for however late."""
        return {
            Misfire.SKIP: ON_TIME,
            Misfire.WITHIN_GRACE: max(ON_TIME, timedelta(seconds=self.settings.grace_seconds)),
            Misfire.ONCE: None,
        }[self.settings.misfire]

    def moment(self, slot: datetime) -> datetime:
        """When this slot is due: the slot and its jitter."""
        if not self.settings.jitter_seconds:
            return slot
        lot = random.Random(f"{self.seed}/{self.name}/{slot.isoformat()}").random()  # noqa: S311  no secret
        return slot + timedelta(seconds=lot * self.settings.jitter_seconds)

    def slots(self, after: datetime) -> Iterator[datetime]:
        """Every slot after this moment, oldest first, in UTC."""
        slot: datetime | None = after
        begins = after + timedelta(microseconds=1)
        while (slot := self.trigger.get_next_fire_time(None, begins)) is not None:
            twice = slot.fold and self._names_hours
            slot = slot.astimezone(UTC)
            if not twice:
                yield slot
            begins = slot + timedelta(microseconds=1)

    @property
    def _names_hours(self) -> bool:
        """Whether its hours are named: then the hour that comes twice, where clocks are put back, counts once."""
        return self.settings.cron is not None and "*" not in self.settings.cron.split()[1]

    def newest(self, after: datetime, now: datetime) -> datetime | None:
        """The newest slot after `after` and not after `now`, or None."""
        for span in _LOOKS_BACK:
            since = max(after, now - span)
            found = None
            for slot in self.slots(since):
                if slot > now:
                    break
                found = slot
            if found is not None or since == after:
                return found
        return None

    def missed(self, after: datetime, slot: datetime) -> int:
        """How many slots lie after `after` and before `slot`; counted up to a thousand."""
        count = 0
        for one in self.slots(after):
            if one >= slot or count >= MOST_COUNTED:
                return count
            count += 1
        return count

    def is_late(self, slot: datetime, now: datetime) -> bool:
        """Whether it is too late for this slot to begin."""
        return self.allowance is not None and now - self.moment(slot) > self.allowance


def jobs_of(settings: ScheduleSettings, profile: str, symbols: tuple[str, ...]) -> Mapping[str, Job]:
    """The jobs of a profile by name; one for each symbol, as `desk@BTCUSDT`, where each has a run of its own."""
    found: dict[str, Job] = {}
    for name, job in settings.of(profile).items():
        mine = job.symbols or symbols
        parts = {f"{name}@{symbol}": (symbol,) for symbol in mine} if job.each_symbol else {name: job.symbols}
        for part, own in parts.items():
            found[part] = Job(
                name=part, settings=job, symbols=own, seed=settings.seed, trigger=_trigger(job, settings.timezone)
            )
    return found


def _trigger(job: JobSettings, timezone: str) -> BaseTrigger:
    if job.cron is not None:
        return CronTrigger.from_crontab(job.cron, timezone=ZoneInfo(timezone))
    # Counted from 1970 and not from the start of the program, so that a restart finds the slots where they were.
    return IntervalTrigger(seconds=round((job.every_minutes or 0) * 60), start_date=EPOCH, timezone=UTC)
