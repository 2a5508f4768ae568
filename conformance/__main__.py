"""`python -m conformance`: run other makers' programs against the exchange and write docs/conformance.md.

Exit code 0: every failure is explained. 1: one is not, or a program broke. 2: an environment or the exchange could not
be had. The page is written only when every suite ran; `--only` shows without writing.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Final

from conformance.environments import NODE, WORK, EnvironmentFailedError, relock
from conformance.exchange import ExchangeDidNotStartError
from conformance.page import PAGE, Occasion, write
from conformance.results import (
    Check,
    Explanation,
    Findings,
    Outcome,
    explanation_of,
    findings_of,
    needless,
    read_explanations,
    unexplained,
)
from conformance.suites import SUITES, Suite, log_of, run

# The last whole run, for --explain.
LAST: Final = WORK / "last-run.json"


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for. Returns the exit code."""
    wanted = _words().parse_args(arguments)
    if wanted.relock:
        return _relock()
    known = read_explanations()
    if wanted.explain:
        found, occasion = _last_run()
    else:
        # Asked to end, it still ends the exchange and the program it started.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        suites = [suite for suite in SUITES if not wanted.only or suite.name in wanted.only]
        try:
            found, occasion = _run(suites, known)
        except (EnvironmentFailedError, ExchangeDidNotStartError) as error:
            say(f"conformance: {error}")
            return 2
        if not wanted.only:
            LAST.write_text(json.dumps({"occasion": asdict(occasion), "found": [asdict(one) for one in found]}))
    if not wanted.only:
        write(found, known, occasion)
        say(f"written: {PAGE}")
    if wanted.json:
        sys.stdout.write(json.dumps([asdict(findings) for findings in found]) + "\n")
    # An explanation may cover several suites, so that only a whole run can tell.
    for one in [] if wanted.only else needless(found, known):
        say(f"no longer needed: {one.suite} {one.check}: {one.why}")
    return int(any(findings.broke or unexplained(findings, known) for findings in found))


def _run(suites: Sequence[Suite], known: Sequence[Explanation]) -> tuple[list[Findings], Occasion]:
    occasion, began = Occasion.now(), time.monotonic()
    found = [_run_one(suite, known) for suite in suites]
    return found, replace(occasion, minutes=round((time.monotonic() - began) / 60))


def _last_run() -> tuple[list[Findings], Occasion]:
    try:
        kept = json.loads(LAST.read_text())
    except OSError:
        sys.exit("conformance: no run is kept here.\nhint: run it without --explain first.")
    return [findings_of(row) for row in kept["found"]], Occasion(**kept["occasion"])


def _relock() -> int:
    for name in sorted({suite.environment for suite in SUITES} - {NODE}):
        say(f"locking {name}")
        relock(name)
    return 0


def say(text: str) -> None:
    """Progress, on standard error: standard output belongs to --json."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _words() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m conformance", description=__doc__)
    names = [suite.name for suite in SUITES]
    parser.add_argument("--only", action="append", choices=names, help="run this suite alone; may be said again")
    parser.add_argument(
        "--explain", action="store_true", help="write the last run's page again, with what is explained now"
    )
    parser.add_argument("--json", action="store_true", help="write every check to standard output")
    parser.add_argument("--relock", action="store_true", help="resolve the Python environments anew, and end")
    return parser


def _run_one(suite: Suite, known: Sequence[Explanation]) -> Findings:
    say(f"{suite.name}: {suite.title}")

    def heard(check: Check) -> None:
        if check.outcome is Outcome.FAILED:
            about = explanation_of(suite.name, check, known)
            say(f"  {'explained' if about else 'FAILED'}  {check.name}: {about.why if about else check.reason}")

    findings = run(suite, heard)
    passed, failed, aside = (len(findings.of(outcome)) for outcome in Outcome)
    say(f"  {passed} passed, {failed} failed, {aside} not applicable, in {findings.seconds:.0f} s")
    if findings.broke:
        say(f"  {findings.broke}; see {log_of(suite)}")
    return findings


if __name__ == "__main__":
    sys.exit(main())
