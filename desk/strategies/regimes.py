"""Which regime each bar of a tape was decided in: the desk's own reading of 4h bars, known only once they are over."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from desk.backtest.tape import Tape
from desk.domain.errors import DataError
from desk.indicators.columns import Column
from desk.market.candles import Candles
from desk.market.intervals import INTERVAL_MS, interval_ms
from desk.market.resample import resample
from desk.regime.facts import fact_table
from desk.regime.rule import REGIMES, odds_table
from desk.regime.settle import Settled
from desk.regime.values import Regime

HEADLINE = "4h"
# What a regime rests on fades out of its averages within this many 4h bars; a settled one is then decided anew.
MEMORY_BARS = 600

Codes = NDArray[np.int8]
UNKNOWN = -1


def regimes_of(tape: Tape, symbol: int = 0) -> Codes:
    """By bar: the place in `REGIMES` of the regime known at its close, or UNKNOWN.

    Raises:
        DataError: when bars of this length cannot be read as 4h bars.
    """
    candles = candles_of(tape, symbol)
    longer = candles if candles.step_ms >= interval_ms(HEADLINE) else resample(candles, HEADLINE)
    codes = _settled(longer)
    # A longer bar is known to every bar that closes at or after its own close.
    closes = tape.open_time + tape.step_ms
    known = np.searchsorted(longer.open_time + longer.step_ms, closes, side="right") - 1
    return np.where(known >= 0, codes[np.maximum(known, 0)], UNKNOWN).astype(np.int8)


def regime_at(code: int) -> Regime | None:
    """The regime behind a code."""
    return None if code == UNKNOWN else REGIMES[code]


def memory_of(step_ms: int) -> int:
    """Bars of this length after which a regime no longer depends on how much there was before."""
    return MEMORY_BARS * max(1, interval_ms(HEADLINE) // step_ms)


def candles_of(tape: Tape, symbol: int) -> Candles:
    """One symbol of a tape as candles. Raises DataError for a length the desk has no name for."""
    name = next((name for name, length in INTERVAL_MS.items() if length == tape.step_ms), None)
    if name is None:
        raise DataError(f"bars of {tape.step_ms} ms have no name here", hint=", ".join(INTERVAL_MS))
    columns: list[Column] = [grid[:, symbol] for grid in (tape.open, tape.high, tape.low, tape.close, tape.volume)]
    return Candles.from_columns(tape.symbols[symbol], name, tape.open_time, *columns)


def _settled(candles: Candles) -> Codes:
    table = fact_table(candles)
    odds = odds_table(table)
    settled, codes = Settled(), np.full(len(candles), UNKNOWN, dtype=np.int8)
    for row in np.flatnonzero(~np.isnan(table).any(axis=1)):
        codes[row] = REGIMES.index(settled.push(odds[row]))
    return codes
