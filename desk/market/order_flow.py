"""All that flows through one symbol's market while it is listened to: its book, its takers, its forced orders.

Fed event by event, in constant memory; what it says at a moment is a frozen value that a snapshot can keep, because
nobody can listen to the same minute twice.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from desk.domain.market import OrderBook
from desk.domain.orders import Side
from desk.market.book_flow import BookFlow, FlowReading
from desk.market.taker_flow import TakerFlow, TakerReading

FORCED_WINDOW_MS = 15 * 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ForcedReading:
    """Liquidations of the last quarter of an hour, in USDT: shorts that had to buy, longs that had to sell."""

    orders: int
    bought: float
    sold: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The flow of one symbol; `book` is None before two looks at it."""

    book: FlowReading | None
    takers: TakerReading
    forced: ForcedReading


class OrderFlow:
    """One symbol's flow. Events come in order of time, in ms UTC; a trade that comes late counts as now."""

    def __init__(self) -> None:
        self._book = BookFlow()
        self._takers = TakerFlow()
        self._forced: deque[tuple[int, float]] = deque()
        self._newest = 0

    def trade(self, at: int, price: float, quantity: float, taker: Side) -> None:
        """A trade; quantity in base asset."""
        # The venue's lines overtake each other by milliseconds.
        self._newest = max(self._newest, at)
        self._takers.trade(self._newest, price, quantity, taker)
        self._book.trade(price, quantity)

    def book(self, book: OrderBook) -> None:
        """The book now. Raises DataError when it is broken."""
        self._book.look(book)

    def forced(self, at: int, price: float, quantity: float, side: Side) -> None:
        """A liquidation, and the side that it traded on."""
        self._forced.append((at, price * quantity if side is Side.BUY else -price * quantity))

    def reading(self, now: int) -> Flow:
        """The flow up to `now`. Asking forgets what is older than its window."""
        while self._forced and self._forced[0][0] <= now - FORCED_WINDOW_MS:
            self._forced.popleft()
        sizes = [signed for _, signed in self._forced]
        return Flow(
            book=self._book.reading,
            takers=self._takers.reading(now),
            forced=ForcedReading(
                orders=len(sizes),
                bought=sum((size for size in sizes if size > 0), 0.0),
                sold=sum((-size for size in sizes if size < 0), 0.0),
            ),
        )
