"""The labelling rule of decision 17: what was sudden, in hindsight, on bars of one minute.

Hindsight knows what was usual around a bar: the median absolute return, and the median log volume with its median
absolute deviation, of the 720 bars before and the 720 after it, in units of a normal deviation. The size of a bar is how
far its high or low lies from any of the five closes before it, over that usual return times the root of the bars walked.

    PRICE     an event from 8 deviations and 0.3 per cent on; doubtful from 5 and 0.25 per cent on
    VOLUME    an event from 5 deviations of log volume on; doubtful from 3 on

Bars of one kind and direction less than 15 minutes apart are one event. An event must be told. Of what is doubtful, to
be told or not is no mistake. An alarm on anything else is false.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desk.market.candles import Candles
from desk.spikes.columns import NoiseColumns, excess_columns, noise_columns
from desk.spikes.detect import SpikeParameters

AROUND, REACH, GAP = 720, 5, 15
EVENT = SpikeParameters(price_sigma=8.0, price_floor_pct=0.3, volume_sigma=5.0, recent_bars=REACH)
DOUBTFUL = SpikeParameters(price_sigma=5.0, price_floor_pct=0.25, volume_sigma=3.0, recent_bars=REACH)
KINDS = ("up", "down", "volume")
# How far apart, in bars, an alarm and its event may stand.
EARLY, LATE = 1, 2

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Run:
    """Bars of one event: the first and the last."""

    first: int
    last: int


def hindsight(candles: Candles) -> NoiseColumns:
    """What was usual around each bar; NaN near both ends."""
    behind = noise_columns(candles, 2 * AROUND, 1)
    columns = (np.full(len(candles), np.nan) for _ in range(3))
    sources = (behind.sigma, behind.log_volume, behind.log_volume_sigma)
    moved: list[NDArray[np.float64]] = []
    for column, source in zip(columns, sources, strict=True):
        column[: len(candles) - AROUND] = source[AROUND:]
        moved.append(column)
    return NoiseColumns(sigma=moved[0], log_volume=moved[1], log_volume_sigma=moved[2])


def runs_of(excess: NDArray[np.float64]) -> list[Run]:
    """The runs of bars at or above their threshold."""
    places = np.flatnonzero(excess >= 1)
    if len(places) == 0:
        return []
    cuts = np.flatnonzero(np.diff(places) >= GAP)
    firsts, lasts = np.r_[places[0], places[cuts + 1]], np.r_[places[cuts], places[-1]]
    return [Run(int(a), int(b)) for a, b in zip(firsts, lasts, strict=True)]


def labelled(
    candles: Candles, usual: NoiseColumns, event: SpikeParameters = EVENT, doubtful: SpikeParameters = DOUBTFUL
) -> dict[str, tuple[list[Run], list[Run]]]:
    """By kind: what must be told, and what may be (the doubtful, and the events among them). `usual` is hindsight's."""
    must, may = excess_columns(candles, usual, event), excess_columns(candles, usual, doubtful)
    return {kind: (runs_of(getattr(must, kind)), runs_of(getattr(may, kind))) for kind in KINDS}


def met(run: Run, others: Sequence[Run], before: int, after: int) -> Run | None:
    """The first of the others that overlaps the run widened by so many bars."""
    return next((o for o in others if o.first <= run.last + after and o.last >= run.first - before), None)
