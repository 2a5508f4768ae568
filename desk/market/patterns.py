"""Chart patterns from a closed list, each by a written rule over swings, bodies and bands. No eye needed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from desk.indicators import classic, derived
from desk.market.candles import Candles
from desk.market.swings import REACH, Swing

# A pattern older than this says nothing about the next bar any more.
FRESH_BARS = 10


class Pattern(StrEnum):
    """A shape the chart shows, from a closed list."""

    HIGHER_HIGHS_AND_LOWS = "HIGHER_HIGHS_AND_LOWS"
    LOWER_HIGHS_AND_LOWS = "LOWER_HIGHS_AND_LOWS"
    DOUBLE_TOP = "DOUBLE_TOP"
    DOUBLE_BOTTOM = "DOUBLE_BOTTOM"
    BULLISH_ENGULFING = "BULLISH_ENGULFING"
    BEARISH_ENGULFING = "BEARISH_ENGULFING"
    BREAKOUT_UP = "BREAKOUT_UP"
    BREAKOUT_DOWN = "BREAKOUT_DOWN"
    SQUEEZE = "SQUEEZE"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternHit:
    """A pattern, which way it leans (-1, 0, +1), and how many bars ago it was completed."""

    pattern: Pattern
    lean: int
    bars_ago: int


def find_patterns(candles: Candles, swings: tuple[Swing, ...], atr: float) -> tuple[PatternHit, ...]:
    """Every pattern completed within the last ten bars, the newest first."""
    found = [
        *_staircase(candles, swings),
        *_double(candles, swings, atr, top=True),
        *_double(candles, swings, atr, top=False),
        *_engulfing(candles, atr),
        *_breakout(candles),
        *_squeeze(candles),
    ]
    return tuple(sorted(found, key=lambda hit: (hit.bars_ago, hit.pattern)))


def _hit(pattern: Pattern, lean: int, bars_ago: int) -> PatternHit:
    return PatternHit(pattern=pattern, lean=lean, bars_ago=bars_ago)


def _staircase(candles: Candles, swings: tuple[Swing, ...]) -> list[PatternHit]:
    """The last two swing highs and the last two swing lows all rise, or all fall, and the close has not undone it."""
    highs, lows = [s for s in swings if s.high][-2:], [s for s in swings if not s.high][-2:]
    if len(highs) < 2 or len(lows) < 2:
        return []
    ago = len(candles) - 1 - max(highs[1].bar, lows[1].bar) - REACH
    last = candles.last_close
    if highs[1].price > highs[0].price and lows[1].price > lows[0].price and last > lows[1].price:
        return [_hit(Pattern.HIGHER_HIGHS_AND_LOWS, 1, ago)] if ago <= FRESH_BARS else []
    if highs[1].price < highs[0].price and lows[1].price < lows[0].price and last < highs[1].price:
        return [_hit(Pattern.LOWER_HIGHS_AND_LOWS, -1, ago)] if ago <= FRESH_BARS else []
    return []


def _double(candles: Candles, swings: tuple[Swing, ...], atr: float, *, top: bool) -> list[PatternHit]:
    """Two extremes within 0.6 ATR, five bars or more apart, two ATR of air between, then a close through the neck."""
    sign = 1.0 if top else -1.0
    extremes = [s for s in swings if s.high is top][-2:]
    if len(extremes) < 2 or atr <= 0:
        return []
    first, second = extremes
    between = (candles.low if top else candles.high)[first.bar : second.bar + 1]
    neck = float(between.min() if top else between.max())
    alike = abs(first.price - second.price) <= 0.6 * atr and second.bar - first.bar >= 5
    shoulder = min(first.price, second.price) if top else max(first.price, second.price)
    deep = sign * (shoulder - neck) >= 2 * atr
    after = candles.close[second.bar + 1 :]
    broken = np.flatnonzero(sign * (neck - after) > 0)
    if not (alike and deep and len(broken)):
        return []
    ago = len(after) - 1 - int(broken[0])
    pattern = Pattern.DOUBLE_TOP if top else Pattern.DOUBLE_BOTTOM
    return [_hit(pattern, -1 if top else 1, ago)] if ago <= FRESH_BARS else []


def _engulfing(candles: Candles, atr: float) -> list[PatternHit]:
    """In the last three bars, a body of half an ATR or more that covers the opposite body before it; the newest one."""
    opens, closes = candles.open, candles.close
    for ago in range(min(3, len(candles) - 1)):
        now, before = -1 - ago, -2 - ago
        body, earlier = closes[now] - opens[now], closes[before] - opens[before]
        covers = _spans(opens[now], closes[now], opens[before]) and _spans(opens[now], closes[now], closes[before])
        if covers and body * earlier < 0 and abs(body) >= 0.5 * atr and abs(body) > abs(earlier):
            pattern = Pattern.BULLISH_ENGULFING if body > 0 else Pattern.BEARISH_ENGULFING
            return [_hit(pattern, 1 if body > 0 else -1, ago)]
    return []


def _spans(one: float, other: float, value: float) -> bool:
    return min(one, other) <= value <= max(one, other)


def _breakout(candles: Candles) -> list[PatternHit]:
    """In the last three bars, a close beyond the highs or lows of the twenty bars before it, and still beyond them."""
    upper, lower = classic.highest(candles.high, 20), classic.lowest(candles.low, 20)
    last = candles.last_close
    for ago in range(2, -1, -1):
        place = len(candles) - 1 - ago
        if place < 20:
            continue
        ceiling, floor = float(upper[place - 1]), float(lower[place - 1])
        if candles.close[place] > ceiling and last > ceiling:
            return [_hit(Pattern.BREAKOUT_UP, 1, ago)]
        if candles.close[place] < floor and last < floor:
            return [_hit(Pattern.BREAKOUT_DOWN, -1, ago)]
    return []


def _squeeze(candles: Candles) -> list[PatternHit]:
    """The Bollinger bands lie inside one and a half ATR around the same average: quiet before a move, either way."""
    upper, _, lower = classic.bollinger(candles.close)
    outer, _, inner = derived.keltner(candles, width=1.5)
    return [_hit(Pattern.SQUEEZE, 0, 0)] if upper[-1] < outer[-1] and lower[-1] > inner[-1] else []
