"""What was said, and when it could be known: headlines as a series of tones that no bar sees before its time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from desk.domain.errors import DataError
from desk.domain.market import Headline
from desk.domain.moments import to_ms
from desk.indicators.columns import Column, Times
from desk.news.sentiment import sentiment_of
from desk.strategies.views import steady


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tones:
    """Scores in [-1, 1] weighted by confidence, each from the moment (ms UTC) it could be read, oldest first."""

    at: Times
    score: Column
    weight: Column

    def __post_init__(self) -> None:
        """Refuse columns of different length or out of order. Raises DataError."""
        if not len(self.at) == len(self.score) == len(self.weight) or (np.diff(self.at) < 0).any():
            raise DataError("tones come in order of time, each with a score and a weight")

    def mood(self, until: Times, span_ms: int) -> tuple[Column, Column]:
        """For each moment: the weighted mean tone of the `span_ms` before it, and how many headlines it rests on.

        A headline published in the very millisecond counts from the next one on.
        """
        last, first = np.searchsorted(self.at, until, side="left"), np.searchsorted(self.at, until - span_ms)
        said = np.concatenate(([0.0], np.cumsum(self.score * self.weight)))
        weight = np.concatenate(([0.0], np.cumsum(self.weight)))
        weights = weight[last] - weight[first]
        mean = np.divide(said[last] - said[first], weights, out=np.zeros(len(until)), where=weights > 1e-9)
        return steady(mean), (last - first).astype(np.float64)


def read_tones(headlines: Iterable[Headline]) -> Tones:
    """The tones of these headlines by the desk's own lexicon, each known from its publication on."""
    rows = sorted(((to_ms(one.at), sentiment_of(one.title)) for one in headlines), key=lambda row: row[0])
    return Tones(
        at=np.array([at for at, _ in rows], dtype=np.int64),
        score=np.array([read.score for _, read in rows], dtype=np.float64),
        weight=np.array([read.confidence for _, read in rows], dtype=np.float64),
    )
