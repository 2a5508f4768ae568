"""Writes docs/venue.md from runs made now: `python -m benchmarks.venue_page`.

Takes about half an hour on two quiet cores. Figures taken beside other work would be told of the wrong thing: it refuses
to begin while the machine's load is 4 or more (exit code 2), and writes nothing when a run fails (exit code 1).
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "venue.md"
MOST_LOAD: Final = 4.0
RUNS: Final = {
    "Orders": "benchmarks.venue_speed",
    "Streams under load": "benchmarks.venue_streams",
    "A soak under faults": "benchmarks.venue_soak --cycles 2000 --seed 7",
    "Conservation of money": "benchmarks.venue_conservation",
}


def main() -> int:
    """Run all of it, then write. Returns the exit code."""
    load = os.getloadavg()[0]
    if load >= MOST_LOAD:
        sys.stderr.write(f"the machine's load is {load:.1f}; figures are taken below {MOST_LOAD:.0f}\n")
        return 2
    told: dict[str, str] = {}
    for title, command in RUNS.items():
        sys.stderr.write(f"{command}\n")
        done = subprocess.run([sys.executable, "-m", *command.split()], cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            sys.stderr.write(f"{done.stdout}{done.stderr}\n")
            return 1
        told[title] = done.stdout
    PAGE.write_text(page(told, f"{datetime.now(UTC):%Y-%m-%d %H:%M}", _commit(), load))
    return 0


def page(told: Mapping[str, str], at: str, commit: str, load: float) -> str:
    """The text: what each run printed, under its command."""
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    head = (
        "# The paper exchange in figures\n\n"
        f"Written by `python -m benchmarks.venue_page` on {at} UTC at commit {commit}, {machine}, load {load:.1f} "
        "before it began.\n"
    )
    parts = [f"## {title}\n\n```\n$ python -m {RUNS[title]}\n{text.rstrip()}\n```\n" for title, text in told.items()]
    return "\n".join((head, *parts))


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
