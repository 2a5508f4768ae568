"""How hard the venue is, and which reading it takes where Binance's documents leave two.

The defaults are a venue that does not fill for nothing: who joins a price waits behind who stood there, and an order
larger than what came to meet it is filled in part. Everything random is drawn from a seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from desk.domain.money import ONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Realism:
    """What stands between an order and its fill.

    `latency_ms` is the least time from acceptance to the book and `latency_tail_ms` the mean of an exponential extra,
    drawn per order from `seed`; with both 0 an order meets the book at once. `queue`: who joins a price waits until
    what stood there has traded; without it a touch never fills and a price traded through always does. `depth_bound`:
    a resting order is filled no further than what traded and what stands to meet it. `recovery`, above 0 and at most
    1, is the share of taken liquidity that is back with the next quote; below 1, trading leaves a dent.
    """

    latency_ms: int = 0
    latency_tail_ms: int = 0
    seed: int = 7
    queue: bool = True
    depth_bound: bool = True
    recovery: Decimal = ONE

    @property
    def has_latency(self) -> bool:
        """Whether orders take time on their way to the book."""
        return self.latency_ms > 0 or self.latency_tail_ms > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """The disputed points. `countdown_cancels_algos`: countdownCancelAll takes conditional orders along.

    `forgets`: a cancelled or expired order without a fill is no longer found after three days, any final order after
    ninety, as Binance documents for its order queries.
    """

    countdown_cancels_algos: bool = False
    forgets: bool = True
