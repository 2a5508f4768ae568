"""Funding in numbers: what holding costs, whether that is unusual, and which side is crowded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import fmean, median, pstdev

from desk.domain.errors import DataError
from desk.domain.market import FundingPoint, Mark

USUAL_HOURS = 8
DEFAULT_INTERVAL = timedelta(hours=USUAL_HOURS)
# Binance's interest component: what funding is when nobody crowds, 0.01 % per eight hours.
USUAL_RATE = 1e-4
_EXTREME_RATE = 7.5e-4
_EXTREME_SIGMA = 3.0
_FEWEST_CHARGES = 10


class Crowding(StrEnum):
    """Who pays to hold beyond the usual: the side that is crowded."""

    LONGS_PAY = "LONGS_PAY"
    SHORTS_PAY = "SHORTS_PAY"
    BALANCED = "BALANCED"


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingReading:
    """Funding in numbers. Rates are fractions per funding interval; `annual_pct` is the current rate held for a year.

    `sigma` is the current rate's distance from the mean in deviations, `rank` the share of past charges below it; both
    are None with fewer than ten charges. `premium_bps` is mark over index.
    """

    symbol: str
    current: float
    mean: float | None
    annual_pct: float
    sigma: float | None
    rank: float | None
    charges: int
    interval_hours: float
    minutes_to_next: int
    premium_bps: float
    crowding: Crowding
    extreme: bool


def read_funding(mark: Mark, points: Sequence[FundingPoint]) -> FundingReading:
    """Measure the funding that will be charged next against what was charged before.

    Raises DataError when mark or index is not above zero.
    """
    if mark.price <= 0 or mark.index <= 0:
        raise DataError(f"{mark.symbol}: mark and index prices are above zero")
    current, rates = float(mark.funding_rate), [point.rate for point in points]
    hours = funding_interval(points) / timedelta(hours=1)
    known = len(rates) >= _FEWEST_CHARGES
    spread = pstdev(rates) if known else 0.0
    sigma = round((current - fmean(rates)) / spread, 2) if spread > 0 else None
    return FundingReading(
        symbol=mark.symbol,
        current=round(current, 8),
        mean=round(fmean(rates), 8) if rates else None,
        annual_pct=round(current * 24 / hours * 365 * 100, 2),
        sigma=sigma,
        rank=round(sum(rate < current for rate in rates) / len(rates), 4) if known else None,
        charges=len(rates),
        interval_hours=round(hours, 2),
        minutes_to_next=max(0, int((mark.next_funding - mark.at) / timedelta(minutes=1))),
        premium_bps=round(float(mark.price / mark.index - 1) * 10_000, 3),
        crowding=_crowding(current, hours),
        extreme=abs(current) >= _EXTREME_RATE or (sigma is not None and abs(sigma) >= _EXTREME_SIGMA),
    )


def funding_interval(points: Sequence[FundingPoint]) -> timedelta:
    """The usual time between charges, to the hour; eight hours when history cannot tell."""
    gaps = [(later.at - earlier.at).total_seconds() for earlier, later in pairwise(points)]
    hours = round(median(gaps) / 3600) if gaps else 0
    return timedelta(hours=hours) if hours >= 1 else DEFAULT_INTERVAL


def _crowding(rate: float, hours: float) -> Crowding:
    usual = USUAL_RATE * hours / 8
    if rate > 2 * usual:
        return Crowding.LONGS_PAY
    return Crowding.SHORTS_PAY if rate < -usual else Crowding.BALANCED
