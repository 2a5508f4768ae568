"""Scores of labels, and the doubt about them: balanced accuracy, lag, changes a month, block bootstrap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
RESAMPLES, SEED = 1000, 20261125


@dataclass(frozen=True, kw_only=True)
class Share:
    """A share with its 95 % interval."""

    value: float
    low: float
    high: float


def wilson(hits: int, of: int) -> Share | None:
    """A share of independent cases with Wilson's interval (E. B. Wilson, 1927); None of none."""
    if of == 0:
        return None
    z, p = 1.96, hits / of
    middle, reach = p + z * z / (2 * of), z * np.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    scale = 1 + z * z / of
    return Share(
        value=round(p, 4), low=round(float((middle - reach) / scale), 4), high=round(float((middle + reach) / scale), 4)
    )


def recalls(truth: Labels, said: Labels, classes: int) -> list[float | None]:
    """Of each class that occurs, the share that was said; None of one that does not."""
    return [round(float((said[truth == k] == k).mean()), 4) if (truth == k).any() else None for k in range(classes)]


def balanced(counts: NDArray[np.float64]) -> float:
    """Balanced accuracy of a confusion table (truth by said): the mean recall of the classes that occur."""
    seen = counts.sum(axis=1)
    return float((np.diagonal(counts)[seen > 0] / seen[seen > 0]).mean())


def confusion(truth: Labels, said: Labels, classes: int) -> NDArray[np.float64]:
    """Truth by said, in counts."""
    return np.bincount(truth * classes + said, minlength=classes * classes).reshape(classes, classes).astype(float)


def balanced_interval(series: Sequence[tuple[Labels, Labels]], classes: int, block: int) -> Share:
    """Balanced accuracy over several series, its interval by resampling whole blocks of neighbouring bars.

    Blocks of the same place in time are drawn together over all series: what moves one coin moves the others.
    """
    tables = [_blocks(truth, said, classes, block) for truth, said in series]
    longest = max(len(t) for t in tables)
    total = np.zeros((longest, classes, classes))
    for table in tables:
        total[longest - len(table) :] += table
    draws = np.random.default_rng(SEED).integers(0, longest, (RESAMPLES, longest))
    figures = [balanced(total[draw].sum(axis=0)) for draw in draws]
    low, high = np.percentile(figures, [2.5, 97.5])
    return Share(value=round(balanced(total.sum(axis=0)), 4), low=round(float(low), 4), high=round(float(high), 4))


def _blocks(truth: Labels, said: Labels, classes: int, block: int) -> NDArray[np.float64]:
    # Aligned at the end: recordings end together, they do not begin together.
    edges = range(len(truth) % block, len(truth), block)
    return np.array([confusion(truth[i : i + block], said[i : i + block], classes) for i in edges])


def changes(said: Labels) -> int:
    """How often the label changes."""
    return int(np.count_nonzero(np.diff(said)))


def lags(truth: Labels, said: Labels) -> tuple[list[int], int]:
    """Bars from each change of the truth to the first bar that says so, and how many changes were never said."""
    edges = np.r_[np.flatnonzero(np.diff(truth)) + 1, len(truth)]
    found: list[int] = []
    missed = 0
    for start, end in pairwise(edges):
        hits = np.flatnonzero(said[start:end] == truth[start])
        found, missed = ([*found, int(hits[0])], missed) if len(hits) else (found, missed + 1)
    return found, missed
