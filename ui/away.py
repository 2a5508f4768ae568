"""How far the mark is from what would end a position: its stop, and the price at which the venue liquidates it."""

from __future__ import annotations

from desk.domain.money import ZERO
from desk.guard.vocabulary.status import PositionStatus
from ui.figures import percent

NONE, UNTOLD = "none", "–"


def to_stop(held: PositionStatus) -> str:
    """To the stop as a percentage of the mark, below zero where the mark is through it; a dash without one."""
    if not held.stop or not held.mark:
        return UNTOLD
    left = held.mark - held.stop if held.quantity > ZERO else held.stop - held.mark
    return percent(left / held.mark)


def to_liquidation(held: PositionStatus) -> str:
    """To the venue's own liquidation price; `none` where the venue names none, a dash where nobody told it."""
    if held.to_liquidation is not None:
        return percent(held.to_liquidation)
    return NONE if held.liquidation == ZERO else UNTOLD
