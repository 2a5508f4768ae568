"""Q-learning: how fast it is against a Python dictionary, and what it comes to on recorded markets, walked forward.

    python -m benchmarks.learning --write

Both learners live the same days from the same draws and must end with the same table before their CPU time is told;
they take turns, and the median of each is compared. The walk-forward learns on three years, trades the next quarter,
and moves on; only quarters that nobody learnt from count. The recorded markets must stand in ../shared/data.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.readme import put
from benchmarks.skill.recordings import DATA, need_data
from desk.backtest.doubt import Interval
from desk.backtest.measures import drawdown
from desk.backtest.recordings import FromFiles, Market, Wanted, open_market
from desk.backtest.trial.days import yearly_interval
from desk.indicators.columns import Column
from desk.learning.course import Course, judge, study
from desk.learning.lessons import lesson_on
from desk.learning.method import Lesson, Method
from desk.learning.mood import read_mood
from desk.learning.reference import Pupil
from desk.learning.rewards import CHARACTERS
from desk.learning.sight import Mood
from desk.learning.states import SPACES
from desk.learning.trading import candles_on
from desk.learning.training import Learner
from desk.promotion.policies import days_of

PAGE = Path(__file__).resolve().parents[1] / "docs" / "learning.md"
SYMBOLS = ("BTCUSDT", "ETHUSDT")
BARS, ROUNDS = 20_000, 5
LEARN_BARS, TRADE_BARS = 3 * 365 * 24, 91 * 24
AT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Median steps a second of CPU time, each of them with its replays, and the median of the pairs' ratios."""

    compiled: float
    plain: float
    ratio: float
    rounds: int
    steps: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the sections into docs/learning.md")
    parser.add_argument("--speed-only", action="store_true")
    told = parser.parse_args()
    need_data()
    sections = {"speed": speed_text(measure())}
    if not told.speed_only:
        sections["walk"] = "\n".join(walk_text())
    for name, text in sections.items():
        print(text, end="\n\n")
        if told.write:
            PAGE.write_text(put(PAGE.read_text(), name, text))


def measure(bars: int = BARS, rounds: int = ROUNDS) -> Speed:
    """Learn the same days both ways, in turns. Ends the program where the tables differ."""
    lesson, method = recorded_lesson(bars), Method(length=bars)
    Learner(SPACES["enriched"], method).live(lesson.between(0, 50), method.draw(np.random.default_rng(0)), 1.0)
    compiled: list[float] = []
    plain: list[float] = []
    for round_ in range(rounds):
        draws = method.draw(np.random.default_rng(round_))
        learner, pupil = Learner(SPACES["enriched"], method), Pupil(method)
        compiled.append(cpu(lambda one=learner, luck=draws: one.live(lesson, luck, 0.5)))
        plain.append(cpu(lambda one=pupil, luck=draws: one.live(lesson, luck, 0.5)))
        if any(learner.table[cell] != value for cell, value in pupil.table.items()):
            sys.exit("the two tables differ: there is no speed to tell")
    steps = len(lesson) - 1
    return Speed(
        compiled=steps / statistics.median(compiled),
        plain=steps / statistics.median(plain),
        ratio=statistics.median(slow / fast for slow, fast in zip(plain, compiled, strict=True)),
        rounds=rounds,
        steps=steps,
    )


def cpu(work: object) -> float:
    """CPU seconds of one call."""
    began = time.process_time()
    work()  # type: ignore[operator]
    return time.process_time() - began


def recorded_lesson(bars: int) -> Lesson:
    market = recorded(("BTCUSDT",))
    candles = candles_on(market.tape, 0)
    return lesson_on(market.tape, 0, candles, SPACES["enriched"], leader=candles, mood=None).between(500, 500 + bars)


def recorded(symbols: tuple[str, ...]) -> Market:
    return open_market(Wanted(symbols=symbols, interval="1h"), FromFiles(paths=[DATA]))


def speed_text(speed: Speed) -> str:
    return (
        f"On {speed.steps:,} recorded hours of BTCUSDT, {Method().replays} replays with each step, median of "
        f"{speed.rounds} alternating rounds of CPU time, tables equal bit for bit:\n\n"
        "| | steps a second |\n|---|---|\n"
        f"| compiled | {speed.compiled:,.0f} |\n| Python dictionary | {speed.plain:,.0f} |\n\n"
        f"That is {speed.ratio:.0f} times as fast; 30 is asked."
    )


def walk_text() -> Iterator[str]:
    """The walk-forward of each character on each market, whatever it says."""
    mood = read_mood(DATA / "fear_greed" / "fear_greed_daily.csv")
    yield "| market | figures | character | quarters | trades | a year | 95 % interval | deepest fall |"
    yield "|---|---|---|---|---|---|---|---|"
    for symbol in SYMBOLS:
        market = recorded((symbol,))
        for figures in SPACES:
            for character in CHARACTERS:
                yield walk(market, figures, character, mood)
    yield ""
    yield "Each quarter is traded by a policy that learnt on the three years before it; fees, slippage and funding are"
    yield "paid. An interval that contains zero proves nothing, and one below zero proves a loss. Seed 0."


def walk(market: Market, figures: str, character: str, mood: Mood) -> str:
    """One row: quarter by quarter, each learnt anew."""
    daily: list[Column] = []
    trades = 0
    for first in range(0, len(market.tape) - LEARN_BARS - TRADE_BARS + 1, TRADE_BARS):
        tape = market.tape.between(first, first + LEARN_BARS + TRADE_BARS)
        course = Course(
            tape=tape,
            specs=market.specs,
            space=SPACES[figures],
            method=Method(reward=CHARACTERS[character]),
            held=TRADE_BARS / len(tape),
            mood=mood,
        )
        outcome = judge(study(course, AT, looks=False), tape, market.specs, mood=mood)
        daily.append(days_of(outcome))
        trades += len(outcome.trades)
    days = np.concatenate(daily)
    fell, _ = drawdown(np.cumprod(1.0 + days), 1.0)
    symbol = market.tape.symbols[0]
    return (
        f"| {symbol} 1h | {figures} | {character} | {len(daily)} | {trades:,} | {shown(yearly_interval(days))} "
        f"| {fell:.0%} |"
    )


def shown(interval: Interval) -> str:
    return f"{interval.estimate:+.1%} | {interval.low:+.1%} to {interval.high:+.1%}"


if __name__ == "__main__":
    main()
