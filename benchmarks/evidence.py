"""Writes docs/evidence.md and the README's table of promises from runs made now: `python -m benchmarks.evidence`.

Takes about ten minutes on two cores. The recorded markets must stand in ../shared/data; the seeds are in the text it
writes, and `CREWDESK_SEED` and `--kills` change them. `--walkforward` runs nothing: it reads the verdict and figures of
docs/walkforward.md, which `python -m benchmarks.walkforward` wrote, into the page again.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks import costs, guard_speed
from benchmarks.readme import put
from benchmarks.walkforward import told as walkforward
from campaigns.page import section
from tests.campaigns import test_guard_killed as kills
from tests.campaigns import test_hostile_model_over_crashes as crashes
from tests.campaigns.market_run import MarketRun
from tests.crew_command import DATA, Operator

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "evidence.md"
CANDLES = DATA / "klines" / "BTCUSDT-15m-um-20230101-20250603.parquet"

SLOWEST_MEDIAN_S = 0.5


@dataclass(frozen=True, kw_only=True)
class Crash:
    """One recorded crash against one greedy model."""

    event: str
    stop: str
    let_through: int
    asked: int
    worst_day: Decimal
    broken: int
    tripped: str


def main() -> None:
    """Run everything, then write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--walkforward", action="store_true", help="that section alone, read and not run")
    wanted = parser.parse_args()
    if wanted.walkforward:
        walkforward.write(PAGE)
        return
    began = time.monotonic()
    fallen = [crash(event, stop) for event in crashes.EVENTS for stop in crashes.EVERY]
    if any(one.broken for one in fallen):
        sys.exit(f"a day lost more than it may: {[one for one in fallen if one.broken]}")
    with tempfile.TemporaryDirectory() as folder, kills.scene_in(Path(folder)) as scene:
        say(f"killing the guard {wanted.kills} times")
        toll = kills.kill_again_and_again(scene, wanted.kills, kills.SEED)
    with tempfile.TemporaryDirectory() as folder:
        replayed = replay(Operator(Path(folder)))
    check(replayed)
    page = "\n\n".join(
        [
            head(time.monotonic() - began),
            crash_part(fallen),
            kill_part(toll),
            replay_part(replayed),
            costs.page(),
            guard_speed.section(),
            walkforward.section(),
            section(),
        ]
    )
    PAGE.write_text(page + "\n")
    readme = ROOT / "README.md"
    readme.write_text(put(readme.read_text(), "promises", promises(fallen, toll, replayed)))


def say(text: str) -> None:
    """Progress, on standard error."""
    sys.stderr.write(text + "\n")


