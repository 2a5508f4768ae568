"""One symbol's order book: liquidity of the outside market around its mid, and users' resting limit orders.

The outside ladder is re-centred wherever the mid stands; what was taken from it stays taken until the next quote. At
one price users queue behind what stood there before them, which is remembered order by order; what the outside market
adds later queues behind them.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from desk.domain.account import SymbolRules
from desk.domain.market import Level
from desk.domain.money import ONE, ZERO, ceil_to, floor_to
from desk.domain.orders import Side
from desk.venues.paper.engine.vocabulary.instruments import Ladder
from desk.venues.paper.engine.vocabulary.orders import Order, TimeInForce

Resting = tuple[Decimal, int, str, int]
"""A queued order: (signed price, place in time, account, order id); asks by price, bids by minus price."""


class Offer(NamedTuple):
    """Something to trade with: outside liquidity of a rung, or an account's resting order."""

    price: Decimal
    quantity: Decimal
    rung: int = -1
    entry: Resting | None = None


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
        self.ahead: dict[int, Decimal] = {}
        self.unseen: dict[int, None] = {}
        self.update_id = 0
        self._touch: dict[Side, Decimal] = {}
        self._prices: dict[Side, dict[int, Decimal]] = {}
        # The best price of each side, as long as `update_id` is the one it was found at.
        self._best: dict[Side, Decimal | None] = {}
        self._best_at = -1

    def refresh(self, spread: Decimal, bids: Ladder, asks: Ladder, *, recovery: Decimal = ONE) -> None:
        """Take the liquidity of a new quote; of what was consumed of the old one the share `recovery` is back."""
        self.spread = spread
        self.ladders = {Side.BUY: bids, Side.SELL: asks}
        lasting = ONE - recovery
        self.taken = {
            side: {rung: quantity * lasting for rung, quantity in taken.items()} if lasting else {}
            for side, taken in self.taken.items()
        }
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
        taken = self.taken[side]
        for rung, (_, quantity) in enumerate(self.ladders[side]):
            left = quantity - taken[rung] if rung in taken else quantity
            if left > ZERO and (price := self._rung_price(side, rung)) > ZERO:
                yield price, left, rung

    def take(self, side: Side, rung: int, quantity: Decimal) -> None:
        """Consume outside liquidity; who waits behind it at its price moves up."""
        taken = self.taken[side]
        taken[rung] = taken.get(rung, ZERO) + quantity
        price = self._rung_price(side, rung)
        for entry in self.queues[side]:
            if abs(entry[0]) == price and entry[3] in self.ahead and entry[3] not in self.unseen:
                self.ahead[entry[3]] = max(ZERO, self.ahead[entry[3]] - quantity)
            elif is_better(side, price, abs(entry[0])):
                break
        self.update_id += 1

    def add(self, order: Order, *, ahead: Decimal | None) -> None:
        """Queue a resting order. `ahead` stood at its price before it; None: whoever is there always goes first."""
        insort(self.queues[order.side], _entry(order))
        self.remaining[order.order_id] = order.remaining
        if ahead is not None:
            self.ahead[order.order_id] = ahead
        if order.time_in_force is TimeInForce.RPI:
            self.unseen[order.order_id] = None
        self.update_id += 1

    def remove(self, order: Order) -> None:
        """Take a resting order out of its queue."""
        queue, entry = self.queues[order.side], _entry(order)
        at = bisect_left(queue, entry)
        if at < len(queue) and queue[at] == entry:
            del queue[at]
            del self.remaining[order.order_id]
            self.ahead.pop(order.order_id, None)
            self.unseen.pop(order.order_id, None)
            self.update_id += 1

    def shrink(self, order: Order) -> None:
        """Note a partial fill of a resting order."""
        self.remaining[order.order_id] = order.remaining
        self.update_id += 1

    def best_price(self, side: Side) -> Decimal | None:
        """The best price an account's order could meet on `side`, None when it is empty."""
        if self._best_at != self.update_id:
            self._best, self._best_at = {}, self.update_id
        if side not in self._best:
            best = next(self.offers(side), None)
            self._best[side] = None if best is None else best.price
        return self._best[side]

    def offers(self, side: Side) -> Iterator[Offer]:
        """What an account's order would meet on `side`, in the order it would meet it."""
        levels = self.outside(side)
        level: tuple[Decimal, Decimal, int] | None = next(levels, None)
        at, passed = ZERO, ZERO
        for entry in self.queues[side]:
            if entry[3] in self.unseen:
                continue
            price, first = abs(entry[0]), self.ahead.get(entry[3])
            if price != at:
                at, passed = price, ZERO
            while level is not None and (
                is_better(side, level[0], price) or (level[0] == price and (first is None or first > passed))
            ):
                offered, left, rung = level
                before = left if offered != price or first is None else min(left, first - passed)
                yield Offer(offered, before, rung=rung)
                passed += before if offered == price else ZERO
                level = (offered, left - before, rung) if before < left else next(levels, None)
            yield Offer(price, self.remaining[entry[3]], entry=entry)
        while level is not None:
            yield Offer(level[0], level[1], rung=level[2])
            level = next(levels, None)

    def standing(self, side: Side, price: Decimal) -> Decimal:
        """What the outside market has at `price` on `side`: nothing inside the spread, else the level it falls in."""
        left = ZERO
        for place, (level, quantity, _) in enumerate(self.outside(side)):
            left = quantity
            if not is_better(side, level, price):
                return ZERO if place == 0 and level != price else left
        return left

    def levels(self, side: Side, limit: int) -> tuple[Level, ...]:
        """Price levels with users' orders and outside liquidity added up, best first; RPI orders are left out."""
        totals: dict[Decimal, Decimal] = {}
        for offer in self.offers(side):
            if offer.price not in totals and len(totals) == limit:
                break
            totals[offer.price] = totals.get(offer.price, ZERO) + offer.quantity
        return tuple(Level(price, quantity) for price, quantity in totals.items())

    def _rung_price(self, side: Side, rung: int) -> Decimal:
        """Worked out when it is first asked for: most quotes are followed by another before anybody walks the book."""
        known = self._prices.setdefault(side, {})
        if rung not in known:
            touch, tick, (offset, _) = self.touch(side), self._rules.tick, self.ladders[side][rung]
            buying = side is Side.BUY
            known[rung] = floor_to(touch * (ONE - offset), tick) if buying else ceil_to(touch * (ONE + offset), tick)
        return known[rung]


def is_better(side: Side, price: Decimal, other: Decimal) -> bool:
    """Whether of two prices on one side of the book the first is served first."""
    return price > other if side is Side.BUY else price < other


def reaches(side: Side, price: Decimal, limit: Decimal) -> bool:
    """Whether a taker who accepts prices up to `limit` may trade at `price` offered on `side` of the book."""
    return price >= limit if side is Side.BUY else price <= limit


def _entry(order: Order) -> Resting:
    price = -order.price if order.side is Side.BUY else order.price
    return (price, order.queue, order.account, order.order_id)
