"""The traders of a symbol in numbers: what is open, who is on which side, and whether the large agree with the many.

Price and open interest together say what happened: new longs, covered shorts, new shorts or longs that left. A move
that less open interest goes with is positions being given up, not taken. Shares are turned into leans in [-1, 1]:
2 x share - 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from desk.domain.market import Crowd, Gauge

# Per cent over the span, below which neither price nor open interest went anywhere.
MOVED_PRICE, MOVED_INTEREST = 0.3, 0.5
# A lean from which one side is crowded: three of four accounts.
CROWDED_LEAN = 0.5


class Positioning(StrEnum):
    """What price and open interest say together of the span."""

    NEW_LONGS = "NEW_LONGS"
    SHORTS_COVERED = "SHORTS_COVERED"
    NEW_SHORTS = "NEW_SHORTS"
    LONGS_LEFT = "LONGS_LEFT"
    UNMOVED = "UNMOVED"
    UNKNOWN = "UNKNOWN"


class CrowdedSide(StrEnum):
    """Which side the many are on, where most of them are on one."""

    LONG = "LONG"
    SHORT = "SHORT"
    NEITHER = "NEITHER"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdReading:
    """The crowd in numbers; what was not told is None. Changes are per cent over the span that the series cover.

    `accounts_lean`, `top_lean` and `taker_lean` are in [-1, 1], above zero for long or buying. `divergence` is the
    large accounts' lean less the many's: above zero the large ones are longer than the crowd.
    """

    period: str
    points: int
    open_interest: float | None
    interest_change_pct: float | None
    price_change_pct: float | None
    positioning: Positioning
    accounts_lean: float | None
    accounts_change: float | None
    top_lean: float | None
    divergence: float | None
    taker_lean: float | None
    crowded: CrowdedSide


def read_crowd(crowd: Crowd, price_change_pct: float | None) -> CrowdReading:
    """Measure a crowd. `price_change_pct` is the price's change over the span of the series, None if unknown."""
    interest = _change(crowd.open_interest)
    accounts, top, takers = (_lean(series) for series in (crowd.accounts_long, crowd.top_long, crowd.taker_buys))
    earlier = _lean(crowd.accounts_long[:1])
    return CrowdReading(
        period=crowd.period,
        points=len(crowd.open_interest),
        open_interest=crowd.open_interest[-1].value if crowd.open_interest else None,
        interest_change_pct=interest,
        price_change_pct=None if price_change_pct is None else round(price_change_pct, 4),
        positioning=_positioning(price_change_pct, interest),
        accounts_lean=accounts,
        accounts_change=None if accounts is None or earlier is None else round(accounts - earlier, 4),
        top_lean=top,
        divergence=None if top is None or accounts is None else round(top - accounts, 4),
        taker_lean=takers,
        crowded=_crowded(accounts),
    )


def _lean(series: Sequence[Gauge]) -> float | None:
    return round(2 * series[-1].value - 1, 4) if series else None


def _change(series: Sequence[Gauge]) -> float | None:
    if len(series) < 2 or series[0].value <= 0:
        return None
    return round((series[-1].value / series[0].value - 1) * 100, 4)


def _positioning(price: float | None, interest: float | None) -> Positioning:
    if price is None or interest is None:
        return Positioning.UNKNOWN
    if abs(price) < MOVED_PRICE or abs(interest) < MOVED_INTEREST:
        return Positioning.UNMOVED
    if interest > 0:
        return Positioning.NEW_LONGS if price > 0 else Positioning.NEW_SHORTS
    return Positioning.SHORTS_COVERED if price > 0 else Positioning.LONGS_LEFT


def _crowded(lean: float | None) -> CrowdedSide:
    if lean is None:
        return CrowdedSide.UNKNOWN
    if abs(lean) < CROWDED_LEAN:
        return CrowdedSide.NEITHER
    return CrowdedSide.LONG if lean > 0 else CrowdedSide.SHORT
