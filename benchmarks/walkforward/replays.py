"""The sweep against the replay through exchange and guard: the same trades, and how many bars a CPU second takes.

Limits that bind nothing show whether the two engines agree; the desk's own limits show what the guard changes.
"""

from __future__ import annotations

import time
from collections import Counter
from decimal import Decimal

from benchmarks.walkforward.markets import market_of
from benchmarks.walkforward.walks import TERMS
from config.strategies import load_strategies
from desk.backtest.replay.compare import compare
from desk.backtest.replay.playing import replay
from desk.backtest.run import run
from desk.backtest.terms import contracts
from desk.guard.bounds.limits import Limits

D = Decimal
WIDE = Limits(
    gap_stress={},
    gap_stress_default=D("0.01"),
    early_exit=D(1),
    max_position=D(5),
    max_gross=D(10),
    max_correlated=D(10),
    max_range=D("0.5"),
    turnover=D(500),
    daily_loss=D("0.2"),
    rolling_loss=D("0.3"),
    drawdown=D("0.5"),
    entries_per_minute=60,
    entries_per_day=2000,
    repeat_entries=2000,
    reentry_seconds=0,
    symbol_losses=50,
    streak_losses=50,
    crash_hour=D("0.5"),
    crash_five_btc=D("0.5"),
    crash_five_eth=D("0.5"),
)
BARS = 2_000
RUNS = (
    ("trend-ema", ("BTCUSDT",), "1h"),
    ("micro-trend", ("BTCUSDT",), "15m"),
    ("breakout", ("ETHUSDT",), "1h"),
    ("cross-pair", ("BTCUSDT", "ETHUSDT"), "1h"),
)


def section() -> str:
    """The part of the page."""
    lines: list[str] = []
    causes: Counter[str] = Counter()
    others: Counter[str] = Counter()
    looks, spent = 0, 0.0
    for name, symbols, interval in RUNS:
        wide, engines, rate, counted = played(name, symbols, interval, WIDE)
        own, why, _, _ = played(name, symbols, interval, Limits())
        causes, others = causes + why, others + engines
        looks, spent = looks + counted, spent + BARS / rate
        lines.append(f"| {name} | {', '.join(symbols)} {interval} | {wide} | {own} | {rate:,.0f} |")
    return "\n".join(
        [
            "## The same trades through exchange and guard",
            "",
            f"The last {BARS:,} bars of each recording, played once by the compiled sweep and once, quote by quote, through the "
            "exchange's engine and the production guard in one process, the guard looking at every bar, and at every "
            "price inside one while something is held. Trades are the same when symbol, side, bars, size and prices agree, within "
            "two ticks and one step.",
            "",
            "| strategy | market | the same, limits that bind nothing | the same, the desk's limits | bars a CPU second |",
            "|---|---|---|---|---|",
            *lines,
            "",
            f"Why trades differ where no limit binds: {told(others)}.",
            "",
            f"Why they differ under the desk's limits: {told(causes)}.",
            "",
            f"The goal was twenty times nautilus_trader, about 400,000 bars a second; this is not it. A bar takes {looks / BARS / len(RUNS):.1f} "
            f"looks of the guard, and a look with all that leads to it {spent / looks * 1000:.2f} ms of CPU: exact decimals, facts with "
            "their ages, a step of a frozen state and a row of its journal, in Python, as in production. The sweep is for "
            "searching; this is for knowing that what was found trades the same on the desk.",
        ]
    )


def told(causes: Counter[str]) -> str:
    """Causes with their counts."""
    return "; ".join(f"{cause}, {count} times" for cause, count in causes.most_common()) or "they do not"


def played(name: str, symbols: tuple[str, ...], interval: str, limits: Limits) -> tuple[str, Counter[str], float, int]:
    """Same trades of all, causes of the rest, bars a CPU second, and looks of the guard."""
    market = market_of(symbols, interval, None, None)
    first = len(market.tape) - BARS
    tape = market.tape.between(first, len(market.tape))
    wishes = load_strategies().strategy(name, tape.step_ms).plan(market.tape).between(first, len(market.tape))
    swept = run(tape, wishes, TERMS, contracts(market.specs, TERMS.leverage))
    began = time.process_time()
    done = replay(tape, wishes, TERMS, market.specs, limits, strategy_id=name)
    spent = time.process_time() - began
    compared = compare(swept, done, market.specs)
    return f"{compared.same} of {compared.sweep}", Counter(compared.causes), BARS / spent, done.looks
