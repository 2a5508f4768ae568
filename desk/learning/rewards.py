"""What an outcome is worth to the learner: the desk's reward classes, or what the account felt bar by bar.

CLASSES pays when a trade ends, by its return on what was staked, net of every cost: above 2 % +20, from 0 to 2 % +10,
down to -2 % -10, below -20; more in a streak of the same sign, and more with the trend than against it.
RISK pays every bar the return in per cent, less `aversion` times its square where it is a loss: a smooth gain beats a
wild one of the same size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType

from desk.domain.errors import DataError

GOOD, BAD = 0.02, -0.02
PAID = (-20.0, -10.0, 10.0, 20.0)
LONGEST_STREAK = 3


class Paid(IntEnum):
    """Which of the two."""

    CLASSES = 0
    RISK = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """How outcomes are paid.

    `streak` is added for each win in a row before a win, and taken for losses, three at most; `context` is added for an
    entry with the trend and taken for one against it; `aversion` is the price of a squared per cent of loss.
    """

    paid: Paid = Paid.CLASSES
    streak: float = 1.0
    context: float = 1.0
    aversion: float = 0.5

    def __post_init__(self) -> None:
        """Refuse weights that outweigh the classes. Raises DataError."""
        if not 0 <= self.streak <= 5 or not -5 <= self.context <= 5 or not 0 <= self.aversion <= 100:
            raise DataError("streak is 0 to 5, context -5 to 5, aversion 0 to 100")


def class_of(net: float) -> float:
    """What a trade's net return earns by its class."""
    if net > GOOD:
        return PAID[3]
    if net >= 0.0:
        return PAID[2]
    return PAID[1] if net >= BAD else PAID[0]


REWARDS: Mapping[str, Reward] = MappingProxyType({"classes": Reward(), "risk": Reward(paid=Paid.RISK)})

CHARACTERS: Mapping[str, Reward] = MappingProxyType(
    {
        "balanced": Reward(),
        "conservative": Reward(paid=Paid.RISK, aversion=2.0),
        "aggressive": Reward(paid=Paid.RISK, aversion=0.0),
        "contrarian": Reward(context=-3.0),
    }
)
"""Four tempers of the same learner: what they are taught to like is all that differs."""
