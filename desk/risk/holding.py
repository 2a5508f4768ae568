"""What a position costs and risks by being held: how far liquidation is, what funding takes, what it must earn back.

All of it before a position exists, from its side and its leverage alone; nothing here knows a quantity.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from desk.domain.errors import DataError

# The lowest maintenance margin Binance asks of its largest symbols; smaller ones ask more, so the estimate is generous.
MAINTENANCE = 0.004
_MOST_LEVERAGE = 150.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Fractions. `funding` and `break_even` are of the notional, `funding_of_margin` of what is put up for it.

    Funding is above zero when it is paid. `break_even` is how far the price must move for the position to end at
    nothing. `stop_is_reached_first` is whether a stop at the asked distance stands before liquidation does.
    """

    long: bool
    leverage: float
    to_liquidation: float
    funding: float
    funding_of_margin: float
    break_even: float
    stop_is_reached_first: bool


def holding(
    *,
    long: bool,
    leverage: float,
    rate: float,
    interval: timedelta,
    held: timedelta,
    stop: float,
    fees: float = 0.0,
    maintenance: float = MAINTENANCE,
) -> Holding:
    """What holding for a while means. `rate` is charged each `interval`; `fees` are of both sides together.

    Raises:
        DataError: for a leverage below 1 or beyond any venue's, or a time or distance that cannot be.
    """
    if held < timedelta(0) or interval <= timedelta(0) or not 0 < stop < 1:
        raise DataError("a position is held for some time, with a stop between nothing and all of its price")
    distance = liquidation_distance(leverage, long=long, maintenance=maintenance)
    charged = (1 if long else -1) * rate * (held / interval)
    return Holding(
        long=long,
        leverage=leverage,
        to_liquidation=round(distance, 6),
        funding=round(charged, 8),
        funding_of_margin=round(charged * leverage, 8),
        break_even=round(max(0.0, charged + fees), 8),
        stop_is_reached_first=stop < distance,
    )


def liquidation_distance(leverage: float, *, long: bool, maintenance: float = MAINTENANCE) -> float:
    """How far the price may move against an isolated position before it is liquidated, as a fraction of its entry.

    From entry x (1 -+ 1 / leverage) / (1 -+ maintenance): Binance FAQ b3c689c1f50a44cabb3a84e663b81d93, one bracket.
    Never below zero: a position that could not be opened has no room.

    Raises:
        DataError: for a leverage below 1 or beyond any venue's, or a maintenance that is no fraction.
    """
    if not 1 <= leverage <= _MOST_LEVERAGE or not 0 <= maintenance < 1:
        raise DataError(f"leverage lies between 1 and {_MOST_LEVERAGE:g}, maintenance between 0 and 1")
    if long:
        return max(0.0, 1.0 - (1.0 - 1.0 / leverage) / (1.0 - maintenance))
    return max(0.0, (1.0 + 1.0 / leverage) / (1.0 + maintenance) - 1.0)
