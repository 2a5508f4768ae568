"""schedule.yaml as the timetable of the desk, read as strictly as every other file of the operator."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from config.capabilities import nearest
from config.faults import fault, validated
from config.files import Files
from config.leaks import refuse_secrets
from config.models import Interval
from config.part import Frozen, Name, Part, Symbol, Text
from config.yaml_tree import Path as KeyPath
from config.yaml_tree import Place, Tree, read_yaml

SECTION = "schedule"
_FIELDS = 5
_WEEKDAY = re.compile(r"\*|(mon|tue|wed|thu|fri|sat|sun)([-,](mon|tue|wed|thu|fri|sat|sun))*", re.ASCII)
_DAY_SECONDS = 86_400.0


class Work(StrEnum):
    """What a job does, each a `crew` command."""

    KICKOFF = "kickoff"
    SPIKES = "spikes"
    CHARTS = "charts"
    TRAIN = "train"
    REPORT = "report"


class Misfire(StrEnum):
    """What becomes of a slot whose moment passed while nobody could run it."""

    SKIP = "skip"
    WITHIN_GRACE = "within_grace"
    ONCE = "once"


class Seated(StrEnum):
    """Which crews a kickoff seats."""

    DESK = "desk"
    SPIKE = "spike"
    BOTH = "both"


class JobSettings(Part):
    """One job: what, when, for whom, and what a late slot is worth. Spans in seconds unless the name says minutes."""

    work: Work
    profiles: tuple[Name, ...] = Field(min_length=1, description="whose job it is; real money only where it is named")
    every_minutes: float | None = Field(None, ge=0.1, le=10_080, description="slots are counted from 1970")
    cron: Text | None = Field(None, description="minute hour day month weekday; weekdays by name")
    symbols: tuple[Symbol, ...] = Field((), description="none: the profile's own")
    each_symbol: bool = Field(False, description="a run of its own for each symbol, one after the other")
    crew: Seated = Field(Seated.DESK, description="kickoff: who decides")
    cycles: int = Field(1, ge=1, le=1000, description="kickoff: rounds of decisions")
    seconds: float = Field(890.0, ge=1, le=_DAY_SECONDS, description="spikes: how long to watch")
    interval: Interval = Field("1h", description="train: length of the bars")
    jitter_seconds: float = Field(0.0, ge=0, le=3600, description="at most this late, drawn by lot for each slot")
    misfire: Misfire = Misfire.WITHIN_GRACE
    grace_seconds: float = Field(60.0, ge=0, le=7 * _DAY_SECONDS, description="within_grace: the latest beginning")
    deadline_seconds: float = Field(900.0, ge=1, le=7 * _DAY_SECONDS, description="it is ended after this long")
    enabled: bool = True

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if (self.every_minutes is None) == (self.cron is None):
            raise ValueError("needs either `every_minutes` or `cron`")
        if self.every_minutes is not None and self.jitter_seconds > self.every_minutes * 30:
            raise ValueError("`jitter_seconds` is more than half the time between two slots")
        if len(set(self.symbols)) != len(self.symbols):
            raise ValueError("a symbol is named twice")
        return self


class ScheduleSettings(Part):
    """The whole timetable."""

    timezone: Text = "UTC"
    seed: int = Field(0, ge=0)
    jobs: Frozen[JobSettings] = Field(min_length=1)

    def of(self, profile: str) -> dict[str, JobSettings]:
        """The jobs of one profile that are enabled, by name."""
        return {name: job for name, job in self.jobs.items() if job.enabled and profile in job.profiles}


def load_schedule(root: Path | None = None, *, symbols: Collection[str] = ()) -> ScheduleSettings:
    """The packaged timetable, or that of the operator's folder where it has a `schedule.yaml`.

    `symbols` are those the desk may trade; none leaves them unchecked.

    Raises:
        ConfigError: naming file, key and line of the first thing that is wrong.
    """
    files = Files(root)
    tree = _tree(files)
    refuse_secrets(tree)
    settings = validated(ScheduleSettings, tree, (SECTION,))
    for path, message, hint in _findings(settings, files.profiles(), symbols):
        raise fault(tree, (SECTION, *path), message, hint)
    return settings


def _tree(files: Files) -> Tree:
    source = files.read(SECTION)
    read = read_yaml(source.text, source.name)
    places = {(SECTION, *path): place for path, place in read.places.items()}
    return Tree({SECTION: read.value}, {(): Place(source.name, None), ("profile",): Place("profile", None), **places})


def _findings(
    settings: ScheduleSettings, profiles: Collection[str], symbols: Collection[str]
) -> Iterator[tuple[KeyPath, str, str]]:
    try:
        ZoneInfo(settings.timezone)
    except (OSError, ValueError, KeyError):
        yield ("timezone",), "no time zone has this name", "such as UTC or Europe/Berlin"
    for name, job in settings.jobs.items():
        path = ("jobs", name)
        if re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", name, re.ASCII) is None:
            yield path, "should be a name: lower case, digits, `_` and `-`, at most 40", ""
        yield from _unknown((*path, "profiles"), job.profiles, profiles, "no profile has this name")
        if symbols:
            yield from _unknown((*path, "symbols"), job.symbols, symbols, "not among the desk's `symbols`")
        if job.cron is not None:
            yield from _cron((*path, "cron"), job.cron)


def _unknown(
    path: KeyPath, named: Collection[str], known: Collection[str], message: str
) -> Iterator[tuple[KeyPath, str, str]]:
    for index, name in enumerate(named):
        if name not in known:
            yield (*path, index), message, nearest(name, known)


def _cron(path: KeyPath, text: str) -> Iterator[tuple[KeyPath, str, str]]:
    # Here and not above: who reads the timetable alone need not load the library.
    from apscheduler.triggers.cron import CronTrigger

    fields = text.split()
    if len(fields) != _FIELDS:
        yield path, "should have five parts: minute hour day month weekday", '"30 3 * * sun"'
    elif not _WEEKDAY.fullmatch(fields[4].lower()):
        # Cron calls Sunday 0, the library calls Monday 0: a name means one day alone.
        yield path, "weekdays are named, since numbers mean different days to different programs", "mon, tue, mon-fri"
    else:
        try:
            CronTrigger.from_crontab(text)
        except ValueError as error:
            yield path, f"is no timetable: {error}", ""
