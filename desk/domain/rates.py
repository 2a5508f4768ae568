"""How often something happened, and how often it may really happen: a rate with its interval."""

from __future__ import annotations

import math
from statistics import NormalDist


def wilson(successes: int, tries: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's interval of a rate. Source: E. B. Wilson, JASA 22 (1927), 209-212."""
    z = NormalDist().inv_cdf(0.5 + level / 2)
    rate, spread = successes / tries, z * z / tries
    centre = (rate + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(rate * (1 - rate) / tries + spread / (4 * tries))
    return max(0.0, centre - half), min(1.0, centre + half)
