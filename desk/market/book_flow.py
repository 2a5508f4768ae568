"""What happens to a book between two looks: orders that come, go, and are traded away. Incremental, in constant memory.

At each price the change of quantity is explained by the trades there since the last look, and what trades do not
explain was placed or cancelled by its owner. A wall that goes before anybody could trade with it was never meant: the
share of walls that vanished so is the sign of a book that lies. Prices that left the visible depth are not judged.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from desk.domain.market import Level, OrderBook
from desk.market.book import read_book

# Walls this near to the mid are watched, over so many looks.
NEAR_BPS = 50.0
LOOKS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class SideFlow:
    """One side over the looks at hand, in USDT. `cancel_share` is cancelled over cancelled and traded, in [0, 1].

    `walls_gone` were there at one look and less than half there at the next; `walls_pulled` of them went untraded.
    """

    placed: float
    cancelled: float
    traded: float
    cancel_share: float | None
    walls_gone: int
    walls_pulled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowReading:
    """Both sides; `pressure` in [-1, 1] is net placing under the price against net placing above it."""

    looks: int
    bids: SideFlow
    asks: SideFlow
    pressure: float


@dataclass(frozen=True, slots=True)
class _Step:
    """What one look showed of one side."""

    placed: float = 0.0
    cancelled: float = 0.0
    traded: float = 0.0
    gone: int = 0
    pulled: int = 0


class BookFlow:
    """The flow of one symbol's book. Books come in order of time, trades between those that they happened between."""

    def __init__(self, looks: int = LOOKS) -> None:
        self._steps: deque[tuple[_Step, _Step]] = deque(maxlen=looks)
        self._before: OrderBook | None = None
        self._walls: set[float] = set()
        self._traded: dict[float, float] = {}

    def trade(self, price: float, quantity: float) -> None:
        """A trade at a price, in base asset."""
        self._traded[price] = self._traded.get(price, 0.0) + quantity

    def look(self, book: OrderBook) -> None:
        """The book now. Raises DataError when it is broken."""
        walls = {wall.price for wall in read_book(book).walls if wall.distance_bps <= NEAR_BPS}
        if self._before is not None:
            bids = _step(self._before.bids, book.bids, self._traded, self._walls, bid=True)
            asks = _step(self._before.asks, book.asks, self._traded, self._walls, bid=False)
            self._steps.append((bids, asks))
        self._before, self._walls, self._traded = book, walls, {}

    @property
    def reading(self) -> FlowReading | None:
        """The flow over the looks at hand; None before the second."""
        if not self._steps:
            return None
        bids, asks = (_side([step[side] for step in self._steps]) for side in (0, 1))
        leaning = (bids.placed - bids.cancelled) - (asks.placed - asks.cancelled)
        moved = bids.placed + bids.cancelled + asks.placed + asks.cancelled
        pressure = round(leaning / moved, 4) if moved > 0 else 0.0
        return FlowReading(looks=len(self._steps), bids=bids, asks=asks, pressure=pressure)


def _step(
    before: tuple[Level, ...], now: tuple[Level, ...], traded: dict[float, float], walls: set[float], *, bid: bool
) -> _Step:
    old, new = ({float(level.price): float(level.quantity) for level in side} for side in (before, now))
    # A price beyond what both looks show may have changed unseen.
    edge = max(min(old), min(new)) if bid else min(max(old), max(new))
    placed = cancelled = taken = 0.0
    gone = pulled = 0
    for price in {*old, *new}:
        if price < edge if bid else price > edge:
            continue
        had, has, sold = old.get(price, 0.0), new.get(price, 0.0), traded.get(price, 0.0)
        hit = min(sold, had)
        left = has - (had - hit)
        placed, cancelled = placed + max(left, 0.0) * price, cancelled + max(-left, 0.0) * price
        taken += hit * price
        if price in walls and has < had / 2:
            gone, pulled = gone + 1, pulled + (hit < had / 10)
    return _Step(placed, cancelled, taken, gone, pulled)


def _side(steps: list[_Step]) -> SideFlow:
    cancelled, traded = sum(step.cancelled for step in steps), sum(step.traded for step in steps)
    return SideFlow(
        placed=sum(step.placed for step in steps),
        cancelled=cancelled,
        traded=traded,
        cancel_share=round(cancelled / (cancelled + traded), 4) if cancelled + traded > 0 else None,
        walls_gone=sum(step.gone for step in steps),
        walls_pulled=sum(step.pulled for step in steps),
    )
