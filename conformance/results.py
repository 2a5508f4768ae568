"""What a run found: checks by name, each passed, failed or not applicable, and why.

A failed check stays failed whatever is known about it. `explained.toml` may say whose doing it is and why it is left
so; a failure without such a line makes the run fail, and a line that no failure needs any more is told as well.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

EXPLAINED: Final = Path(__file__).with_name("explained.toml")


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a foreign program did, and what came of it."""

    name: str
    outcome: Outcome
    reason: str = ""

    @classmethod
    def told(cls, line: str) -> Check:
        """Read the line a program wrote.

        Raises:
            ValueError: when it is not one.
        """
        row = json.loads(line)
        if not isinstance(row, dict) or not isinstance(row.get("check"), str):
            raise ValueError(f"not a check: {line[:120]}")
        return cls(row["check"], Outcome(row["outcome"]), str(row.get("reason", "")))


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a failed check is left so: whose doing it is, and the reason. `saw` is a part of what the failure said."""

    suite: str
    check: str
    whose: str
    why: str
    saw: str = ""

    def covers(self, suite: str, check: Check) -> bool:
        """Whether this failure is the one that is explained; both names may hold the wildcard `*`."""
        return self.speaks_of(suite) and fnmatchcase(check.name, self.check) and self.saw in check.reason

    def speaks_of(self, suite: str) -> bool:
        """Whether it is about this suite."""
        return fnmatchcase(suite, self.suite)


@dataclass(slots=True)
class Findings:
    """Everything one suite found. `broke` is set when its program ended before its time."""

    suite: str
    checks: list[Check] = field(default_factory=list)
    seconds: float = 0.0
    versions: Mapping[str, str] = field(default_factory=dict)
    broke: str = ""

    def of(self, outcome: Outcome) -> list[Check]:
        """The checks that ended so."""
        return [check for check in self.checks if check.outcome is outcome]


def findings_of(row: Mapping[str, Any]) -> Findings:
    """Read back what `dataclasses.asdict` made of findings."""
    checks = [Check(one["name"], Outcome(one["outcome"]), one["reason"]) for one in row["checks"]]
    return Findings(**{**row, "checks": checks})


def read_explanations(path: Path = EXPLAINED) -> tuple[Explanation, ...]:
    """The explanations of known failures, in the order they stand in the file."""
    return tuple(Explanation(**row) for row in tomllib.loads(path.read_text()).get("failure", []))


def explanation_of(suite: str, check: Check, known: Iterable[Explanation]) -> Explanation | None:
    """The first explanation that covers a failed check."""
    return next((one for one in known if one.covers(suite, check)), None)


def unexplained(findings: Findings, known: Sequence[Explanation]) -> list[Check]:
    """The failures nobody has explained."""
    return [one for one in findings.of(Outcome.FAILED) if explanation_of(findings.suite, one, known) is None]


def needless(found: Sequence[Findings], known: Iterable[Explanation]) -> list[Explanation]:
    """Explanations of suites that ran, of failures that are no more."""
    failures = [(findings.suite, check) for findings in found for check in findings.of(Outcome.FAILED)]
    return [
        one
        for one in known
        if any(one.speaks_of(findings.suite) for findings in found)
        and not any(one.covers(suite, check) for suite, check in failures)
    ]
