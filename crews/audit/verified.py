"""What a check of the record looked at and what it found, as values: for a person, a script and a test alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that does not hold: in which file, at which row if one is at fault, and what is wrong."""

    file: str
    row: int | None
    problem: str

    def to_json(self) -> dict[str, Any]:
        """The finding as plain JSON values."""
        return {"file": self.file, "row": self.row, "problem": self.problem}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One file as far as it was checked: its rows, its last hash, and counts of what else was looked at."""

    file: str
    rows: int = 0
    head: str = ""
    counts: Mapping[str, int] = field(default_factory=dict[str, int])

    def to_json(self) -> dict[str, Any]:
        """The file as plain JSON values."""
        return {"file": self.file, "rows": self.rows, "head": self.head, **self.counts}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was checked and what was found. `links` counts the verdicts that stand in both files alike."""

    audit: Checked
    journal: Checked
    links: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was altered."""
        return not self.findings

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {
            "ok": self.ok,
            "audit": self.audit.to_json(),
            "journal": self.journal.to_json(),
            "links": self.links,
            "findings": [one.to_json() for one in self.findings],
        }
