"""Is the examination worth its name? Strategies without any skill sit it, and ones whose edge was planted.

    python -m benchmarks.promotion --candidates 1000 --write

`--write` puts the section into docs/learning.md. About a minute of CPU for a thousand.

A market is a random walk with bursts, whose next move nobody can know. A random strategy holds for a random time and
pays no costs, so that only the statistics stand between it and a certificate. The planted one is told the sign of the
next move a little more often than not, and pays them all.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np

from benchmarks.readme import put
from desk.backtest.measures import drawdown, wilson
from desk.backtest.plan import Wishes, plan
from desk.backtest.run import run
from desk.backtest.tape import Tape
from desk.backtest.terms import AccountTerms, contracts
from desk.backtest.trial.days import daily_returns
from desk.promotion.exam import Examined, Standards, examine
from desk.promotion.record import Record, daily_sharpe
from desk.venues.paper.symbols import spec_for

PAGE = Path(__file__).resolve().parents[1] / "docs" / "learning.md"
HOUR_MS = 3_600_000
FREE = AccountTerms(taker_fee=0.0, slippage=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sat:
    """How many sat the examination and how many passed it.

    `best_passed`: whether the luckiest of them passes once it is told how many there were.
    """

    candidates: int
    passed: int
    best_passed: bool


def walk(seed: int, days: int) -> Tape:
    """A market of hourly bars without drift, whose unrest comes in bursts."""
    rng = np.random.default_rng(seed)
    bars = 24 * days
    unrest = 0.005 * np.exp(0.6 * np.repeat(rng.normal(size=days), 24))
    moves = rng.normal(size=bars) * unrest
    close = 100.0 * np.exp(np.cumsum(moves - unrest**2 / 2))
    opened = np.r_[100.0, close[:-1]]
    reach = np.abs(rng.normal(size=bars)) * unrest / 2
    columns = (opened, np.maximum(opened, close) * (1 + reach), np.minimum(opened, close) / (1 + reach), close)
    grids = [np.ascontiguousarray(column[:, None]) for column in columns]
    return Tape(
        symbols=("BTCUSDT",),
        step_ms=HOUR_MS,
        open_time=np.arange(bars, dtype=np.int64) * HOUR_MS,
        open=grids[0],
        high=grids[1],
        low=grids[2],
        close=grids[3],
        volume=np.ones((bars, 1)),
        funding=np.zeros((bars, 1)),
    )


def random_wishes(tape: Tape, seed: int) -> tuple[Wishes, Wishes]:
    """Entries and exits of somebody who knows nothing: sides and times at random."""
    rng = np.random.default_rng(seed)
    often = float(rng.uniform(0.02, 0.3))
    enter = rng.choice(np.array([-1, 0, 1], np.int8), tape.close.shape, p=(often / 2, 1 - often, often / 2))
    leave = np.where(rng.random(tape.close.shape) < often, 3, 0)
    return enter.astype(np.int8), leave.astype(np.int8)


def told_wishes(tape: Tape, seed: int, skill: float) -> tuple[Wishes, Wishes]:
    """Entries of somebody who is told the next day's direction, and that rightly in a share `skill` of cases."""
    rng = np.random.default_rng(seed)
    enter, leave = np.zeros(tape.close.shape, np.int8), np.zeros(tape.close.shape, np.int8)
    for bar in range(0, len(tape) - 25, 24):
        truly = 1 if tape.close[bar + 24, 0] > tape.open[bar + 1, 0] else -1
        enter[bar, 0] = truly if rng.random() < skill else -truly
        leave[bar + 23, 0] = 3
    return enter, leave


def planted(count: int, *, days: int, skill: float, tries: int, spread: float, seed: int = 0) -> Sat:
    """`count` strategies that are told the truth in a share `skill` of cases, and pay fees and slippage."""
    tapes = [walk(10_000 + seed + number, days) for number in range(count)]
    wishes = [told_wishes(tape, seed + number, skill) for number, tape in enumerate(tapes)]
    passed = sum(
        sit(tape, one, AccountTerms(), tries=tries, spread=spread).passed
        for tape, one in zip(tapes, wishes, strict=True)
    )
    return Sat(candidates=count, passed=passed, best_passed=passed > 0)


