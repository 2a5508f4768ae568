"""Random numbers that are the same on every machine and under every library version.

Only what IEEE 754 fixes is used: raw bits of PCG64 seeded through SeedSequence (both frozen by numpy's compatibility
policy), sums of integers, single additions, products and quotients, sums in one written order. numpy's exponential,
logarithm and sum are not used on floats, because those may differ in the last bit between processors.
"""

from __future__ import annotations

from math import factorial, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_PIECES = 8
_PIECE_MEAN = 65_535 / 2
# Standard deviation of a sum of eight uniform 16-bit numbers.
_SUM_DEVIATION = sqrt(_PIECES * (65_536**2 - 1) / 12)
_LANES, _LOW, _SHIFT = np.uint64(0x0000FFFF0000FFFF), np.uint64(0xFFFFFFFF), np.uint64(16)
_LN2 = 0.6931471805599453
# 1 / n! from n = 12 down to 0: on |x| <= ln 2 / 2 the rest of the series is below 1e-15.
_SERIES = tuple(1.0 / factorial(n) for n in range(12, -1, -1))


class Draws:
    """A stream of random numbers named by a seed and a key of whole numbers; equal names give equal streams."""

    def __init__(self, seed: int, *key: int) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key))

    def uniform(self, count: int) -> Floats:
        """Numbers in [0, 1), in steps of 2^-53."""
        raw = np.asarray(self._bits.random_raw(count), dtype=np.uint64)
        return (raw >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def normal(self, count: int) -> Floats:
        """Bell-shaped numbers of mean 0 and deviation 1, never beyond 4.9: eight uniform pieces, added."""
        raw = np.asarray(self._bits.random_raw(2 * count), dtype=np.uint64)
        one, two = raw[:count], raw[count:]
        # Four 16-bit pieces of each word are added in two 32-bit lanes, then the lanes.
        lanes = (one & _LANES) + (two & _LANES) + ((one >> _SHIFT) & _LANES) + ((two >> _SHIFT) & _LANES)
        sums = (lanes & _LOW) + (lanes >> np.uint64(32))
        return (sums.astype(np.float64) - _PIECES * _PIECE_MEAN) / _SUM_DEVIATION


def exp(x: Floats) -> Floats:
    """The exponential for |x| < 50, to about 1e-14: powers of two, and a series on what they leave."""
    twos = np.rint(x / _LN2)
    rest = x - twos * _LN2
    total = np.full_like(rest, _SERIES[0])
    for term in _SERIES[1:]:
        total *= rest
        total += term
    return np.ldexp(total, twos.astype(np.int64))


def fading(start: float, keep: float, shocks: Floats) -> Floats:
    """y[t] = keep * y[t-1] + shocks[t], with y[-1] = start; `keep` ** len(shocks) must stay above 1e-250."""
    powers = np.cumprod(np.full(len(shocks), keep))
    return powers * (start + np.cumsum(shocks / powers))


def half_life(steps: float) -> float:
    """How much of a value is kept each step when half of it is left after `steps`."""
    return float(exp(np.array([-_LN2 / steps]))[0])
