"""Measure, write docs/scale.md, print it. `--page` writes the page again from the figures of the last run."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from benchmarks.scale import address, shared_ledger, steps, units
from benchmarks.scale.page import written
from benchmarks.scale.results import Results
from desk.domain.errors import DeskError

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "scale.md"
RESULTS = Path(__file__).with_name("results.json")
STEPS = (1, 8, 32, 64)
# A whole run; what a step takes is known from those before it.
SECONDS = 345.0
_EACH, _LEAST_EACH, _UNITS_SECONDS = 1.3, 0.5, 25.0
_RESULTS = TypeAdapter(Results)
_T = TypeVar("_T")


def main() -> None:
    """Measure, or take what was measured, and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale")
    parser.add_argument("--page", action="store_true", help="write the page from the last run's figures")
    parser.add_argument("--steps", type=int, nargs="+", default=STEPS, help="how many accounts at each step")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="no step begins that would take longer")
    told = parser.parse_args()
    if not told.page:
        RESULTS.write_bytes(_RESULTS.dump_json(measured(told.steps, told.seconds), indent=1) + b"\n")
    page = written(_RESULTS.validate_json(RESULTS.read_bytes()))
    PAGE.write_text(page)
    sys.stdout.write(page)


def measured(counts: Sequence[int], seconds: float) -> Results:
    """All of it: the address's limit, the shared ledger, the units, and then as many steps as time is left for."""
    until = time.monotonic() + seconds - _UNITS_SECONDS
    used_up = _said("address", address.measure())
    shared = _said("shared ledger", shared_ledger.measure())
    done, ended = _stepped(counts, until)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return Results(
        steps=done,
        address=used_up,
        shared=shared,
        # Last: CrewAI's import changes the environment that everything else is started with.
        units=_said("units", units.measure()),
        ended=ended,
        cores=os.cpu_count() or 1,
        memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        python=platform.python_version(),
        commit=commit.stdout.strip(),
    )


def _stepped(counts: Sequence[int], until: float) -> tuple[tuple[steps.Measured, ...], str]:
    done: list[steps.Measured] = []
    took: list[float] = []
    for count in counts:
        if took and expected([one.guards for one in done], took, count) > until - time.monotonic():
            return tuple(done), f"The run ended there for want of time: {count} were not tried."
        began = time.monotonic()
        try:
            done.append(_said(f"{count} accounts", steps.measure(count)))
        except (DeskError, AssertionError) as error:
            if not done:
                raise
            return tuple(done), f"{count} could not be started: {error}."
        took.append(time.monotonic() - began)
        if done[-1].troubles:
            return tuple(done), "The run ended there."
    return tuple(done), "No larger step was asked for."


def expected(counts: Sequence[int], took: Sequence[float], count: int) -> float:
    """Seconds that a step of `count` accounts will take, on the line through the first and the last step so far."""
    more = counts[-1] - counts[0]
    each = max(_LEAST_EACH, (took[-1] - took[0]) / more) if more else _EACH
    return took[-1] + (count - counts[-1]) * each


def _said(what: str, found: _T) -> _T:
    sys.stderr.write(f"{what}: {found}\n")
    return found


if __name__ == "__main__":
    main()
