"""How much stands in the book and how wide it is: thin and wide when the market runs, deep and tight when it rests.

The model has two inputs, both from the past only: the turnover of a usual minute, and *stress*, the recent range of a
minute divided by its usual range.

    depth within 1 % of the touch, each side = 4 usual minutes of turnover / stress ^ 0.75   (bounded to 0.1 .. 2 times)
    spread = one tick, or 0.4 % of the recent minute range times stress (if above 1), whichever is wider

Four minutes is about what BTC perpetuals show in quiet hours; cumulative depth grows with distance ^ 0.75, of which the
touch itself holds 1 %. Quantities vary by a fixed pattern, so that the book does not look ruled, and stay whole steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate
from math import sqrt
from operator import mul

from desk.venues.paper.engine.values import Ladder

# Distances of the levels from the touch, in millionths; a level is never nearer to the next than one tick.
_OFFSETS_PPM = (
    *(0, 10, 20, 40, 60, 80, 110, 150, 200, 260, 340, 440, 580),
    *(760, 1_000, 1_400, 2_000, 2_800, 4_000, 6_000, 9_000, 14_000, 22_000, 32_000),
)
_DEPTH_MINUTES = 4.0
_SPREAD_SHARE = 0.004
_WIDEST = Decimal("0.003")
# Depth is told in steps of an eighth of an octave, so that ladders repeat and can be kept.
_STEPS_PER_OCTAVE = 8
_PATTERNS = 8
# Roots only, no powers: those are exact to the last bit on every machine.
_EIGHTH = sqrt(sqrt(sqrt(2.0)))
_OCTAVE = tuple(accumulate([_EIGHTH] * (_STEPS_PER_OCTAVE - 1), mul, initial=1.0))


def _three_quarters(x: float) -> float:
    """The power 3/4 of `x`."""
    return sqrt(x) * sqrt(sqrt(x))


def _weights() -> tuple[float, ...]:
    reach = [0.01 + 0.99 * _three_quarters(ppm / 10_000) for ppm in _OFFSETS_PPM]
    return tuple(now - before for now, before in zip(reach, [0.0, *reach[:-1]], strict=True))


_WEIGHTS = _weights()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What shapes a book at one moment. `turnover` is a usual minute's in quote asset; `minute_range` is a fraction.

    `lean` above 0 puts that share more on the bid and less on the ask.
    """

    turnover: float
    minute_range: float
    stress: float
    lean: float = 0.0
    pattern: int = 0


def spread_of(conditions: Conditions, price: Decimal, tick: Decimal) -> Decimal:
    """Full spread as a fraction of the mid: a whole number of ticks, at least one, at most 0.3 % or one tick."""
    share = conditions.minute_range * _SPREAD_SHARE * max(1.0, conditions.stress)
    wanted = min(_WIDEST, Decimal(round(share * 1e8)).scaleb(-8))
    ticks = max(1, int(price * wanted / tick))
    return tick * ticks / price


def ladders_of(conditions: Conditions, price: float, tick: float, step: float) -> tuple[Ladder, Ladder]:
    """Bid ladder and ask ladder; prices in quote asset, `step` the smallest quantity."""
    thinning = min(2.0, max(0.1, 1 / _three_quarters(max(conditions.stress, 0.2))))
    units = conditions.turnover * _DEPTH_MINUTES * thinning / price / step
    spacing = max(1, round(tick / price * 1e7))
    pattern = conditions.pattern % _PATTERNS
    return (
        _ladder(_bucket(units * (1 + conditions.lean)), spacing, pattern, step),
        _ladder(_bucket(units * (1 - conditions.lean)), spacing, (pattern + 3) % _PATTERNS, step),
    )


def _bucket(units: float) -> int:
    """The eighth of an octave that `units` falls in, found without a logarithm: those differ between machines."""
    whole = max(1, int(units))
    octave = whole.bit_length() - 1
    part = sum(1 for edge in _OCTAVE if edge * (1 << octave) <= whole) - 1
    return octave * _STEPS_PER_OCTAVE + part


# As many as the symbols that are awake stand on within a few minutes: more would be kept and hardly asked for again.
@lru_cache(maxsize=256)
def _ladder(bucket: int, spacing: int, pattern: int, step: float) -> Ladder:
    """Levels for a depth of about 2 ^ (bucket / 8) steps within 1 %; `spacing` is one tick in tenths of a millionth."""
    octave, part = divmod(bucket, _STEPS_PER_OCTAVE)
    units = _OCTAVE[part] * (1 << octave)
    digits = Decimal(repr(step)).normalize()
    levels: list[tuple[Decimal, Decimal]] = []
    nearest = 0
    for place, (ppm, weight) in enumerate(zip(_OFFSETS_PPM, _WEIGHTS, strict=True)):
        offset = max(ppm * 10, nearest)
        nearest = offset + spacing
        texture = 0.7 + 0.6 * ((place * 37 + pattern * 53 + 11) % 64) / 63
        levels.append((Decimal(offset).scaleb(-7), max(1, int(units * weight * texture)) * digits))
    return tuple(levels)
