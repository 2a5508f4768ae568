"""The chart read in numbers: trend, levels, patterns, one score. What a trained eye would point at, by written rules.

    score = 45 trend + 20 momentum + 20 patterns + 15 place, each part in [-1, 1]

`trend` is the slope and the order of EMA 9, 21 and 50 in ATR; `momentum` is MACD histogram and RSI; `patterns` is the
lean of fresh patterns, halved with each five bars of age; `place` is room: near support with resistance far away is +1.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from desk.domain.errors import DataError
from desk.indicators import classic
from desk.indicators.columns import significant
from desk.market.candles import Candles
from desk.market.patterns import Pattern, PatternHit, find_patterns
from desk.market.swings import PriceLevel, find_swings, price_levels, resistances, supports

__all__ = ["ChartReading", "Pattern", "PatternHit", "PriceLevel", "Recommendation", "Trend", "read_chart"]

MINIMUM_BARS = 60
_TREND_FROM = 0.25
_STRONG_FROM = 60
_LEAN_FROM = 25


class Trend(StrEnum):
    """Where the chart points."""

    UP = "UP"
    DOWN = "DOWN"
    FLAT = "FLAT"


class Recommendation(StrEnum):
    """What the chart alone would do."""

    STRONG_BUY = "STRONG_BUY"
    BUY = "BUY"
    NEUTRAL = "NEUTRAL"
    SELL = "SELL"
    STRONG_SELL = "STRONG_SELL"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartReading:
    """What the chart says. Supports lie below the last close, resistances above; nearest first, at most five each.

    `score` is in [-100, 100]; `trend_strength` and `confidence` are in [0, 1].
    """

    symbol: str
    interval: str
    bars: int
    last_close: float
    trend: Trend
    trend_strength: float
    supports: tuple[PriceLevel, ...]
    resistances: tuple[PriceLevel, ...]
    patterns: tuple[PatternHit, ...]
    score: int
    recommendation: Recommendation
    confidence: float


def read_chart(candles: Candles) -> ChartReading:
    """Read one candle series (200 to 500 bars read best). Raises DataError below 60 bars."""
    if len(candles) < MINIMUM_BARS:
        raise DataError(f"{candles.symbol} {candles.interval}: {len(candles)} bars, a chart needs {MINIMUM_BARS}")
    atr = float(classic.atr(candles.high, candles.low, candles.close)[-1])
    swings = find_swings(candles)
    levels = price_levels(candles, swings, atr)
    last = significant(candles.last_close)
    below, above = supports(levels, last), resistances(levels, last)
    patterns = find_patterns(candles, swings, atr)
    trend = _trend(candles, atr)
    parts = (45 * trend, 20 * _momentum(candles, atr), 20 * _lean(patterns), 15 * _place(below, above))
    score = round(sum(parts))
    return ChartReading(
        symbol=candles.symbol,
        interval=candles.interval,
        bars=len(candles),
        last_close=last,
        trend=Trend.UP if trend > _TREND_FROM else Trend.DOWN if trend < -_TREND_FROM else Trend.FLAT,
        trend_strength=round(abs(trend), 4),
        supports=below,
        resistances=above,
        patterns=patterns,
        score=score,
        recommendation=_recommendation(score),
        confidence=_confidence(parts, len(candles)),
    )


def _unit(value: float) -> float:
    return max(-1.0, min(1.0, value))


def _trend(candles: Candles, atr: float) -> float:
    """Slope of EMA 21 over ten bars in units of two ATR, and the order of EMA 9, 21, 50 in ATR; their mean."""
    if atr <= 0:
        return 0.0
    nine, mid, slow = (classic.ema(candles.close, period) for period in (9, 21, 50))
    slope = _unit(float(mid[-1] - mid[-11]) / (2 * atr))
    order = (_unit(float(nine[-1] - mid[-1]) / atr) + _unit(float(mid[-1] - slow[-1]) / (1.5 * atr))) / 2
    return round((slope + order) / 2, 6)


def _momentum(candles: Candles, atr: float) -> float:
    if atr <= 0:
        return 0.0
    histogram = float(classic.macd(candles.close)[2][-1])
    rsi = float(classic.rsi(candles.close)[-1])
    return (_unit(histogram / (0.3 * atr)) + _unit((rsi - 50) / 25)) / 2


def _lean(patterns: tuple[PatternHit, ...]) -> float:
    return _unit(sum(0.6 * hit.lean * 0.5 ** (hit.bars_ago / 5) for hit in patterns))


def _place(below: tuple[PriceLevel, ...], above: tuple[PriceLevel, ...]) -> float:
    """Room above against room below, by the nearest level on each side; 0 when a side has none."""
    if not below or not above:
        return 0.0
    up, down = above[0].distance_pct, below[0].distance_pct
    return (up - down) / (up + down) if up + down > 0 else 0.0


def _recommendation(score: int) -> Recommendation:
    if abs(score) < _LEAN_FROM:
        return Recommendation.NEUTRAL
    if score > 0:
        return Recommendation.STRONG_BUY if score >= _STRONG_FROM else Recommendation.BUY
    return Recommendation.STRONG_SELL if score <= -_STRONG_FROM else Recommendation.SELL


def _confidence(parts: tuple[float, ...], bars: int) -> float:
    """How much the parts agree, how far they go, and whether there is history enough to say so."""
    size = sum(abs(part) for part in parts)
    agreement = abs(sum(parts)) / size if size else 0.0
    return round(agreement * (0.3 + 0.7 * min(1.0, size / 60)) * min(1.0, bars / 200), 4)
