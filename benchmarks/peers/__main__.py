"""`python -m benchmarks.peers`: the desk beside its peers, and docs/benchmarks.md written from it.

`--only ROW` measures a part again and leaves the rest of the page as it was measured before; `--compare ROW` measures
nothing and asks once more whether what the last runs left is the same. Exit code 1: a ratio was
missed, or two sides did not do the same; 2: an environment or a program failed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import UTC, datetime
from statistics import median

from benchmarks.peers.page import PAGE, Kept, Measured, Swept, kept_of, page
from benchmarks.peers.rows import ROWS, SWEEP, SWEEP_SECONDS, TRIALS, Row, locks, sweep_job
from benchmarks.peers.turns import HERE, PEERS, WORK, SideFailedError, in_turns, play
from benchmarks.readme import ROOT
from conformance.environments import EnvironmentFailedError, relock
from conformance.exchange import ExchangeDidNotStartError

RUNS = 5
# Beside the code and not below var/: whoever measures a part again elsewhere keeps the rest of the page.
KEPT = HERE / "results.json"
_SWEEP = "sweep"


def main(arguments: list[str] | None = None) -> int:
    """Measure what was asked for, then write. Returns the exit code."""
    wanted = _words().parse_args(arguments)
    if wanted.relock:
        for name in locks():
            say(f"locking {name}")
            relock(name, PEERS)
        return 0
    WORK.mkdir(parents=True, exist_ok=True)
    try:
        for row in ROWS if wanted.compare else ():
            if row.name in wanted.compare:
                _keep(row=compared(row, _kept().rows[row.name]))
        for row in () if wanted.compare else ROWS:
            if not wanted.only or row.name in wanted.only:
                _keep(row=measured(row, wanted.runs))
        if not wanted.compare and (not wanted.only or _SWEEP in wanted.only):
            _keep(sweep=swept(wanted.runs))
    except (EnvironmentFailedError, ExchangeDidNotStartError, SideFailedError) as error:
        say(f"bench: {error}")
        return 2
    kept = _kept()
    PAGE.write_text(page(kept, [row.name for row in ROWS]))
    say(f"written: {PAGE.relative_to(ROOT)}")
    if wanted.json:
        sys.stdout.write(json.dumps(asdict(kept)) + "\n")
    slow = kept.sweep is not None and median(kept.sweep.wall) > SWEEP_SECONDS
    return int(slow or not all(row.holds for row in kept.rows.values()))


def measured(row: Row, runs: int) -> Measured:
    """Both sides by turns, then whether they did the same."""
    say(f"{row.name}: {row.title}")
    with ExitStack() as closing:
        jobs = row.jobs(row, closing)
        pair = in_turns(row.desk, jobs.desk, row.peer, jobs.peer, runs, whole=row.whole, told=say)
        same = jobs.agree()
    say(f"  {pair.ratio:,.4g} times; {same.sentence}")
    versions = row.peer.versions()
    return Measured(
        name=row.name,
        title=row.title,
        peer=", ".join(f"{name} {version}" for name, version in versions.items()) or "a Python dict",
        least=row.least,
        ratios=pair.ratios,
        desk_seconds=pair.seconds("desk"),
        peer_seconds=pair.seconds("peer"),
        desk_rate=pair.desk[0].told["count"] / pair.seconds("desk"),
        unit=row.unit,
        whole=row.whole,
        agreement=same.sentence,
        agreed=same.enough,
        at=_now(),
        commit=_commit(),
        load=os.getloadavg()[1],
    )


def compared(row: Row, before: Measured) -> Measured:
    """The same measurement, held against what its last runs left."""
    with ExitStack() as closing:
        same = row.jobs(row, closing).agree()
    say(f"{row.name}: {same.sentence}")
    return replace(before, agreement=same.sentence, agreed=same.enough)


def swept(runs: int) -> Swept:
    """The sweep, some times over."""
    say(f"sweep: {TRIALS:,} trials")
    job = sweep_job()
    found = [play(SWEEP, job).told for _ in range(runs)]
    wall, cpu = (tuple(round(one[name], 3) for one in found) for name in ("wall", "cpu"))
    say(f"  {median(wall):.0f} s")
    return Swept(
        trials=TRIALS, wall=wall, cpu=cpu, most=SWEEP_SECONDS, at=_now(), commit=_commit(), load=os.getloadavg()[1]
    )


def say(text: str) -> None:
    """Progress, on standard error: standard output belongs to --json."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _words() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    names = [*(row.name for row in ROWS), _SWEEP]
    parser.add_argument("--only", action="append", choices=names, help="measure this alone; may be said again")
    parser.add_argument("--compare", action="append", choices=names[:-1], help="only compare what the last runs left")
    parser.add_argument("--runs", type=int, default=RUNS, help=f"pairs of runs of each row, {RUNS} by default")
    parser.add_argument("--json", action="store_true", help="write everything measured to standard output")
    parser.add_argument("--relock", action="store_true", help="resolve the peers' environments anew, and end")
    return parser


def _kept() -> Kept:
    return kept_of(json.loads(KEPT.read_text())) if KEPT.exists() else Kept()


def _keep(*, row: Measured | None = None, sweep: Swept | None = None) -> None:
    """Keep one part at once: a row takes minutes, and nobody measures it twice for what came after it."""
    kept = _kept()
    if row is not None:
        kept.rows[row.name] = row
    kept.sweep = sweep or kept.sweep
    KEPT.write_text(json.dumps(asdict(kept), indent=1) + "\n")


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M}"


def _commit() -> str:
    words = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
