"""One symbol's order book: liquidity of the outside market around its mid, and users' resting limit orders.

The outside ladder is re-centred wherever the mid stands; what was taken from it stays taken until the next quote. At
one price the outside market is served first: users queue behind those who were there before them.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from decimal import Decimal

from desk.domain.account import SymbolRules
from desk.domain.market import Level
from desk.domain.money import ONE, ZERO, ceil_to, floor_to
from desk.domain.orders import Side
from desk.venues.paper.engine.instruments import Ladder
from desk.venues.paper.engine.orders import Order

Resting = tuple[Decimal, int, str, int]
"""A queued order: (signed price, place in time, account, order id); asks by price, bids by minus price."""


class Book:
    """Both sides of a book. Prices are on the tick; quantities in base asset."""

    def __init__(self, rules: SymbolRules) -> None:
        self._rules = rules
        self.mid = ZERO
        self.spread = ZERO
        self.ladders: dict[Side, Ladder] = {Side.BUY: (), Side.SELL: ()}
        self.taken: dict[Side, dict[int, Decimal]] = {Side.BUY: {}, Side.SELL: {}}
        self.queues: dict[Side, list[Resting]] = {Side.BUY: [], Side.SELL: []}
        self.remaining: dict[int, Decimal] = {}
        self.update_id = 0
        self._touch: dict[Side, Decimal] = {}
        self._prices: dict[Side, list[Decimal]] = {}

    def refresh(self, spread: Decimal, bids: Ladder, asks: Ladder) -> None:
        """Take the liquidity of a new quote; what was consumed of the old one is forgotten."""
        self.spread = spread
        self.ladders = {Side.BUY: bids, Side.SELL: asks}
        self.taken = {Side.BUY: {}, Side.SELL: {}}
        self.centre(self.mid)

    def centre(self, mid: Decimal) -> None:
        """Stand the outside ladder around `mid`."""
        self.mid = mid
        self._touch = {}
        self._prices = {}
        self.update_id += 1

    def touch(self, side: Side) -> Decimal:
        """The outside market's best price on `side` (BUY: its bid). Bid and ask are at least one tick apart."""
        if not self._touch:
            tick = self._rules.tick
            half = self.spread / 2
            bid = max(floor_to(self.mid * (ONE - half), tick), tick)
            self._touch = {Side.BUY: bid, Side.SELL: max(ceil_to(self.mid * (ONE + half), tick), bid + tick)}
        return self._touch[side]

    def outside(self, side: Side) -> Iterator[tuple[Decimal, Decimal, int]]:
        """(price, quantity left, rung) of the outside ladder on `side`, best first."""
        ladder, taken, prices = self.ladders[side], self.taken[side], self._rung_prices(side)
        for rung, (_, quantity) in enumerate(ladder):
            left = quantity - taken.get(rung, ZERO)
            if left > ZERO and prices[rung] > ZERO:
                yield prices[rung], left, rung

    def take(self, side: Side, rung: int, quantity: Decimal) -> None:
        """Consume outside liquidity."""
        taken = self.taken[side]
        taken[rung] = taken.get(rung, ZERO) + quantity
        self.update_id += 1

    def best_outside(self, side: Side) -> tuple[Decimal, Decimal, int] | None:
        """The first rung with anything left."""
        return next(self.outside(side), None)

    def add(self, order: Order) -> None:
        """Queue a resting order."""
        insort(self.queues[order.side], _entry(order))
        self.remaining[order.order_id] = order.remaining
        self.update_id += 1

    def remove(self, order: Order) -> None:
        """Take a resting order out of its queue."""
        queue, entry = self.queues[order.side], _entry(order)
        at = bisect_left(queue, entry)
        if at < len(queue) and queue[at] == entry:
            del queue[at]
            del self.remaining[order.order_id]
            self.update_id += 1

    def shrink(self, order: Order) -> None:
        """Note a partial fill of a resting order."""
        self.remaining[order.order_id] = order.remaining
        self.update_id += 1

    def best_price(self, side: Side) -> Decimal | None:
        """The best price anybody offers on `side`, None when it is empty."""
        outside = self.best_outside(side)
        queue = self.queues[side]
        user = abs(queue[0][0]) if queue else None
        if outside is None or user is None:
            return user if outside is None else outside[0]
        return max(user, outside[0]) if side is Side.BUY else min(user, outside[0])

    def offered(self, side: Side, limit: Decimal) -> Decimal:
        """Quantity on `side` at `limit` or better for the taker: what a fill-or-kill order can count on."""
        total = ZERO
        for price, quantity, _ in self.outside(side):
            if not reaches(side, price, limit):
                break
            total += quantity
        for signed, _, _, order_id in self.queues[side]:
            if not reaches(side, abs(signed), limit):
                break
            total += self.remaining[order_id]
        return total

    def levels(self, side: Side, limit: int) -> tuple[Level, ...]:
        """Price levels with users' orders and outside liquidity added up, best first."""
        totals: dict[Decimal, Decimal] = {}
        for price, quantity, _ in self.outside(side):
            totals[price] = totals.get(price, ZERO) + quantity
        for signed, _, _, order_id in self.queues[side]:
            price = abs(signed)
            totals[price] = totals.get(price, ZERO) + self.remaining[order_id]
        ordered = sorted(totals.items(), reverse=side is Side.BUY)[:limit]
        return tuple(Level(price, quantity) for price, quantity in ordered)

    def _rung_prices(self, side: Side) -> list[Decimal]:
        known = self._prices.get(side)
        if known is None:
            touch, tick = self.touch(side), self._rules.tick
            if side is Side.BUY:
                known = [floor_to(touch * (ONE - offset), tick) for offset, _ in self.ladders[side]]
            else:
                known = [ceil_to(touch * (ONE + offset), tick) for offset, _ in self.ladders[side]]
            self._prices[side] = known
        return known


def reaches(side: Side, price: Decimal, limit: Decimal) -> bool:
    """Whether a taker who accepts prices up to `limit` may trade at `price` offered on `side` of the book."""
    return price >= limit if side is Side.BUY else price <= limit


def _entry(order: Order) -> Resting:
    price = -order.price if order.side is Side.BUY else order.price
    return (price, order.queue, order.account, order.order_id)
