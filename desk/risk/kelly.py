"""How much of equity a record of trades would justify, and how much less is wise: Kelly's fraction, doubted and capped.

J. L. Kelly, Bell System Technical J. 35 (1956): the share of equity that makes it grow fastest in the long run, for
bets whose odds are known. Odds are never known: an estimate that is a little too good ruins who bets by it. So the win
rate is taken from the low end of its interval, of what remains a part is taken (E. O. Thorp, 2006), and a cap stands
over it. A record that is too short, or that does not exclude losing, justifies nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from desk.domain.errors import DataError
from desk.domain.rates import wilson
from desk.indicators.columns import Column

FEWEST_TRADES = 30
PART = 0.5
CAP = 0.25
_STEPS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class KellyAdvice:
    """Shares of equity to venture, where a loss loses all that was ventured.

    `full` is Kelly's on the record as it stands, `doubted` on the low end of the win rate, `advised` a part of that and
    never above the cap. `trades` is how many it rests on.
    """

    full: float
    doubted: float
    advised: float
    win_rate: float
    win_rate_low: float
    payoff: float
    trades: int


def kelly_advice(wins: int, losses: int, payoff: float, *, part: float = PART, cap: float = CAP) -> KellyAdvice:
    """What a record justifies. `payoff` is the average win over the average loss.

    Raises:
        DataError: for counts below zero, no trade at all, or a payoff, part or cap that cannot be.
    """
    trades = wins + losses
    if wins < 0 or losses < 0 or trades == 0 or not payoff > 0 or not math.isfinite(payoff):
        raise DataError("a record is of one trade or more, with a payoff above zero")
    if not 0 <= part <= 1 or not 0 <= cap <= 1:
        raise DataError("part and cap are fractions")
    rate, low = wins / trades, wilson(wins, trades)[0]
    doubted = kelly_fraction(low, payoff) if trades >= FEWEST_TRADES else 0.0
    return KellyAdvice(
        full=round(kelly_fraction(rate, payoff), 6),
        doubted=round(doubted, 6),
        advised=round(min(cap, part * doubted), 6),
        win_rate=round(rate, 6),
        win_rate_low=round(low, 6),
        payoff=payoff,
        trades=trades,
    )


def kelly_fraction(win_rate: float, payoff: float) -> float:
    """Kelly's share for a bet that wins `payoff` stakes with chance `win_rate` and else loses one; 0 without edge."""
    return max(0.0, win_rate - (1.0 - win_rate) / payoff)


def growth_fraction(returns: Column, *, most: float = 1.0) -> float:
    """The share f of equity, at most `most`, that makes the mean of log(1 + f r) over these returns largest.

    The growth is concave in f, so that its slope is cut in half until it is found. 0 where the mean is not above zero,
    and always below where the worst of them would end the account.

    Raises:
        DataError: for no returns, or one that is not finite.
    """
    if not len(returns) or not bool(np.isfinite(returns).all()) or most <= 0:
        raise DataError("growth is asked of one finite return or more, up to a share above zero")
    worst = float(-returns.min())
    low, high = 0.0, most if worst <= 0 else min(most, 1.0 / worst * (1.0 - 1e-9))
    if _slope(returns, low) <= 0.0:
        return 0.0
    if _slope(returns, high) >= 0.0:
        return high
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if _slope(returns, middle) > 0.0 else (low, middle)
    return low


def _slope(returns: Column, share: float) -> float:
    return float(np.mean(returns / (1.0 + share * returns)))
