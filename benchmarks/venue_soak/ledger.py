"""What the client side knows, from what the gateway reported and from nothing else.

A fill is booked once, by its trade id. An order is what the venue last said of it; until the venue said something it
is in doubt, and a doubt ends only in an answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from desk.domain.account import Income
from desk.domain.money import ZERO
from desk.domain.orders import Fill, OrderRequest, OrderView, StopRequest, StopStatus, StopView


class Word(StrEnum):
    """What the venue has said of a request."""

    DOUBT = "in doubt"
    TAKEN = "accepted"
    REFUSED = "refused"
    UNREACHED = "not reached"
    DENIED = "denied twice"


@dataclass(slots=True)
class KnownOrder:
    """An order that was sent, once. `final`: it can trade no more."""

    asked: OrderRequest
    intent: str
    word: Word = Word.DOUBT
    view: OrderView | None = None

    @property
    def final(self) -> bool:
        """Whether there is nothing left to ask."""
        return self.word is not Word.DOUBT and (self.word is not Word.TAKEN or self._ended())

    def _ended(self) -> bool:
        return self.view is not None and self.view.status.is_final


@dataclass(slots=True)
class KnownStop:
    """A conditional order that was sent, once."""

    asked: StopRequest
    intent: str
    word: Word = Word.DOUBT
    view: StopView | None = None

    @property
    def final(self) -> bool:
        """Whether there is nothing left to ask."""
        return self.word is not Word.DOUBT and (self.word is not Word.TAKEN or self._ended())

    def _ended(self) -> bool:
        ended = (StopStatus.FINISHED, StopStatus.CANCELED, StopStatus.REJECTED, StopStatus.EXPIRED)
        return self.view is not None and self.view.status in ended


Known = KnownOrder | KnownStop


@dataclass(slots=True)
class Ledger:
    """The books. `wallet` starts at the deposit, in USDT; positions are signed quantities."""

    wallet: Decimal
    orders: dict[str, KnownOrder] = field(default_factory=dict[str, KnownOrder])
    stops: dict[str, KnownStop] = field(default_factory=dict[str, KnownStop])
    fills: dict[tuple[str, int], Fill] = field(default_factory=dict[tuple[str, int], Fill])
    bookings: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])
    positions: Counter[str] = field(default_factory=Counter[str])
    funding: dict[tuple[str, int], Decimal] = field(default_factory=dict[tuple[str, int], Decimal])
    doubts: Counter[str] = field(default_factory=Counter[str])
    outcomes: Counter[str] = field(default_factory=Counter[str])

    def sent(self, known: Known) -> None:
        """Written down before it is sent."""
        if isinstance(known, KnownOrder):
            self.orders[known.asked.client_id] = known
        else:
            self.stops[known.asked.client_id] = known

    def book(self, fills: Iterable[Fill]) -> None:
        """Book each trade once, however often it is told."""
        for fill in fills:
            if (fill.symbol, fill.trade_id) not in self.fills:
                self.enter(fill)

    def enter(self, fill: Fill) -> None:
        """Enter one trade."""
        key = (fill.symbol, fill.trade_id)
        self.fills[key] = fill
        self.bookings[key] += 1
        self.positions[fill.symbol] += fill.side.sign * fill.quantity  # type: ignore[assignment]
        self.wallet += fill.realized - fill.fee

    def book_funding(self, rows: Iterable[Income]) -> None:
        """Book each funding payment once."""
        for row in rows:
            key = (row.symbol, row.transaction_id)
            if row.kind == "FUNDING_FEE" and key not in self.funding:
                self.funding[key] = row.amount
                self.wallet += row.amount

    def position(self, symbol: str) -> Decimal:
        """Signed quantity, from fills alone."""
        return Decimal(self.positions.get(symbol, ZERO))

    def unsettled(self) -> Iterator[Known]:
        """Everything that has not come to its end yet, oldest first."""
        yield from (known for known in self.orders.values() if not known.final)
        yield from (known for known in self.stops.values() if not known.final)

    def in_doubt(self) -> list[str]:
        """Client ids of whose fate the venue has said nothing yet."""
        everything: list[Known] = [*self.orders.values(), *self.stops.values()]
        return [known.asked.client_id for known in everything if known.word is Word.DOUBT]
