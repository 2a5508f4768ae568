"""The regime of a market from its finished bars; `live` gives the same reading bar by bar.

Each interval is read by one rule (`rule`) for its own horizon, about twenty of its bars either way, and settled with
hysteresis (`settle`) over the bars at hand. The headline is the 4h reading: the horizon of decisions that last for
hours and days. Pooling it with shorter and longer intervals made it no better (decision 15), so the others stand beside
it and count in `agreement`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from desk.domain.errors import DataError
from desk.market.candles import Candles
from desk.regime.facts import FACTS, Table, fact_table
from desk.regime.rule import DIGITS, odds_of, odds_table
from desk.regime.settle import Settled
from desk.regime.values import Evidence, Regime, RegimeReading, TimeframeRegime

INTERVALS = ("5m", "15m", "1h", "4h", "1d")
# Whose reading is the headline: the first of these that has enough bars.
HEADLINE = ("4h", "1h", "1d", "15m", "5m")
AGREEMENT_WEIGHTS: Mapping[str, float] = {"5m": 0.5, "15m": 0.5, "1h": 1.0, "4h": 2.0, "1d": 1.0}
MINIMUM_BARS = 60


def read_regime(candles: Mapping[str, Candles]) -> RegimeReading:
    """The regime over every interval from 5m to 1d that has enough bars. Raises DataError when none has."""
    frames = [read_timeframe(candles[i]) for i in INTERVALS if i in candles and len(candles[i]) >= MINIMUM_BARS]
    if not frames:
        raise DataError(f"no interval from 5m to 1d has {MINIMUM_BARS} bars: the regime cannot be read")
    return headline(frames)


def read_timeframe(candles: Candles) -> TimeframeRegime:
    """The regime of one interval alone. Raises DataError below 60 bars."""
    if len(candles) < MINIMUM_BARS:
        raise DataError(f"{candles.symbol} {candles.interval}: {len(candles)} bars, the regime needs {MINIMUM_BARS}")
    table = fact_table(candles)
    settled = Settled()
    for odds in odds_table(table[~np.isnan(table).any(axis=1)]):
        settled.push(odds)
    return timeframe(candles.interval, table[-1], settled)


def timeframe(interval: str, row: Table, settled: Settled) -> TimeframeRegime:
    """The reading of one interval: what stands, and the newest facts."""
    odds = odds_of(odds_table(row[None, :])[0])
    evidence = tuple(Evidence(code=code, value=round(float(v), DIGITS)) for code, v in zip(FACTS, row, strict=True))
    regime = settled.regime or odds.likeliest
    return TimeframeRegime(interval=interval, regime=regime, held_bars=settled.bars, odds=odds, evidence=evidence)


def headline(frames: Sequence[TimeframeRegime]) -> RegimeReading:
    """One reading of several intervals, in the order of INTERVALS and at least one."""
    leading = min(frames, key=lambda frame: HEADLINE.index(frame.interval))
    regime, odds = leading.regime, leading.odds
    others = max(odds.of(other) for other in Regime if other is not regime)
    total = sum(AGREEMENT_WEIGHTS[frame.interval] for frame in frames)
    agreeing = sum(AGREEMENT_WEIGHTS[frame.interval] for frame in frames if frame.regime is regime)
    return RegimeReading(
        regime=regime,
        odds=odds,
        confidence=round(max(0.0, odds.of(regime) - others), DIGITS),
        agreement=round(agreeing / total, DIGITS),
        timeframes=tuple(frames),
    )
