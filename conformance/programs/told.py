"""How a program tells what it checked: one JSON line a check on standard output. Needs the standard library alone.

Programs run in foreign environments, so this is all they share: where the exchange is, and how to say what happened.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# What a check wrote must stay readable in a table.
LONGEST_REASON = 300
_OUT = sys.stdout
# Whatever a library prints goes to the log; standard output belongs to the checks.
sys.stdout = sys.stderr


@dataclass(frozen=True)
class Invitation:
    """Where the exchange is, and the key to its account."""

    url: str
    streams: str
    key: str
    secret: str


def invitation(file: str | None = None) -> Invitation:
    """The exchange that a file, or else the first word of the command line, names."""
    return Invitation(**json.loads(Path(file or sys.argv[1]).read_text()))


def passed(check: str) -> None:
    """Say that a check held."""
    _tell({"check": check, "outcome": "passed", "reason": ""})


def failed(check: str, reason: str) -> None:
    """Say that a check did not hold, and what was seen instead."""
    _tell({"check": check, "outcome": "failed", "reason": reason})


def not_applicable(check: str, reason: str) -> None:
    """Say that a check asks for something this exchange is not."""
    _tell({"check": check, "outcome": "not applicable", "reason": reason})


def require(held: object, otherwise: str) -> None:
    """Fail the check at hand unless `held`."""
    if not held:
        raise AssertionError(otherwise)


def check(name: str, attempt: Callable[[], Any]) -> Any:
    """Make one attempt and tell how it went; the answer, or None where there is none."""
    try:
        answer = attempt()
    except Exception as error:
        traceback.print_exc()
        failed(name, said(error))
        return None
    passed(name)
    return answer


def said(error: BaseException) -> str:
    """An error in one line."""
    return f"{type(error).__name__}: {error}"


def within(seconds: float, holds: Callable[[], Any], *, every: float = 0.2) -> Any:
    """The first true answer of `holds`, asked until the time is over; then its last one."""
    deadline = time.monotonic() + seconds
    answer = holds()
    while not answer and time.monotonic() < deadline:
        time.sleep(every)
        answer = holds()
    return answer


def listed(names: Iterable[str]) -> str:
    """Names in one line."""
    return ", ".join(sorted(names))


def _tell(row: dict[str, str]) -> None:
    row["reason"] = " ".join(row["reason"].split())[:LONGEST_REASON]
    _OUT.write(json.dumps(row) + "\n")
    _OUT.flush()
