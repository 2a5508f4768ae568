"""The judgement over the day, from what the desk left: logs, records, timetable, and what was measured from outside."""

from __future__ import annotations

import json
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.day.causes import REQUEST, Waited
from benchmarks.day.watching import Grown
from crews.schedule.jobs import Job
from ops.log_files import older

MOST_GROWTH = 0.05
MOST_ALERT_SECONDS = 5.0
_PASSED = re.compile(r"([0-9]+) slots? before it missed")
_UNHANDLED = ("Traceback (most recent call last)", "a fault of the desk's own", "Unhandled exception")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One thing that was judged: `well` is None where it could not be."""

    what: str
    well: bool | None
    seen: str


def memory(grown: Sequence[Grown]) -> list[Verdict]:
    """No process grows for ever: each life of each service by itself, since a restart begins anew."""
    return [
        Verdict(
            what=f"memory of {one.name}{f', life {one.life}' if one.life > 1 else ''}",
            well=one.share < MOST_GROWTH,
            seen=f"{one.share:+.1%} in {one.seconds:.0f} s after it had settled, {one.held / 1e6:.0f} MB at the end",
        )
        for one in grown
    ]


def logs(folder: Path) -> list[Verdict]:
    """Nothing was raised that nobody caught. What was caught and told as an error is counted, not judged."""
    raised: list[str] = []
    told: Counter[str] = Counter()
    for log in sorted(folder.glob("*.log")):
        for file in (*older(log), log):
            lines = file.read_text(errors="replace").splitlines()
            for number, line in enumerate(lines):
                # A trace inside a line of JSON was caught by whoever wrote that line.
                if not line.startswith("{") and any(words in line for words in _UNHANDLED):
                    after = (one for one in lines[number + 1 :] if one and not one[0].isspace())
                    raised.append(f"{log.stem}: {next(after, line)[:100]}")
                elif '"level": "ERROR"' in line or '"level": "error"' in line:
                    told[log.stem] += 1
    counted = ", ".join(f"{name} {count}" for name, count in sorted(told.items())) or "none"
    seen = f"{len(raised)}{': ' + raised[0] if raised else ''}; caught and told as errors: {counted}"
    return [Verdict(what="errors that nobody caught, in any log", well=not raised, seen=seen)]


def runs(history: Sequence[Mapping[str, Any]], decisions: Sequence[Mapping[str, Any]]) -> list[Verdict]:
    """No slot of the timetable ran twice, and nobody decided twice on one symbol at one moment."""
    slots = Counter((str(one["job"]), str(one["slot"])) for one in history)
    moments = Counter((str(one["symbol"]), str(one["at"])) for one in decisions)
    twice = [key for counts in (slots, moments) for key, count in counts.items() if count > 1]
    return [
        Verdict(
            what="slots and decisions that happened twice",
            well=not twice and bool(history) and bool(decisions),
            seen=f"{len(twice)} of {len(history)} slots ({_outcomes(history)}) and {len(decisions)} decisions",
        )
    ]


def kickoffs(job: Job, history: Sequence[Mapping[str, Any]]) -> Verdict:
    """Of the shipped kickoffs each slot ran once, or is written down as missed: none is lost without a word."""
    mine = sorted((one for one in history if one["job"] == job.name), key=lambda one: str(one["slot"]))
    slots = [datetime.fromisoformat(str(one["slot"])) for one in mine]
    # A row speaks for its slot, and for those that had passed before it.
    passed = [int(found[1]) if (found := _PASSED.search(str(one["note"]))) else 0 for one in mine]
    lost = sum(
        job.missed(before, slot) - number for before, slot, number in zip(slots, slots[1:], passed[1:], strict=False)
    )
    ran = sum(one["outcome"] != "missed" for one in mine)
    due, twice = len(mine) + sum(passed) + lost, len(slots) - len(set(slots))
    return Verdict(
        what=f"kickoffs of the shipped timetable, {job.timetable}",
        well=ran > 0 and lost == 0 and twice == 0,
        seen=f"{due} slots due: {ran} ran, {due - ran - lost} missed, {lost} lost without a word, {twice} twice "
        f"({_outcomes(mine)})",
    )


def _outcomes(history: Sequence[Mapping[str, Any]]) -> str:
    outcomes = Counter(str(one.get("outcome")) for one in history)
    return ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items()))


def alerts(waited: Sequence[Waited]) -> list[Verdict]:
    """Each alert, of every sort, arrived in time; and the halt among them."""
    slowest = max(waited, key=lambda one: one.seconds, default=None)
    halt = next((one for one in waited if one.since == REQUEST), None)
    late = [one for one in waited if one.seconds > MOST_ALERT_SECONDS]
    seen = "none came" if slowest is None else f"{len(late)} of {len(waited)} later; slowest {_worded(slowest)}"
    return [
        Verdict(
            what=f"the halt is told within {MOST_ALERT_SECONDS:.0f} s",
            well=halt is not None and halt.seconds <= MOST_ALERT_SECONDS,
            seen="it never came" if halt is None else _worded(halt),
        ),
        Verdict(
            what=f"every alert arrives within {MOST_ALERT_SECONDS:.0f} s", well=bool(waited) and not late, seen=seen
        ),
    ]


def by_sort(waited: Sequence[Waited]) -> str:
    """How long the alerts of each sort took, as rows of a table."""
    sorts: dict[tuple[str, str], list[float]] = defaultdict(list)
    for one in waited:
        sorts[one.kind, one.since].append(one.seconds)
    return "\n".join(
        f"| {kind} | {since} | {len(took)} | {statistics.median(took):.2f} | {max(took):.2f} |"
        for (kind, since), took in sorted(sorts.items())
    )


def _worded(one: Waited) -> str:
    return f"{one.seconds:.1f} s since {one.since}: {one.title[:60]}"


def services(standing: Mapping[str, Any], killed: Sequence[str]) -> list[Verdict]:
    """Everything stands at the end, also what was killed."""
    states = {one["name"]: one["state"] for one in standing["services"]}
    again = {one["name"]: one["restarts"] for one in standing["services"]}
    back = all(states.get(name) == "up" and again.get(name, 0) >= 1 for name in killed)
    seen = ", ".join(f"{name} {state}" for name, state in states.items())
    return [
        Verdict(what=f"killed and back: {', '.join(killed)}", well=back, seen=json.dumps(again)),
        Verdict(what="everything is up at the end", well=bool(standing["up"]), seen=seen),
    ]
