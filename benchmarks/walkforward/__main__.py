"""Writes docs/walkforward.md from runs made now: `python -m benchmarks.walkforward`, ten minutes on a quiet core.

The recorded markets must stand in ../shared/data. Everything drawn by lot has the seed that the page tells; nothing is
left out because of what it says.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.walkforward import replays, selection
from benchmarks.walkforward.markets import DATA, HOURS, NEWS, ground_of
from benchmarks.walkforward.walks import TERMS, Tries, Walked, walk_policy, walk_strategy
from config.strategies import load_strategies
from desk.backtest.doubt import deflated_sharpe
from desk.backtest.report.words import number, percent, share
from desk.news.recorded import read_headlines
from desk.strategies.tones import read_tones

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "walkforward.md"


def main() -> None:
    """Walk everything, then write."""
    if not DATA.is_dir():
        sys.exit(f"the recorded markets are not there: {DATA}")
    began, tries = time.process_time(), Tries()
    library = load_strategies().hearing(read_tones(read_headlines(NEWS)))
    walked = []
    for name in library.names:
        say(name)
        walked.append(
            walk_strategy(name, ground_of(name), lambda step, name=name: library.candidates(name, step), tries)
        )
    say("q-policy")
    walked.append(walk_policy(HOURS, tries))
    parts = [head(walked, tries), selection.section()]
    say("through exchange and guard")
    parts.insert(1, replays.section())
    parts.insert(0, opening(time.process_time() - began))
    PAGE.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def say(text: str) -> None:
    """Progress, on standard error."""
    sys.stderr.write(text + "\n")


def opening(seconds: float) -> str:
    """Under which conditions all of it was found."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout
    return (
        "# What the strategies came to\n\n"
        f"Written by `python -m benchmarks.walkforward` at commit {commit.strip()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, {seconds / 60:.0f} minutes of CPU. Nothing here is a promise of a return, and no "
        "strategy was left out for what it showed."
    )


def head(walked: Sequence[Walked], tries: Tries) -> str:
    """The table of all walks."""
    best = max(walked, key=lambda one: one.sharpe.estimate)
    proven = [one.name for one in walked if one.yearly.above_zero and (luck(one, tries) or 0) >= 0.95]
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
            f"of skill beyond the luckiest of the {len(tries.ratios)} runs that were made for this page.",
            "",
            "| strategy | market | days | return a year | Sharpe | deepest fall | trades | steps won | without costs "
            "| held | beyond luck |",
            "|---|---|---|---|---|---|---|---|---|---|---|",
            *(row(one, tries) for one in walked),
            "",
            verdict(proven, best),
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
        share(luck(one, tries)),
    )
    return "| " + " | ".join(cells) + " |"


def luck(one: Walked, tries: Tries) -> float | None:
    """The deflated Sharpe ratio against everything tried for this page."""
    if not float(one.daily.std()) > 0:
        return None
    return deflated_sharpe(one.daily, tries=len(tries.ratios), spread=tries.spread)


def verdict(proven: Sequence[str], best: Walked) -> str:
    """What follows, in one paragraph."""
    if proven:
        return (
            f"Above doing nothing with its whole interval, and beyond the luck of everything tried here: {', '.join(proven)}. "
            "That is this past at these costs, and no more."
        )
    return (
        "**No edge is proven.** No strategy has a whole interval above doing nothing that is also beyond the luck of everything "
        f"tried here; the best of them by Sharpe ratio, {best.name}, does not either. What separates most of them from zero "
        "is their costs. None of these may trade on testnet or live; on demo and paper they trade uncertified, and say so."
    )


if __name__ == "__main__":
    main()
