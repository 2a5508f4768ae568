"""Markets made by hand or by a seed, and the terms they are traded on."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from desk.backtest.plan import Plan, plan
from desk.backtest.tape import Tape
from desk.backtest.terms import AccountTerms, Contracts, contracts
from desk.venues.paper.symbols import spec_for

FREE = AccountTerms(deposit=10_000.0, taker_fee=0.0, slippage=0.0, leverage=5.0)


def tape_of(bars: Sequence[tuple[float, float, float, float]], funding: Sequence[float] = ()) -> Tape:
    """One symbol: (open, high, low, close) by bar."""
    grid = np.array(bars, dtype=np.float64)
    rates = np.zeros(len(bars))
    rates[: len(funding)] = funding
    columns = [np.ascontiguousarray(grid[:, [at]]) for at in range(4)]
    return Tape(
        symbols=("BTCUSDT",),
        step_ms=60_000,
        open_time=np.arange(len(bars), dtype=np.int64) * 60_000,
        open=columns[0],
        high=columns[1],
        low=columns[2],
        close=columns[3],
        volume=np.ones((len(bars), 1)),
        funding=rates[:, None],
    )


def plan_of(wishes: Sequence[int], *, stop: float = 0.0, target: float = 0.0, size: float = 0.5) -> Plan:
    """A plan for one symbol."""
    return plan(np.array(wishes, dtype=np.int8)[:, None], stop=stop, target=target, size=size)


def terms_of(tape: Tape, leverage: float = 5.0, price: int = 100) -> Contracts:
    """Contracts of the tape's symbols, which trade near `price`."""
    return contracts([spec_for(symbol, Decimal(price)) for symbol in tape.symbols], leverage)


def random_tape(seed: int, bars: int, symbols: int) -> Tape:
    """A market that wanders, jumps and charges funding."""
    rng = np.random.default_rng(seed)
    noise = float(rng.choice([0.002, 0.01, 0.05]))

    def moves() -> np.ndarray:
        return rng.normal(0.0, noise, (bars, symbols))

    opened = 100.0 * np.exp(np.cumsum(moves(), axis=0))
    close = opened * np.exp(moves())
    return Tape(
        symbols=("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT")[:symbols],
        step_ms=60_000,
        open_time=np.arange(bars, dtype=np.int64) * 60_000,
        open=opened,
        high=np.maximum(opened, close) * np.exp(np.abs(moves())),
        low=np.minimum(opened, close) * np.exp(-np.abs(moves())),
        close=close,
        volume=np.ones((bars, symbols)),
        funding=np.where(rng.random((bars, symbols)) < 0.05, rng.normal(0.0, 1e-3, (bars, symbols)), 0.0),
    )


def random_plan(seed: int, tape: Tape, leverage: float) -> Plan:
    """A strategy that knows nothing and asks for anything."""
    rng = np.random.default_rng(seed + 1)
    shape = tape.close.shape
    return plan(
        rng.choice(np.array([-1, 0, 0, 0, 1], dtype=np.int8), shape),
        leave=rng.choice(np.array([0, 0, 1, 2, 3], dtype=np.int8), shape),
        stop=rng.choice([0.0, 0.0001, 0.01, 0.03], shape),
        target=rng.choice([0.0, 0.0001, 0.02], shape),
        size=rng.uniform(0.0, leverage * 1.2, shape),
    )
