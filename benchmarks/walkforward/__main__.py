"""Writes docs/walkforward.md from runs made now: `python -m benchmarks.walkforward`, three minutes on a quiet core.

docs/evidence.md carries the verdict and is written with it. The recorded markets must stand in ../shared/data. Everything drawn by lot has the seed that the page tells; nothing is
left out because of what it says.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.readme import put
from benchmarks.walkforward import portfolio, replays, selection, told
from benchmarks.walkforward.markets import DATA, HOURS, NEWS, ground_of
from benchmarks.walkforward.walks import TERMS, Tries, Walked, walk_policy, walk_strategy
from config.strategies import load_strategies
from desk.backtest.report.words import number, percent, share
from desk.news.recorded import read_headlines
from desk.strategies.tones import read_tones

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "walkforward.md"


def main() -> None:
    """Make the parts that were asked for, all by default, and put each where the last one stood."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help="; ".join(PARTS))
    wanted = parser.parse_args().parts or list(PARTS)
    if not DATA.is_dir():
        sys.exit(f"the recorded markets are not there: {DATA}")
    for name in wanted:
        began = time.process_time()
        text = f"{PARTS[name]()}\n\n{conditions(time.process_time() - began, name)}"
        page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else EMPTY
        PAGE.write_text(put(page, name, text), encoding="utf-8")
    told.write()


def walks() -> str:
    """Every shipped strategy and the policy, walked forward."""
    tries = Tries()
    library = load_strategies().hearing(read_tones(read_headlines(NEWS)))
    walked: list[Walked] = []
    for name in library.names:
        say(name)
        walked.append(
            walk_strategy(name, ground_of(name), lambda step, name=name: library.candidates(name, step), tries)
        )
    say("q-policy")
    walked.append(walk_policy(HOURS, tries))
    return head(walked, tries)


PARTS = {"walks": walks, "books": portfolio.section, "replays": replays.section, "selection": selection.section}
EMPTY = (
    "# What the strategies came to\n\nNothing here is a promise of a return, and no strategy was left out for what it "
    "showed. Written by `python -m benchmarks.walkforward`.\n\n"
    + "\n\n".join(f"<!-- output:{name} -->\n<!-- /output:{name} -->" for name in PARTS)
    + "\n"
)


def say(text: str) -> None:
    """Progress, on standard error."""
    sys.stderr.write(text + "\n")


def conditions(seconds: float, name: str) -> str:
    """Under which conditions a part was found."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout
    return (
        f"(`python -m benchmarks.walkforward {name}` at commit {commit.strip()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, {seconds:.0f} CPU seconds.)"
    )


def head(walked: Sequence[Walked], tries: Tries) -> str:
    """The table of all walks."""
    best = max(walked, key=lambda one: one.sharpe.estimate)
    proven = [one.name for one in walked if one.yearly.above_zero and (tries.luck(one) or 0) >= 0.95]
    grounds = sorted({f"{one.ground.train_days} and {one.ground.test_days} ({one.name})" for one in walked})
    usual = HOURS
    others = [text for text in grounds if not text.startswith(f"{usual.train_days} and {usual.test_days} ")]
    return "\n".join(
        [
            "## Out of sample, net of costs",
            "",
            f"Each step chooses a strategy's parameters by the Sharpe ratio of the {usual.train_days} days before it and "
            f"trades the next {usual.test_days} with them (days otherwise: {'; '.join(others)}); only those are counted. The "
            "regime matrix has nothing to choose; the Q-policy is learnt from nothing at every step. Recorded "
            f"funding, taker fee {TERMS.taker_fee:.2%}, slippage {TERMS.slippage:.2%} a side, isolated margin at "
            f"leverage {TERMS.leverage:g}, about 1 % of equity risked a trade. Accounts are pooled day by day; "
            "intervals are 95 %, block bootstrap, seed 0. *Without costs* is the same walk with no fee and no slippage; "
            "*held* is the coins themselves over the same days. *Beyond luck* is the deflated Sharpe ratio: the chance "
            f"of skill beyond the luckiest of the {tries.count} runs that were made for this page, against those on the same market.",
            "",
            "| strategy | market | days | return a year | Sharpe | deepest fall | trades | steps won | without costs "
            "| held | beyond luck |",
            "|---|---|---|---|---|---|---|---|---|---|---|",
            *(row(one, tries) for one in walked),
            "",
            verdict(proven, best),
            "",
            costs(walked),
        ]
    )


def row(one: Walked, tries: Tries) -> str:
    """One strategy."""
    cells = (
        one.name,
        one.ground.told,
        f"{one.days:,}",
        f"{percent(one.yearly.estimate)} ({percent(one.yearly.low)} to {percent(one.yearly.high)})",
        f"{number(one.sharpe.estimate)} ({number(one.sharpe.low)} to {number(one.sharpe.high)})",
        percent(-one.fall),
        f"{one.trades:,}",
        f"{one.won_windows} of {one.windows}",
        percent(one.gross),
        percent(one.held),
        share(tries.luck(one)),
    )
    return "| " + " | ".join(cells) + " |"


def verdict(proven: Sequence[str], best: Walked) -> str:
    """What follows, in one paragraph."""
    if proven:
        return (
            f"Above doing nothing with its whole interval, and beyond the luck of everything tried here: {', '.join(proven)}. "
            "That is this past at these costs, and no more."
        )
    return (
        "**No edge is proven.** No strategy has a whole interval above doing nothing that is also beyond the luck of everything "
        f"tried here; the best of them by Sharpe ratio, {best.name}, does not either. None of these may trade on testnet or "
        "live; on demo and paper they trade uncertified, and say so."
    )


def costs(walked: Sequence[Walked]) -> str:
    """What trading cost them."""
    free = [one for one in walked if one.gross > 0]
    net = [one for one in walked if one.yearly.estimate > 0]
    dearest = max(walked, key=lambda one: one.gross - one.yearly.estimate)
    return (
        f"Without costs {len(free)} of {len(walked)} would have been above zero, with them {len(net)}; fees and slippage took "
        f"most from {dearest.name}: {percent(dearest.gross)} a year became {percent(dearest.yearly.estimate)}."
    )


if __name__ == "__main__":
    main()