def sit(tape: Tape, wishes: tuple[Wishes, Wishes], terms: AccountTerms, *, tries: int, spread: float) -> Examined:
    """One examination of one set of wishes."""
    record = _record(tape, wishes, terms, tries=tries, spread=spread)
    return examine(record, CAMPAIGN)


CAMPAIGN = Standards(draws=500, drawdown=0.5)
"""Few draws, for there are many candidates; and a drawdown that is seldom in the way, so that luck has its chance."""


def _record(tape: Tape, wishes: tuple[Wishes, Wishes], terms: AccountTerms, *, tries: int, spread: float) -> Record:
    enter, leave = wishes
    wanted = plan(enter, leave=leave, stop=0.0, target=0.0, size=1.0)
    outcome = run(tape, wanted, terms, contracts([spec_for("BTCUSDT", Decimal(100))], terms.leverage))
    return Record(
        daily=daily_returns(outcome.open_time, outcome.equity, outcome.deposit),
        trades=len(outcome.trades),
        drawdown=drawdown(outcome.equity, outcome.deposit)[0],
        tries=tries,
        spread=spread,
    )


def random_candidates(count: int, *, days: int, seed: int = 0) -> Sat:
    """`count` skill-less strategies, each on a market of its own and each as if it were the only one ever tried."""
    records: list[Record] = []
    passed = 0
    for number in range(count):
        tape = walk(seed + number, days)
        record = _record(tape, random_wishes(tape, seed + number), FREE, tries=1, spread=0.0)
        passed += examine(record, CAMPAIGN, seed=number).passed
        records.append(record)
    ratios = np.array([daily_sharpe(record.daily) for record in records])
    luckiest = records[int(ratios.argmax())]
    spread = float(ratios.std(ddof=1)) if count > 1 else 0.0
    deflated = Record(
        daily=luckiest.daily, trades=luckiest.trades, drawdown=luckiest.drawdown, tries=count, spread=spread
    )
    return Sat(candidates=count, passed=passed, best_passed=examine(deflated, CAMPAIGN).passed)


def section(candidates: int, days: int, seed: int) -> str:
    """What the campaign found, as it stands in the documentation."""
    blind = random_candidates(candidates, days=days, seed=seed)
    low, high = wilson(blind.passed, blind.candidates)
    lines = [
        f"{candidates:,} strategies without skill, each on a random market of its own of {days} days and without costs,",
        f"sat the examination as if each were the only one ever tried: {blind.passed} passed, "
        f"{blind.passed / blind.candidates:.1%} (95 % from {low:.1%} to {high:.1%}; at most 5 % is asked).",
        f"The luckiest of them, told that there were {candidates:,}: "
        f"{'passed, which is a fault' if blind.best_passed else 'refused'}.",
        "",
        "| told the truth about the next day in | pass as the only try | pass as the best of 1,000 |",
        "|---|---|---|",
    ]
    for skill in (0.55, 0.60, 0.65, 0.70):
        alone = planted(40, days=days, skill=skill, tries=1, spread=0.0, seed=seed)
        among = planted(40, days=days, skill=skill, tries=1000, spread=0.05, seed=seed)
        lines.append(f"| {skill:.0%} of cases | {alone.passed} of 40 | {among.passed} of 40 |")
    lines += ["", f"`python -m benchmarks.promotion --candidates {candidates}`, seed {seed}."]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=int, default=1000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help="put the section into docs/learning.md")
    told = parser.parse_args()
    text = section(told.candidates, told.days, told.seed)
    print(text)
    if told.write:
        PAGE.write_text(put(PAGE.read_text(), "promotion", text))


if __name__ == "__main__":
    main()
