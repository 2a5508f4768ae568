"""The middle of the last values and how far they lie from it, bar after bar, at the price of one insertion each.

The window is kept sorted: the newest value goes in where it belongs, the oldest comes out. In a sorted window the
median lies in the middle, and the distances from it are two sorted lists, so their median is found by halving.
Compiled; `numpy.median` over every window is the plain reference that it agrees with.
"""

from __future__ import annotations

import numpy as np

from desk.indicators.columns import Column
from desk.indicators.compiler import njit


def rolling_median(values: Column, window: int) -> Column:
    """The median of each window, the first that is full first. `values` hold no NaN."""
    return _centres(np.ascontiguousarray(values, dtype=np.float64), window, False)[0]


def rolling_centres(values: Column, window: int) -> tuple[Column, Column]:
    """Median and median absolute deviation from it of each window. `values` hold no NaN."""
    return _centres(np.ascontiguousarray(values, dtype=np.float64), window, True)


@njit(cache=True)
def _centres(values: Column, window: int, spread: bool) -> tuple[Column, Column]:
    count = max(0, len(values) - window + 1)
    middles, spreads = np.empty(count), np.empty(count if spread else 0)
    if count == 0:
        return middles, spreads
    kept = np.sort(values[:window])
    for number in range(count):
        if number > 0:
            _exchange(kept, values[number - 1], values[number + window - 1])
        middle = (kept[(window - 1) // 2] + kept[window // 2]) / 2
        middles[number] = middle
        if spread:
            near = _nearest(kept, middle, (window - 1) // 2)
            spreads[number] = near if window % 2 else (near + _nearest(kept, middle, window // 2)) / 2
    return middles, spreads


@njit(cache=True)
def _exchange(kept: Column, old: float, new: float) -> None:
    """Take one value out of a sorted window and put another in."""
    place = np.searchsorted(kept, old)
    if new >= old:
        while place + 1 < len(kept) and kept[place + 1] < new:
            kept[place] = kept[place + 1]
            place += 1
    else:
        while place > 0 and kept[place - 1] > new:
            kept[place] = kept[place - 1]
            place -= 1
    kept[place] = new


@njit(cache=True)
def _nearest(kept: Column, middle: float, rank: int) -> float:
    """The distance of rank `rank`, the least being 0, among all distances of a sorted window from `middle`."""
    right = np.searchsorted(kept, middle)  # from here on values lie at or above the middle, before it below
    # Take `low` of the nearest from the right and the others from the left: the first split that is in order.
    low, high = max(0, rank + 1 - right), min(rank + 1, len(kept) - right)
    while low < high:
        taken = (low + high) // 2
        others = rank + 1 - taken
        if kept[right + taken] - middle < middle - kept[right - others]:
            low = taken + 1
        else:
            high = taken
    others = rank + 1 - low
    farthest = 0.0
    if low > 0:
        farthest = kept[right + low - 1] - middle
    if others > 0:
        farthest = max(farthest, middle - kept[right - others])
    return farthest
