"""The labelling rule of decision 15: what the market was, in hindsight, at every bar. Never seen by the detector.

For the bar at t, over the 21 bars before and the 21 after: z is the net log move over root-mean-square return times
sqrt(42).

    BULL      z >= +1
    BEAR      z <= -1
    VOLATILE  neither, and the root-mean-square return is at least 1.25 times its median over the 250 bars before
    SIDEWAYS  otherwise

A run of fewer than 6 bars takes the label of the run before it. The first 100 windows have nothing to be compared with
and the last 21 bars no future: they are not labelled.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from desk.market.candles import Candles

HALF, Z, WILD, USUAL_BARS, FEWEST, SHORTEST = 21, 1.0, 1.25, 250, 100, 6
UNKNOWN = -1
BULL, BEAR, SIDEWAYS, VOLATILE = range(4)

Labels = NDArray[np.int64]


def label(candles: Candles) -> Labels:
    """The label of every bar as an index into bull, bear, sideways, volatile; -1 where there is none."""
    size = len(candles)
    z, size_of_return = moves(candles, 2 * HALF)
    centred_z, centred = np.full(size, np.nan), np.full(size, np.nan)
    centred_z[: size - HALF], centred[: size - HALF] = z[HALF:], size_of_return[HALF:]
    # What was usual is taken from windows that end by t, as `moves` gives them.
    return join_short(classify(centred_z, centred, usual(size_of_return)))


def classify(z: NDArray[np.float64], size_of_return: NDArray[np.float64], normal: NDArray[np.float64]) -> Labels:
    """The four cases above."""
    known = np.isfinite(z) & np.isfinite(size_of_return) & np.isfinite(normal)
    rest = np.where(size_of_return >= WILD * normal, VOLATILE, SIDEWAYS)
    return np.where(known, np.where(z >= Z, BULL, np.where(z <= -Z, BEAR, rest)), UNKNOWN)


def moves(candles: Candles, bars: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """z and root-mean-square return of the `bars` bars that end at each bar."""
    log = np.log(candles.close)
    z, size_of_return = np.full(len(log), np.nan), np.full(len(log), np.nan)
    size_of_return[bars:] = np.sqrt((sliding_window_view(np.diff(log), bars) ** 2).mean(axis=1))
    z[bars:] = (log[bars:] - log[:-bars]) / np.maximum(size_of_return[bars:] * np.sqrt(bars), 1e-12)
    return z, size_of_return


def usual(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The median of the 250 values that end at each place; NaN with fewer than 100, or where the newest is unknown."""
    return pd.Series(values).rolling(USUAL_BARS, min_periods=FEWEST).median().to_numpy()


def join_short(labels: Labels) -> Labels:
    """Runs shorter than 6 bars joined to the run before, from the oldest on."""
    joined = labels.copy()
    edges = np.r_[0, np.flatnonzero(np.diff(labels)) + 1, len(labels)]
    for start, end in pairwise(edges):
        if end - start < SHORTEST and start > 0 and UNKNOWN not in (joined[start - 1], labels[start]):
            joined[start:end] = joined[start - 1]
    return joined
