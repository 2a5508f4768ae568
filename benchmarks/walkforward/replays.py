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
BARS = 4_000
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
    for name, symbols, interval in RUNS:
        wide, _, rate = played(name, symbols, interval, WIDE)
        own, why, _ = played(name, symbols, interval, Limits())
        causes += why
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
            "Why trades differ under the desk's limits: "
            + "; ".join(f"{cause}, {count} times" for cause, count in causes.most_common())
            + ".",
            "",
            "A look at venue and account costs the guard about a millisecond of Python: exact decimals, facts with their ages, a "
            "step of its state, and a row of its journal. That, and not the engine, is what stands between this and the sweep.",
        ]
    )


def played(name: str, symbols: tuple[str, ...], interval: str, limits: Limits) -> tuple[str, Counter[str], float]:
    """Same trades of all, causes of the rest, and bars a CPU second."""
    market = market_of(symbols, interval, None, None)
    first = len(market.tape) - BARS
    tape = market.tape.between(first, len(market.tape))
    wishes = load_strategies().strategy(name, tape.step_ms).plan(market.tape).between(first, len(market.tape))
    swept = run(tape, wishes, TERMS, contracts(market.specs, TERMS.leverage))
    began = time.process_time()
    done = replay(tape, wishes, TERMS, market.specs, limits, strategy_id=name)
    spent = time.process_time() - began
    compared = compare(swept, done, market.specs)
    return f"{compared.same} of {compared.sweep}", Counter(compared.causes), BARS / spent
