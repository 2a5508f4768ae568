"""How much of a resting order is filled when the market goes through its price: no more than came to meet it.

On one leg that is what the outside market traded, and what stands on the other side at the leg's end within the order's
reach; its touch came all the way and always counts. What one order got is not there for the next. An order too large
for that is filled in part, and whoever it could have traded with is gone from the book.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from desk.domain.money import ZERO
from desk.domain.orders import Side
from desk.venues.paper.engine.floor.state import Floor, Market
from desk.venues.paper.engine.trading import matching
from desk.venues.paper.engine.trading.book import reaches
from desk.venues.paper.engine.vocabulary.orders import Order


@dataclass(slots=True)
class Crowd:
    """Who goes through resting orders on one leg, by the side of those orders.

    `volume` in base asset is what trades on the leg, `mid` where it ends; `met` counts what resting orders got, and a
    side is in `spent` when one of its orders got less than it wanted.
    """

    volume: Decimal
    mid: Decimal
    met: dict[Side, Decimal] = field(default_factory=lambda: dict.fromkeys(Side, ZERO))
    spent: dict[Side, None] = field(default_factory=dict[Side, None])

    @property
    def left(self) -> Decimal:
        """What of the volume did not trade with resting orders."""
        return max(ZERO, self.volume - sum(self.met.values(), ZERO))


def serve(floor: Floor, market: Market, crowd: Crowd, maker: Order) -> None:
    """Fill a resting order that the market went through, as far as the crowd goes."""
    side = maker.side
    came = None
    if floor.realism.depth_bound:
        came = max(ZERO, crowd.volume + _within_reach(market, crowd, maker) - crowd.met[side])
    crowd.met[side] += matching.serve(floor, market, maker, at_most=came)
    if not floor.accounts[maker.account].orders[maker.order_id].status.is_final:
        crowd.spent[side] = None


def clear_met(market: Market, crowd: Crowd) -> None:
    """At the leg's end, take out of the book whoever a partly filled order would still cross."""
    for side in crowd.spent:
        queue = market.book.queues[side]
        if not queue:
            continue
        price = abs(queue[0][0])
        for offered, quantity, rung in tuple(market.book.outside(side.opposite)):
            if reaches(side, price, offered):
                market.book.take(side.opposite, rung, quantity)


def _within_reach(market: Market, crowd: Crowd, maker: Order) -> Decimal:
    book, here = market.book, market.book.mid
    book.centre(crowd.mid)
    total = ZERO
    for place, (price, quantity, _) in enumerate(book.outside(maker.side.opposite)):
        if place and not reaches(maker.side, maker.price, price):
            break
        total += quantity
    book.centre(here)
    return total
