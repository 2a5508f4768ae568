"""One study, many workers: `python -m benchmarks.search_shared` searches two ways and writes docs/learning.md.

The same number of trials of `crew search policy` on recorded hours: by two processes that share a study on a PostgreSQL
server, and by one process and two workers of a Ray cluster, which is begun for it on this machine (only where the extra
`cluster` is installed). Then the study itself is asked who made what and when, and must say what the command said. The
server is Debian's, begun for this and ended with it; the recorded markets must stand in ../shared/data. About four
minutes of CPU.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.readme import put
from benchmarks.skill.recordings import DATA, need_data
from tests.postgres_server import installed, serving

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "learning.md"
MARKET = ("-s", "BTCUSDT", "--interval", "1h", "--data", str(DATA))


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to share a study: how it is told, and the options that ask for it, the database's URL last."""

    told: str
    options: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What a study says of itself afterwards. `beside` counts trials that began while another worker's was under way."""

    told: str
    made: tuple[int, ...]
    beside: int
    twice: int
    unfinished: int
    tries: int
    seconds: float
    verdict: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=60)
    trials = parser.parse_args().trials
    need_data()
    programs = installed()
    if programs is None:
        sys.exit("no PostgreSQL server on this machine: apt install postgresql")
    with serving(programs) as server:
        shared = [search(way, trials) for way in ways(server.database)]
    PAGE.write_text(put(PAGE.read_text(encoding="utf-8"), "shared", section(shared, trials)), encoding="utf-8")


def ways(database: Callable[[], str]) -> Iterator[Way]:
    """The ways there are on this machine, each with a database of its own."""
    yield Way(told="two processes, PostgreSQL", options=("--workers", "2", "--storage", database()))
    if importlib.util.find_spec("ray") is not None:
        ray = ("--workers", "3", "--ray", "local", "--storage", database())
        yield Way(told="one process and two workers on Ray, PostgreSQL", options=ray)


def search(way: Way, trials: int) -> Shared:
    """Search one way, from the command to its last word."""
    sys.stderr.write(way.told + "\n")
    with tempfile.TemporaryDirectory() as home:
        crew = str(Path(sys.executable).parent / "crew")
        asked = [
            crew,
            "search",
            "policy",
            *MARKET,
            "--trials",
            str(trials),
            "--study",
            "shared",
            *way.options,
            "--json",
        ]
        began = time.monotonic()
        ran = subprocess.run(asked, cwd=home, env={**os.environ, "CREWDESK_HOME": home}, capture_output=True, text=True)
        seconds = time.monotonic() - began
        if ran.returncode:
            sys.exit(ran.stderr)
        return told_by(way.options[-1], way, json.loads(ran.stdout), tries_in(Path(home)), seconds)


def told_by(url: str, way: Way, answer: dict[str, Any], tries: int, seconds: float) -> Shared:
    """What the study says. Ends the program where it and the command disagree."""
    import optuna

    every = optuna.load_study(study_name="shared", storage=url).trials
    done = [one for one in every if one.state is optuna.trial.TrialState.COMPLETE]
    made = Counter(one.user_attrs["made_by"] for one in done)
    if dict(made) != answer["made_by"] or len(done) != answer["finished"]:
        sys.exit(f"the study says {dict(made)}, the command {answer['made_by']}")
    return Shared(
        told=way.told,
        made=tuple(sorted(made.values(), reverse=True)),
        beside=beside(done),
        twice=len(done) - len({json.dumps(one.params, sort_keys=True) for one in done}),
        unfinished=len(every) - len(done),
        tries=tries,
        seconds=seconds,
        verdict=answer["held_out"]["verdict"],
    )


def tries_in(home: Path) -> int:
    """How often luck was given a chance, as the ledger of this desk has it: what the examination deflates for."""
    with closing(sqlite3.connect(home / "demo" / "ledger.sqlite")) as ledger:
        return int(ledger.execute("SELECT count(*) FROM tries").fetchone()[0])


def beside(done: Sequence[Any]) -> int:
    """Trials that began while one of another worker was under way."""
    return sum(
        any(
            other.user_attrs["made_by"] != one.user_attrs["made_by"]
            and other.datetime_start <= one.datetime_start < other.datetime_complete
            for other in done
        )
        for one in done
    )


def section(shared: Sequence[Shared], trials: int) -> str:
    """The part of the page."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout
    rows = [
        f"| {one.told} | {' + '.join(map(str, one.made))} | {one.beside} | {one.twice} | {one.unfinished} | {one.tries} | {one.seconds:.0f} s |"
        for one in shared
    ]
    verdicts = "; ".join(sorted({one.verdict for one in shared}))
    return "\n".join(
        [
            f"`crew search policy`, BTCUSDT 1h, {trials} trials asked for:",
            "",
            "| workers and study | trials of each worker | begun beside another's | made twice | unfinished | tries in the ledger | from command to answer |",
            "|---|---|---|---|---|---|---|",
            *rows,
            "",
            f"What the bests were worth on bars that nobody looked at: {verdicts}. Whoever is in the middle of a trial when the "
            "last is finished still ends it, so a study may have as many more as it has other workers; a trial whose parameters "
            "contradict each other is no try. Times are by the wall "
            f"clock, starts included, and those of a machine that was busy with other things (load {os.getloadavg()[0]:.1f} at the end).",
            "",
            f"(`python -m benchmarks.search_shared` at commit {commit.strip()}, {os.cpu_count()} cores, Python {platform.python_version()}.)",
        ]
    )


if __name__ == "__main__":
    main()
