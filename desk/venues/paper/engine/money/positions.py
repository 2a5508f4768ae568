"""What one fill does to one position: pure, exact, and never losing a fraction of money to rounding.

A fill that crosses zero closes what is there and opens the rest on the other side.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from desk.domain.money import ZERO
from desk.venues.paper.engine.money.margin import share


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a fill changes. `closed` and `opened` are quantities not below zero; `realized` is profit before fees.

    `quantity` and `cost` (quantity x entry price, signed) are the position afterwards.
    """

    quantity: Decimal
    cost: Decimal
    closed: Decimal
    opened: Decimal
    realized: Decimal


def effect_of(quantity: Decimal, cost: Decimal, traded: Decimal, price: Decimal) -> Effect:
    """Apply a fill of `traded` (signed: above zero bought) at `price` to a position of `quantity` and `cost`."""
    if quantity == ZERO or (quantity > ZERO) == (traded > ZERO):
        return Effect(
            quantity=quantity + traded, cost=cost + traded * price, closed=ZERO, opened=abs(traded), realized=ZERO
        )
    closed = min(abs(quantity), abs(traded))
    released = share(cost, closed, abs(quantity))
    direction = 1 if quantity > ZERO else -1
    realized = direction * closed * price - released
    left = traded + direction * closed
    after = quantity + traded
    return Effect(
        quantity=after,
        cost=cost - released + left * price,
        closed=closed,
        opened=abs(left),
        realized=realized,
    )
