"""The regime rule, written out: four utilities of trend, volatility and volume become odds, blended over intervals.

For each interval, seven facts are scaled to [-1, 1]:

    SLOPE        EMA 21 over 10 bars, in units of 3 ATR
    DIRECTIONAL  (+DI - -DI) / (+DI + -DI), faded by ADX below 25
    ALIGNMENT    how far close, EMA 9, 21 and 50 stand apart in one order, each step in ATR and at most 1, averaged
    EFFICIENCY   net move of 20 bars over the path they walked (Kaufman), doubled
    VOLATILITY   where ATR % ranks among its own past, -1 calmest, +1 wildest
    BAND_WIDTH   the same for the Bollinger width
    VOLUME       volume of the last 5 bars against the 50 before, on a log scale: +1 is e times the usual

    trend  = mean of the first four            wild = 0.6 VOLATILITY + 0.4 BAND_WIDTH
    bull   = +4 trend + 0.5 VOLUME * max(trend, 0)      sideways = 2.2 - 6 |trend| - 0.8 max(wild, 0)
    bear   = -4 trend + 0.5 VOLUME * max(-trend, 0)     volatile = 3.6 wild - 2 |trend| + 0.4 max(VOLUME, 0)

and the odds are their softmax. The blend weighs the odds of the longer intervals more: what a decision of hours meets.
ADX is shown as evidence of its own, 0 at 10 and +1 at 40. Every scale is relative to the symbol's own past.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from desk.domain.errors import DataError
from desk.indicators import classic, derived
from desk.indicators.columns import Column
from desk.market.candles import Candles
from desk.regime.values import Evidence, EvidenceCode, Regime, RegimeOdds, RegimeReading, TimeframeRegime

WEIGHTS: tuple[tuple[str, float], ...] = (("5m", 1.0), ("15m", 1.5), ("1h", 2.0), ("4h", 2.5), ("1d", 2.0))
MINIMUM_BARS = 60
_RANK_WINDOW = 250
_ORDER = (Regime.BULL, Regime.BEAR, Regime.SIDEWAYS, Regime.VOLATILE)


def read_regime(candles: Mapping[str, Candles]) -> RegimeReading:
    """The regime over every interval from 5m to 1d that has enough bars. Raises DataError when none has."""
    usable = [(w, candles[i]) for i, w in WEIGHTS if i in candles and len(candles[i]) >= MINIMUM_BARS]
    if not usable:
        raise DataError(f"no interval from 5m to 1d has {MINIMUM_BARS} bars: the regime cannot be read")
    frames = tuple(read_timeframe(series) for _, series in usable)
    weights = [weight for weight, _ in usable]
    odds = blend([frame.odds for frame in frames], weights)
    regime = odds.likeliest
    agreeing = sum(w for w, frame in zip(weights, frames, strict=True) if frame.regime is regime)
    first, second = sorted((odds.of(r) for r in Regime), reverse=True)[:2]
    return RegimeReading(
        regime=regime,
        odds=odds,
        confidence=round(first - second, 4),
        agreement=round(agreeing / sum(weights), 4),
        timeframes=frames,
    )


def read_timeframe(candles: Candles) -> TimeframeRegime:
    """The regime of one interval alone. Raises DataError below 60 bars."""
    if len(candles) < MINIMUM_BARS:
        raise DataError(f"{candles.symbol} {candles.interval}: {len(candles)} bars, the regime needs {MINIMUM_BARS}")
    facts = _trend_facts(candles) | _volatility_facts(candles) | _volume_facts(candles)
    odds = odds_of(facts)
    evidence = tuple(Evidence(code=code, value=value) for code, value in facts.items())
    return TimeframeRegime(interval=candles.interval, regime=odds.likeliest, odds=odds, evidence=evidence)


def odds_of(facts: Mapping[EvidenceCode, float]) -> RegimeOdds:
    """The rule of this module's docstring, from facts to odds."""
    code = EvidenceCode
    trend = (facts[code.SLOPE] + facts[code.DIRECTIONAL] + facts[code.ALIGNMENT] + facts[code.EFFICIENCY]) / 4
    wild = 0.6 * facts[code.VOLATILITY] + 0.4 * facts[code.BAND_WIDTH]
    volume = facts[code.VOLUME]
    return _softmax(
        bull=4 * trend + 0.5 * volume * max(trend, 0.0),
        bear=-4 * trend + 0.5 * volume * max(-trend, 0.0),
        sideways=2.2 - 6 * abs(trend) - 0.8 * max(wild, 0.0),
        volatile=3.6 * wild - 2 * abs(trend) + 0.4 * max(volume, 0.0),
    )


