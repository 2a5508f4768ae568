"""The judgement over the day, from what the desk left: logs, records, timetable, and what was measured from outside."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.log_files import older

MOST_GROWTH = 0.05
MOST_ALERT_SECONDS = 5.0
_TRIPPED = re.compile(r"trip|halt|lock|flatten", re.IGNORECASE)
_UNHANDLED = ("Traceback (most recent call last)", "a fault of the desk's own", "Unhandled exception")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One thing that was judged: `well` is None where it could not be."""

    what: str
    well: bool | None
    seen: str


def memory(growth: Mapping[str, tuple[int, float]]) -> list[Verdict]:
    """No process grows for ever."""
    return [
        Verdict(
            what=f"memory of {name} after warm-up",
            well=share < MOST_GROWTH,
            seen=f"{share:+.1%}, {held / 1e6:.0f} MB at the end",
        )
        for name, (held, share) in sorted(growth.items())
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
    outcomes = Counter(str(one.get("outcome")) for one in history)
    words = ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items()))
    return [
        Verdict(
            what="slots and decisions that happened twice",
            well=not twice and bool(history) and bool(decisions),
            seen=f"{len(twice)} of {len(history)} runs ({words}) and {len(decisions)} decisions",
        )
    ]


def alert(asked: float, came: Sequence[tuple[float, str]]) -> Verdict:
    """How long after the desk was halted its alert arrived at the receiver."""
    later = [(at - asked, text) for at, text in came if at >= asked and _TRIPPED.search(text)]
    seconds, text = min(later, default=(None, ""))
    seen = f"none of {len(came)} that came" if seconds is None else f"{seconds:.1f} s: {text[:60]}"
    well = seconds is not None and seconds <= MOST_ALERT_SECONDS
    return Verdict(what=f"the halt is told within {MOST_ALERT_SECONDS:.0f} s", well=well, seen=seen)


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
