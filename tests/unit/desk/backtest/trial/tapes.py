"""A market of hourly days, and strategies whose worth on it is known beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from desk.backtest.plan import Plan, plan
from desk.backtest.recordings import Market
from desk.backtest.tape import Tape
from desk.backtest.trial.values import Candidate
from desk.venues.paper.symbols import spec_for

HOUR_MS = 3_600_000


def wander(seed: int = 1, bars: int = 24 * 200, symbols: tuple[str, ...] = ("BTCUSDT",)) -> Tape:
    """A random walk: nobody can know where it goes."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.004, (bars, len(symbols))), axis=0))
    opened = np.vstack((close[:1], close[:-1]))
    return Tape(
        symbols=symbols,
        step_ms=HOUR_MS,
        open_time=np.arange(bars, dtype=np.int64) * HOUR_MS,
        open=opened,
        high=np.maximum(opened, close) * 1.001,
        low=np.minimum(opened, close) * 0.999,
        close=close,
        volume=np.ones_like(close),
        funding=np.zeros_like(close),
    )


def market_of(tape: Tape) -> Market:
    specs = tuple(spec_for(symbol, Decimal(100)) for symbol in tape.symbols)
    return Market(tape=tape, specs=specs, interval="1h", files=("made",), funded=(), missing_bars=0)


@dataclass(frozen=True)
class Seer:
    """Knows the next move: what no strategy may, and what every check must catch."""

    name: str = "seer"
    warm_up: int = 10

    def plan(self, tape: Tape) -> Plan:
        # Acts at the next open, so what it must know is the move of the bar after.
        ahead = np.vstack((tape.close[1:], tape.close[-1:])) - tape.close
        return plan(np.sign(ahead).astype(np.int8), stop=0.0, target=0.0, size=1.0)


@dataclass(frozen=True)
class Turner:
    """Turns every so many bars, whatever happens: it only pays costs."""

    every: int = 12
    name: str = "turner"
    warm_up: int = 24

    def plan(self, tape: Tape) -> Plan:
        # By the clock and not by the row, so that it wants the same on a tape that begins later.
        hours = tape.open_time // HOUR_MS
        side = np.where(hours // self.every % 2 == 0, 1, -1)
        enter = np.where(hours % self.every == 0, side, 0).astype(np.int8)
        return plan(np.repeat(enter[:, None], tape.close.shape[1], axis=1), stop=0.05, target=0.1, size=0.5)


@dataclass(frozen=True)
class Idle:
    """Wants nothing."""

    name: str = "idle"
    warm_up: int = 5

    def plan(self, tape: Tape) -> Plan:
        return plan(np.zeros(tape.close.shape, dtype=np.int8), stop=0.02, target=0.04, size=0.5)


def candidate(strategy: Seer | Turner | Idle, label: str = "") -> Candidate:
    return Candidate(label=label or strategy.name, strategy=strategy)