def blend(odds: list[RegimeOdds], weights: list[float]) -> RegimeOdds:
    """The weighted mean of several odds."""
    total = sum(weights)

    def mean(regime: Regime) -> float:
        return sum(w * o.of(regime) for w, o in zip(weights, odds, strict=True)) / total

    return _rounded([mean(regime) for regime in _ORDER])


def _softmax(*, bull: float, bear: float, sideways: float, volatile: float) -> RegimeOdds:
    top = max(bull, bear, sideways, volatile)
    powers = [math.exp(u - top) for u in (bull, bear, sideways, volatile)]
    total = sum(powers)
    return _rounded([power / total for power in powers])


def _rounded(odds: list[float]) -> RegimeOdds:
    """Odds of four digits that still sum to one: the largest takes what rounding left."""
    digits = [round(p, 4) for p in odds]
    largest = digits.index(max(digits))
    digits[largest] = round(1.0 - (sum(digits) - digits[largest]), 4)
    bull, bear, sideways, volatile = digits
    return RegimeOdds(bull=bull, bear=bear, sideways=sideways, volatile=volatile)


def _trend_facts(candles: Candles) -> dict[EvidenceCode, float]:
    high, low, close = candles.high, candles.low, candles.close
    nine, average, slow = classic.ema(close, 9)[-1], classic.ema(close, 21), classic.ema(close, 50)[-1]
    atr = float(classic.atr(high, low, close)[-1])
    strength, plus, minus = (float(column[-1]) for column in classic.adx(high, low, close))
    walked = float(np.sum(np.abs(np.diff(close[-21:]))))
    steps = (close[-1] - nine, nine - average[-1], average[-1] - slow)
    sides = plus + minus
    return {
        EvidenceCode.SLOPE: _unit((average[-1] - average[-11]) / (3 * atr) if atr > 0 else 0.0),
        EvidenceCode.ADX: _unit((strength - 10) / 30),
        EvidenceCode.DIRECTIONAL: _unit((plus - minus) / sides * min(1.0, strength / 25) if sides > 0 else 0.0),
        EvidenceCode.ALIGNMENT: _unit(sum(_unit(step / atr) for step in steps) / 3 if atr > 0 else 0.0),
        EvidenceCode.EFFICIENCY: _unit(2 * (close[-1] - close[-21]) / walked if walked > 0 else 0.0),
    }


def _volatility_facts(candles: Candles) -> dict[EvidenceCode, float]:
    close = candles.close
    atr_share = classic.atr(candles.high, candles.low, close) / close
    return {
        EvidenceCode.VOLATILITY: _rank(atr_share),
        EvidenceCode.BAND_WIDTH: _rank(derived.bollinger_width_pct(close)),
    }


def _volume_facts(candles: Candles) -> dict[EvidenceCode, float]:
    recent, usual = float(np.mean(candles.volume[-5:])), float(np.mean(candles.volume[-55:-5]))
    return {EvidenceCode.VOLUME: _unit(math.log(recent / usual)) if recent > 0 and usual > 0 else 0.0}


def _rank(column: Column) -> float:
    rank = derived.rank_of_newest(column, _RANK_WINDOW)
    return 0.0 if rank is None else _unit(2 * rank - 1)


def _unit(value: float) -> float:
    return round(max(-1.0, min(1.0, float(value))), 4)
