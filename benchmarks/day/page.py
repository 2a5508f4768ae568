"""The page of the day, as `docs/day.md` has it."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.day.causes import Waited
from benchmarks.day.judging import Verdict, by_sort
from benchmarks.day.stage import ROOT
from benchmarks.day.watching import LEAST_SECONDS, SETTLE_SECONDS, Listener


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A day that is over: how much of one it was, how fast, what alerts took, and who listened (program, page)."""

    share: float
    seconds: float
    speed: int
    waited: Sequence[Waited]
    listeners: tuple[Listener, Listener]


def written(passed: Passed, verdicts: Sequence[Verdict]) -> str:
    """The page, as a whole."""
    marks = {True: "yes", False: "**no**", None: "not judged"}
    rows = "\n".join(f"| {one.what} | {marks[one.well]} | {one.seen} |" for one in verdicts)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True
    ).stdout.strip()
    program, person = passed.listeners
    return f"""# A day of the whole desk

Written by `python -m benchmarks.day`. {passed.share:.2f} of a day in {passed.seconds / 60:.0f} minutes: exchange, guard, alerts,
console and timetable up as shipped (a process for each kickoff), the exchange failing on purpose, a page of the console
open, services killed on the way.

| judged | well | seen |
|---|---|---|
{rows}

## Alerts, by sort

As a program received them on a webhook. A row counts from the last moment at which it was known not to be there.

| about | since | told | median, s | slowest, s |
|---|---|---:|---:|---:|
{by_sort(passed.waited)}

A program on the console's events {heard_by(program)}. A page that was open {heard_by(person)}.
Memory is judged of each life of a service that lasted {SETTLE_SECONDS + LEAST_SECONDS:.0f} seconds, not of kickoffs, which end.

({os.cpu_count()} cores, Python {platform.python_version()}, commit {commit}, {passed.speed} times as fast as ours.)
"""


def heard_by(listener: Listener) -> str:
    """What a listener heard, and how often it had to come back."""
    heard = ", ".join(f"{count} {name}" for name, count in sorted(listener.events.items())) or "nothing"
    lost = ", ".join(f"{count} times {why}" for why, count in sorted(listener.lost.items())) or "never"
    return f"heard {heard}, and had to come back {sum(listener.lost.values())} times ({lost})"
