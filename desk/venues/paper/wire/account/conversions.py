"""Prices that the venue offered for one asset against another, by the id they were offered under."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

_MOST: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """`paid` of asset `sold` for `received` of asset `bought`, until `valid_ms` (UTC). `order_id` 0: not accepted."""

    quote_id: str
    account: str
    sold: str
    paid: Decimal
    bought: str
    received: Decimal
    valid_ms: int
    order_id: int = 0
    accepted_ms: int = 0


@dataclass(slots=True)
class Conversions:
    """The newest thousand offers."""

    _offers: dict[str, Offer] = field(default_factory=dict[str, Offer])

    def add(self, offer: Offer) -> None:
        """Remember an offer; the oldest is forgotten when there are too many."""
        self._offers[offer.quote_id] = offer
        while len(self._offers) > _MOST:
            del self._offers[next(iter(self._offers))]

    def find(self, account: str, *, quote_id: str | None = None, order_id: int | None = None) -> Offer | None:
        """The account's offer of an id, or the accepted one of an order's id."""
        if quote_id is not None:
            found = self._offers.get(quote_id)
            return found if found is not None and found.account == account else None
        accepted = (offer for offer in self._offers.values() if order_id and offer.order_id == order_id)
        return next((offer for offer in accepted if offer.account == account), None)

    def accept(self, offer: Offer, order_id: int, at_ms: int) -> Offer:
        """The offer as it stands once it was taken."""
        taken = self._offers[offer.quote_id] = replace(offer, order_id=order_id, accepted_ms=at_ms)
        return taken
