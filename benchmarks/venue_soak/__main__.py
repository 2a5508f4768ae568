"""`python -m benchmarks.venue_soak --cycles 2000 --seed 7`: exit code 0 when both sides agree on everything, else 1.

With `--plant NAME` a known defect is put into the client, and the run must fail. `--keep FOLDER` keeps the exchange's
files: its state, its log, and the log of the faults, which is a script itself.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.readme import put
from benchmarks.venue_soak.bad_luck import soak_script
from benchmarks.venue_soak.hosts import own_process
from benchmarks.venue_soak.plants import PLANTS
from benchmarks.venue_soak.soak import Report, soak
from benchmarks.venue_soak.trader import Trader

ROOT = Path(__file__).resolve().parents[2]
DOC = ROOT / "docs" / "faults.md"
_SHOWN = 12


def main(arguments: list[str] | None = None) -> int:
    """Run one soak and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.venue_soak", description=__doc__)
    parser.add_argument("--cycles", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--plant", choices=sorted(PLANTS), help="a defect to put into the client")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the exchange's files")
    parser.add_argument("--json", action="store_true", dest="as_json")
    parser.add_argument("--write", action="store_true", help="put the report into docs/faults.md as well")
    told = parser.parse_args(arguments)
    trader = PLANTS.get(told.plant, Trader)
    folder = nullcontext(str(told.keep)) if told.keep else tempfile.TemporaryDirectory()
    with folder as home, own_process(Path(home), soak_script(told.seed), told.seed) as host:
        report = soak(host, told.cycles, told.seed, trader, tell=_tell(told.cycles))
    if told.write:
        page = _page(report, told.plant, by="kind")
        DOC.write_text(put(DOC.read_text(), "soak", f"```\n{page}```"))
    sys.stdout.write(_json(report) if told.as_json else _page(report, told.plant, by="rule"))
    return 0 if report.agreed else 1


def _tell(cycles: int) -> Callable[[int], None]:
    def tell(cycle: int) -> None:
        if cycle % 100 == 0:
            sys.stderr.write(f"{cycle} of {cycles} cycles\n")

    return tell


def _page(report: Report, plant: str | None, *, by: str) -> str:
    agreed = "both sides agree" if report.agreed else f"{len(report.differences)} differences"
    lines = [
        f"{report.cycles} cycles, seed {report.seed}, commit {commit()}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, "
        f"{report.seconds:.0f} s" + (f", planted: {plant}" if plant else ""),
        "",
        *_table(f"faults that struck, by {by}", report.faults if by == "rule" else report.kinds),
        *_table("answers that proved nothing", report.doubts),
        *_table("how those doubts ended", report.outcomes),
        *_table("requests by the venue's last word", report.words),
        *_table("the account's stream", {**report.heard, **_figures(report.stream)}),
        f"{report.fills} fills, {report.funding} funding payments",
        f"{sum(report.faults.values())} faults of {len(report.faults)} sorts; {agreed}",
        *(f"  {line}" for line in report.differences[:_SHOWN]),
        *([f"  and {len(report.differences) - _SHOWN} more"] if len(report.differences) > _SHOWN else []),
    ]
    return "\n".join(lines) + "\n"


def _table(title: str, counts: Mapping[str, object]) -> list[str]:
    return [title, *(f"  {count:6}  {name}" for name, count in counts.items()), ""]


def _figures(stream: Mapping[str, object]) -> Mapping[str, object]:
    return {name: stream[name] for name in ("messages", "reconnects", "duplicates", "late", "unread")}


def _json(report: Report) -> str:
    return json.dumps({**asdict(report), "agreed": report.agreed, "commit": commit()}, indent=2) + "\n"


def commit() -> str:
    """The commit of the tree, with a + when it has changes."""
    ran = subprocess.run(["git", "describe", "--always", "--dirty=+"], cwd=ROOT, capture_output=True, text=True)
    return ran.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
