"""Results that outlive the run: one JSON file a campaign in `var/campaigns`, written while it goes on.

A file belongs to the code that produced it. When guard, exchange, judge or the campaign's own code change, it starts
anew: figures of two builds are never added up.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from campaigns.campaign import Campaign, Case, upper_bound

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "var" / "campaigns"
_CODE = ("campaigns/oracle", "campaigns/simulated", "desk/domain", "desk/guard", "desk/venues/paper")
_SENTENCES = 40


@dataclass
class Result:
    """What a campaign came to so far. `seeds` were played, from 0 on; `broken` of `cases` cases broke a promise."""

    name: str
    build: str
    commit: str
    machine: str
    seeds: int = 0
    cases: int = 0
    broken: int = 0
    cpu_seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter[str])
    sentences: list[str] = field(default_factory=list[str])

    def add(self, case: Case, campaign: Campaign) -> None:
        """Take up the next seed."""
        self.seeds += 1
        self.cases += case.cases
        self.broken += min(case.cases, len(case.broken))
        self.counts.update(case.counts)
        if case.broken and len(self.sentences) < _SENTENCES:
            self.sentences.append(f"seed {case.seed}: {case.broken[0]} ({campaign.replay(case.seed)})")

    def line(self) -> str:
        """The whole of it in a line."""
        text = f"{self.name}: {self.cases:,} cases, {self.broken} broken"
        return text if self.broken else f"{text}, 95 % upper bound {upper_bound(self.cases):.2g}"

    def write(self, folder: Path = FOLDER) -> None:
        """Keep it."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.json"
        new = path.with_suffix(".new")
        new.write_text(
            json.dumps({**vars(self), "counts": dict(self.counts)}, indent=1, sort_keys=True), encoding="utf-8"
        )
        new.replace(path)


def kept(name: str, folder: Path = FOLDER) -> Result | None:
    """What is kept of a campaign, of whatever build; None when nothing is."""
    path = folder / f"{name}.json"
    if not path.exists():
        return None
    data = json.loads(path.read_text(encoding="utf-8"))
    return Result(**{**data, "counts": Counter(data["counts"])})


def begun(campaign: Campaign, folder: Path = FOLDER) -> Result:
    """What is kept of this very build, to be continued, or a new beginning."""
    found = kept(campaign.name, folder)
    return found if found is not None and found.build == build(campaign.code) else fresh(campaign)


def fresh(campaign: Campaign) -> Result:
    """A beginning."""
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    return Result(name=campaign.name, build=build(campaign.code), commit=_commit(), machine=machine)


@cache
def build(code: tuple[str, ...] = ("",)) -> str:
    """A hash of all code whose change changes results; of `campaigns` itself, what is named, or all of it."""
    total = hashlib.sha256()
    for place in (*_CODE, *(f"campaigns/{one}" for one in code)):
        path = ROOT / place
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.suffix in (".py", ".json"):
                total.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return total.hexdigest()[:16]


def _commit() -> str:
    ran = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return ran.stdout.strip() or "unknown"