def crash(event: str, stop: str) -> Crash:
    """Play one crash with an operator who resets whenever the guard lets him, so that every day has its budget."""
    say(f"{event}, stop {stop}")
    run = MarketRun(crashes.market_of(event))
    run.play(crashes.HOUR_MS // 4, crashes.greedy(stop), operator=True)
    worst = max(day.loss / day.baseline for day in run.days)
    once = MarketRun(crashes.market_of(event))
    once.play(crashes.HOUR_MS // 4, crashes.greedy(stop))
    latch = once.guard.state.latch
    return Crash(
        event=event,
        stop=stop,
        let_through=run.opened,
        asked=len(run.answers),
        worst_day=worst,
        broken=sum(1 for day in run.days if day.loss > crashes.allowed(run, day)),
        tripped=latch.reason if latch else "nothing",
    )


def replay(operator: Operator) -> dict[str, Any]:
    """Two hundred decisions on recorded candles, verified and decided again from the record."""
    say("two hundred decisions")
    words = ("kickoff", "BTCUSDT", "--profile", "replay", "--data", str(CANDLES), "--from", "2024-08-01")
    ran = operator.crew(*words, "--cycles", "200", "--json", timeout=900)
    if ran.code:
        sys.exit(ran.err)
    verified = operator.crew("audit", "verify", "--profile", "replay", "--json")
    again = operator.crew("audit", "replay", "--all", "--profile", "replay", "--json", timeout=300).lines
    told = ran.lines
    seconds = sorted(row["seconds"] for row in told)
    return {
        "decisions": len(told),
        "median": statistics.median(seconds),
        "p95": seconds[int(len(seconds) * 0.95)],
        "actions": Counter(row["action"] for row in told),
        "regimes": Counter(row["reports"]["regime"]["regime"] for row in told if "regime" in row["reports"]),
        "verified": verified.code == 0,
        "equal": sum(1 for row in again if row["equal"]),
        "beyond": len(operator.beyond_loopback),
    }


def check(told: dict[str, Any]) -> None:
    """Nothing is written from a run that breaks a promise."""
    if told["median"] > SLOWEST_MEDIAN_S:
        sys.exit(f"a decision took {told['median']:.2f} s at the median; {SLOWEST_MEDIAN_S} s is promised")
    if not told["verified"] or told["equal"] != told["decisions"] or told["beyond"]:
        sys.exit(f"the record does not verify, does not replay, or something reached out: {told}")
    if len(told["actions"]) < 2 or len(told["regimes"]) < 2:
        sys.exit(f"always the same: {told['actions']}, {told['regimes']}")


def head(seconds: float) -> str:
    """What was run, on what."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    return (
        "# Evidence\n\n"
        f"Written by `python -m benchmarks.evidence` at commit {commit.strip()}, {machine}, in {seconds / 60:.0f} minutes. "
        "Figures are of this run; run it again to have your own."
    )


def crash_part(fallen: list[Crash]) -> str:
    """The table of crashes."""
    rows = [
        f"| {one.event} | {Decimal(one.stop) * 100:.1f} % | {one.asked} | {one.let_through} | "
        f"−{one.worst_day * 100:.2f} % | {one.tripped} |"
        for one in fallen
    ]
    return "\n".join(
        [
            "## A model that only wants more, on the worst days recorded",
            "",
            "The production guard and the production engine, recorded one-hour candles walked in five-minute steps, up to "
            "four symbols at once. Every quarter of an hour the model asks for a long of full conviction on each symbol, "
            "whatever happened before. An operator resets the desk whenever the guard allows it, so that every day starts "
            "with its budget. The day's limit is 5 % of the equity at 00:00 UTC; the loss is measured by the test's own "
            "books at every price, and 0.05 % is allowed for what leaving costs once the limit is reached. The last column is "
            "what tripped first without an operator.",
            "",
            "| crash | stop asked | intents | let through | worst day | tripped by |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            f"{len(fallen)} runs, {sum(one.broken for one in fallen)} days beyond the limit and the gap allowance: 95 % upper bound {3 / len(fallen):.0%} "
            "for markets like these.",
        ]
    )


def kill_part(toll: kills.Toll) -> str:
    """What the kills came to."""
    return "\n".join(
        [
            "## The guard killed at random moments",
            "",
            f"Real processes, a market at {kills.SPEED} times real time, two threads that open and close at random on "
            f"three symbols, seed {kills.SEED}. After each kill -9 the guard is started again and judged by the venue's "
            "own lists.",
            "",
            "| kills | intents answered | entries at the venue | doubled | forgotten | baseline moved | slowest stop | "
            "slowest start |",
            "|---|---|---|---|---|---|---|---|",
            f"| {toll.kills} | {toll.answered} | {toll.entries} | 0 | 0 | 0 | {toll.slowest_stop:.2f} s | "
            f"{toll.slowest_start:.2f} s |",
            "",
            f"0 of {toll.kills} broken: 95 % upper bound {3 / toll.kills:.1%}. The journal, replayed from its first row, "
            "gave the state hash the guard had told. A kill does not test a loss of power.",
        ]
    )


def replay_part(told: dict[str, Any]) -> str:
    """What two hundred decisions on real candles came to."""
    actions = ", ".join(f"{count} {name}" for name, count in told["actions"].most_common())
    regimes = ", ".join(f"{count} {name}" for name, count in told["regimes"].most_common())
    return "\n".join(
        [
            "## Two hundred decisions on recorded candles",
            "",
            "BTCUSDT 15m from 2024-08-01, offline model, three processes.",
            "",
            f"* decisions: {told['decisions']} ({actions}); regimes: {regimes}",
            f"* time of a decision: median {told['median']:.2f} s, 95 % below {told['p95']:.2f} s",
            f"* record verifies: {'yes' if told['verified'] else 'NO'}; replayed bit-equal: {told['equal']} of "
            f"{told['decisions']}",
            f"* attempts to reach anything beyond this machine: {told['beyond']}",
        ]
    )


def conformance() -> str:
    """What the last run of `make conformance` wrote of itself."""
    page = (ROOT / "docs" / "conformance.md").read_text()
    row = next(line for line in page.splitlines() if line.startswith("| **all** |"))
    checks, passed, failed, _ = [cell.strip() for cell in row.split("|")[3:7]]
    return f"[{passed} of {checks} checks of other makers' clients](docs/conformance.md), {failed} failed and explained"


def promises(fallen: list[Crash], toll: kills.Toll, told: dict[str, Any]) -> str:
    """The README's table: a promise, what shows it, what it showed."""
    worst = max(one.worst_day for one in fallen)
    stop = f"slowest stop after a restart {toll.slowest_stop:.2f} s"
    rows = [
        (
            "No day loses more than its limit and the gap allowance, however hostile the model",
            "tests/campaigns/test_hostile_model_over_crashes.py",
            f"{len(fallen)} runs over 9 recorded crashes: worst day −{worst * 100:.2f} % of a 5 % limit",
        ),
        (
            "A crash doubles nothing, forgets nothing, forgives nothing",
            "tests/campaigns/test_guard_killed.py",
            f"{toll.kills} kills, {toll.entries} entries, 0 doubled; {stop}",
        ),
        (
            "A latch is lifted by two human steps in a terminal and by nothing else",
            "tests/unit/desk/guard, tests/campaigns/test_guard_killed.py",
            "no tool, no chat, no configuration key",
        ),
        (
            "Any decision replays bit-equal from its log, with no model and no market",
            "tests/integration/test_replay_of_real_candles.py",
            f"{told['equal']} of {told['decisions']}",
        ),
        (
            "Whoever changes the record is found",
            "tests/unit/memory, tests/unit/desk/guard/test_journal.py",
            "every flipped byte is found, or changes nothing that can be read",
        ),
        (
            "A first run needs no key and reaches nothing beyond this machine",
            "tests/integration/test_first_kickoff.py",
            f"{told['beyond']} attempts in {told['decisions']} decisions",
        ),
        (
            "The exchange speaks Binance's protocol to clients nobody changed",
            "tests/integration/test_real_clients_trade_on_the_exchange.py, make conformance",
            conformance(),
        ),
        (
            "A dead, slow or babbling model opens nothing, and what is open stays managed",
            "tests/integration/test_models_over_http.py",
            "at most 12 requests a decision",
        ),
    ]
    lines = [f"| {promise} | `{shown}` | {seen} |" for promise, shown, seen in rows]
    return "\n".join(
        [
            "| promise | shown by | last run |",
            "|---|---|---|",
            *lines,
            "",
            "Figures and conditions: [docs/evidence.md](docs/evidence.md), written by `python -m benchmarks.evidence`.",
        ]
    )


if __name__ == "__main__":
    main()
