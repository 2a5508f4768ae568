"""What a unit of the account is worth, whatever is paid in or taken out: its returns are time-weighted returns.

Money that comes in buys units and money that goes out redeems them, at the price of the moment, so that neither is a
gain or a loss. The first unit is worth the account's first equity: without a transfer the price is the equity itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from desk.domain.money import ONE, ZERO


class Point(NamedTuple):
    """The account's equity at a moment, and the sum of all transfers by then; None where nobody told it."""

    at: datetime
    equity: Decimal
    transfers: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """How many there are and the transfers told last. `price` is the last one, kept once everything was taken out."""

    count: Decimal = ONE
    transfers: Decimal | None = None
    price: Decimal | None = None

    def after(self, point: Point) -> tuple[Units, Decimal]:
        """The units once this later point was seen, and what one of them is worth then."""
        if self.price is not None:
            return self._begun_again(point, self.price)
        if point.transfers == self.transfers:
            return self, point.equity / self.count
        before = point.equity - flow(self.transfers, point.transfers)
        price, now = before / self.count, replace(self, transfers=point.transfers)
        if before <= ZERO or before == point.equity:
            # Of an account that had nothing left no unit can be bought: what comes then begins at what it is.
            return now, price
        if point.equity <= ZERO:
            return replace(now, count=ZERO, price=price), price
        return replace(now, count=self.count * point.equity / before), price

    def _begun_again(self, point: Point, price: Decimal) -> tuple[Units, Decimal]:
        """After everything was taken out the first money buys at the last price."""
        if point.equity <= ZERO:
            return replace(self, transfers=point.transfers), price
        return Units(count=point.equity / price, transfers=point.transfers), price


def flow(before: Decimal | None, now: Decimal | None) -> Decimal:
    """What came in between two points, below zero what went out; nothing where one of them does not tell."""
    return ZERO if before is None or now is None else now - before


def came_in(points: Iterable[Point]) -> Iterator[Decimal]:
    """What came in since the first of these points, at each of them, in USDT; below zero what went out."""
    total, before = ZERO, None
    for point in points:
        total += flow(before, point.transfers)
        before = point.transfers
        yield total
